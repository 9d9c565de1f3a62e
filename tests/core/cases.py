"""Cases for the gate's tests: one that may be called, and how to change one fact of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fairdial.core.policy.case import (
    Basis,
    Calendar,
    Case,
    Consent,
    LineKind,
    NumberKind,
    Permission,
    Person,
    Progress,
    Purpose,
    Refusal,
    RefusalScope,
    Spoken,
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
    """A case that may be called; `changes` replaces single facts by name."""
    facts: dict[str, Any] = {
        "now": CN_MORNING,
        "jurisdiction": "CN",
        "purpose": Purpose.SERVICE,
        "line_kind": LineKind.PRACTICE,
        "zone": "Asia/Shanghai",
        "number_kind": NumberKind.PRACTICE,
        "refusals": (),
        "contacted_at": (),
        "data_source": "policy",
        "basis": Basis.EXISTING_CUSTOMER,
        "consents": (),
        "approved_hash": "a" * 64,
        "approval_expires_at": datetime(2027, 6, 1, tzinfo=UTC),
        "missing_values": (),
        "outcome": None,
        "not_before": None,
        "holidays": frozenset(),
        "known_until": date(2026, 12, 31),
    } | changes
    return Case(
        now=facts["now"],
        jurisdiction=facts["jurisdiction"],
        purpose=facts["purpose"],
        line_kind=facts["line_kind"],
        person=Person(
            zone=facts["zone"],
            region="上海",
            number_kind=facts["number_kind"],
            refusals=facts["refusals"],
            contacted_at=facts["contacted_at"],
        ),
        permission=Permission(data_source=facts["data_source"], basis=facts["basis"], consents=facts["consents"]),
        spoken=Spoken(
            script_hash="a" * 64,
            approved_hash=facts["approved_hash"],
            approval_expires_at=facts["approval_expires_at"],
            missing_values=facts["missing_values"],
        ),
        progress=Progress(outcome=facts["outcome"], not_before=facts["not_before"]),
        calendar=Calendar(holidays=facts["holidays"], known_until=facts["known_until"]),
    )
