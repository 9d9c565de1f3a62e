"""Cases for the gate's tests: one that may be called, and how to change one fact of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fairdial.core.policy.case import (
    Abandonment,
    Basis,
    Calendar,
    CallerNumber,
    Campaign,
    Case,
    Consent,
    Level,
    LineFacts,
    LineKind,
    NumberKind,
    Permission,
    Person,
    Progress,
    Purpose,
    Refusal,
    RefusalScope,
    Role,
    Says,
    Spoken,
    Tenant,
)
from fairdial.packs import load_packs

PACKS = load_packs(None)

CN_MORNING = datetime(2026, 11, 25, 1, 40, tzinfo=UTC)
"""Wednesday, 09:40 in Shanghai, 07:40 in Ürümqi."""


def a_consent(**changes: Any) -> Consent:
    facts: dict[str, Any] = {
        "purposes": frozenset(Purpose),
        "channels": frozenset({"call"}),
        "obtained_at": CN_MORNING - timedelta(days=30),
        "valid_until": None,
        "revoked_at": None,
        "evidence_sha256": "0" * 64,
    }
    return Consent(**(facts | changes))


def a_refusal(**changes: Any) -> Refusal:
    facts: dict[str, Any] = {
        "scope": RefusalScope.TENANT,
        "purpose": None,
        "is_same_tenant": True,
        "source": "call",
        "at": CN_MORNING - timedelta(days=9),
    }
    return Refusal(**(facts | changes))


def a_case(**changes: Any) -> Case:
    """A case that may be called; `changes` replaces single facts, named by their path: `person__zone=None`."""
    far = datetime(2027, 12, 31, tzinfo=UTC)
    case = Case(
        now=CN_MORNING,
        purpose=Purpose.SERVICE,
        person=Person(
            number_country="CN",
            region="上海",
            zone="Asia/Shanghai",
            number_kind=NumberKind.PRACTICE,
            refusals=(),
            contacted=(),
        ),
        permission=Permission(data_source="policy", basis=Basis.EXISTING_CUSTOMER, consents=()),
        tenant=Tenant(
            seat="CN", role=Role.OWN_CUSTOMERS, purposes=frozenset(Purpose), contract_until=far, suspended=False
        ),
        campaign=Campaign(
            state="running", topics=frozenset({"insurance"}), artificial_voice=True, levels=frozenset({Level.PRIVATE})
        ),
        line=LineFacts(kind=LineKind.PRACTICE, purposes=frozenset(Purpose), documents_until=far, suspended=False),
        caller=CallerNumber(number="+8615499990001", is_own=True, documents_until=far, suspended=False),
        spoken=Spoken(
            script_hash="a" * 64,
            approved_hash="a" * 64,
            approval_expires_at=datetime(2027, 6, 1, tzinfo=UTC),
            says=frozenset(Says),
            missing_values=(),
            suspended=False,
        ),
        progress=Progress(),
        registries=(),
        abandonment=(Abandonment(days=30, answered=100, abandoned=0),),
        calendars={"CN": Calendar(holidays=frozenset(), known_until=date(2026, 12, 31))},
    )
    return changed(case, **changes)


def changed(case: Case, **changes: Any) -> Case:
    """The case with single facts replaced, each named by its path."""
    for path, value in changes.items():
        part, _, field = path.partition("__")
        new = replace(getattr(case, part), **{field: value}) if field else value
        case = replace(case, **{part: new})
    return case
