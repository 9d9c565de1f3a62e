"""Read the facts of one decision; judge nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.permit import Claimed
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
from fairdial.core.script.fields import spoken_fields

CalendarOf = Callable[[str, datetime], Calendar]
"""Holidays of a jurisdiction around a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A campaign in one run: everything about a call that does not depend on the contact."""

    tenant_id: int
    campaign_id: int
    run_id: int
    run_number: int
    purpose: Purpose
    jurisdiction: str
    line: str
    line_kind: LineKind
    caller_number: str
    script_hash: str
    variables: tuple[tuple[str, str], ...]
    """Variables of the script and the contact's field each is read from."""


async def read_case(connection: AsyncConnection, claimed: Claimed, task: Task, calendar_of: CalendarOf) -> Case:
    """Read one case as it stands now, by the database's clock, inside the caller's transaction."""
    now: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
    contact = (
        (await connection.execute(_CONTACT, {"contact": claimed.contact_id, "campaign": task.campaign_id}))
        .mappings()
        .one()
    )
    return Case(
        now=now,
        jurisdiction=task.jurisdiction,
        purpose=task.purpose,
        line_kind=task.line_kind,
        person=Person(
            zone=contact["zone"],
            region=contact["region"],
            number_kind=NumberKind(contact["number_kind"]),
            refusals=await _refusals(connection, claimed.person_id, task.tenant_id),
            contacted_at=await _contacted_at(connection, claimed.person_id),
        ),
        permission=Permission(
            data_source=contact["data_source"],
            basis=Basis(contact["basis"]) if contact["basis"] else None,
            consents=await _consents(connection, claimed.person_id, task.tenant_id),
        ),
        spoken=await _spoken(connection, task, contact),
        progress=Progress(outcome=contact["outcome"], not_before=contact["not_before"]),
        calendar=calendar_of(task.jurisdiction, now),
    )


_CONTACT = text(
    "SELECT c.name, c.title, c.attributes, c.zone, c.region, c.number_kind, c.data_source, c.basis, cc.not_before,"
    " coalesce(cc.outcome, (SELECT 'unknown' FROM attempt a JOIN run r ON r.id = a.run_id"
    " WHERE a.contact_id = c.id AND r.campaign_id = :campaign AND a.state IN ('dialing', 'unknown') LIMIT 1)) AS outcome"
    " FROM contact c JOIN campaign_contact cc ON cc.contact_id = c.id AND cc.campaign_id = :campaign"
    " WHERE c.id = :contact"
)
_REFUSALS = text("SELECT scope, purpose, tenant_id, source, understood_at FROM refusal WHERE person_id = :person")
_CONTACTED = text(
    "SELECT coalesce(a.dialled_at, p.issued_at) AS at FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.person_id = :person AND (a.state <> 'reserved' OR p.expires_at > fairdial_now())"
    " AND (a.state <> 'ended' OR a.dialled_at IS NOT NULL)"
    " UNION ALL SELECT contacted_at FROM prior_contact WHERE person_id = :person"
)
_CONSENTS = text(
    "SELECT purposes, channels, obtained_at, valid_until, revoked_at, evidence_sha256 FROM consent"
    " WHERE person_id = :person AND tenant_id = :tenant"
)
_APPROVAL = text(
    "SELECT script_hash, expires_at FROM approval WHERE script_hash = :hash ORDER BY expires_at DESC LIMIT 1"
)


async def _refusals(connection: AsyncConnection, person_id: int, tenant_id: int) -> tuple[Refusal, ...]:
    rows = await connection.execute(_REFUSALS, {"person": person_id})
    return tuple(
        Refusal(
            scope=RefusalScope(row.scope),
            purpose=Purpose(row.purpose) if row.purpose else None,
            is_same_tenant=row.tenant_id == tenant_id,
            source=row.source,
            at=row.understood_at,
        )
        for row in rows
    )


async def _contacted_at(connection: AsyncConnection, person_id: int) -> tuple[datetime, ...]:
    rows = await connection.execute(_CONTACTED, {"person": person_id})
    return tuple(sorted(row.at for row in rows))


async def _consents(connection: AsyncConnection, person_id: int, tenant_id: int) -> tuple[Consent, ...]:
    rows = await connection.execute(_CONSENTS, {"person": person_id, "tenant": tenant_id})
    return tuple(
        Consent(
            purposes=frozenset(Purpose(p) for p in row.purposes),
            channels=frozenset(row.channels),
            obtained_at=row.obtained_at,
            valid_until=row.valid_until,
            revoked_at=row.revoked_at,
            evidence_sha256=row.evidence_sha256,
        )
        for row in rows
    )


async def _spoken(connection: AsyncConnection, task: Task, contact: RowMapping) -> Spoken:
    row = (await connection.execute(_APPROVAL, {"hash": task.script_hash})).one_or_none()
    fields = spoken_fields(name=contact["name"], title=contact["title"], attributes=contact["attributes"])
    return Spoken(
        script_hash=task.script_hash,
        approved_hash=row.script_hash if row else None,
        approval_expires_at=row.expires_at if row else None,
        missing_values=tuple(name for name, source in task.variables if source not in fields),
    )
