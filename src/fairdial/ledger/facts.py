"""Read the facts of one decision; judge nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.permit import Claimed
from fairdial.core.policy.case import (
    Abandonment,
    Basis,
    Calendar,
    CallerNumber,
    Campaign,
    Case,
    Consent,
    Contacted,
    Form,
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
    Registry,
    Role,
    Says,
    Spoken,
    Tenant,
)
from fairdial.core.script.fields import spoken_fields

CalendarOf = Callable[[str, datetime], Calendar]
"""Holidays of a country around a moment."""

_ABANDONED_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A campaign in one run: everything about a call that does not depend on the contact."""

    tenant_id: int
    campaign_id: int
    run_id: int
    run_number: int
    line: str
    caller_number: str
    script_hash: str
    variables: tuple[tuple[str, str], ...]
    """Variables of the script and the contact's field each is read from."""


async def read_case(connection: AsyncConnection, claimed: Claimed, task: Task, calendar_of: CalendarOf) -> Case:
    """Read one case as it stands now, by the database's clock, inside the caller's transaction."""
    parties = await _one(connection, _PARTIES, campaign=task.campaign_id)
    contact = await _one(connection, _CONTACT, contact=claimed.contact_id, campaign=task.campaign_id)
    now: datetime = parties["now"]
    countries = {c for c in (contact["country"], parties["seat"]) if c}
    return Case(
        now=now,
        purpose=Purpose(parties["purpose"]),
        person=Person(
            number_country=contact["country"],
            region=contact["region"],
            zone=contact["zone"],
            number_kind=NumberKind(contact["number_kind"]),
            refusals=await _refusals(connection, claimed.person_id, task.tenant_id),
            contacted=await _contacted(connection, claimed.person_id, task.tenant_id),
        ),
        permission=Permission(
            data_source=contact["data_source"],
            basis=Basis(contact["basis"]) if contact["basis"] else None,
            consents=await _consents(connection, claimed.person_id, task.tenant_id),
        ),
        tenant=_tenant(parties),
        campaign=Campaign(
            state=parties["state"],
            topics=_set(parties["topics"], str),
            artificial_voice=parties["artificial_voice"],
            levels=_set(parties["levels"], Level),
        ),
        line=LineFacts(
            kind=LineKind(parties["line_kind"]),
            purposes=_set(parties["line_purposes"], Purpose),
            documents_until=parties["line_documents_until"],
            suspended=parties["line_suspended"],
        ),
        caller=CallerNumber(
            number=parties["caller_number"],
            is_own=parties["is_own"],
            documents_until=parties["caller_documents_until"],
            suspended=parties["caller_suspended"],
        ),
        spoken=_spoken(parties, contact, task),
        progress=Progress(outcome=contact["outcome"], not_before=contact["not_before"]),
        registries=await _registries(connection, claimed.person_id),
        abandonment=(await _abandonment(connection, task.campaign_id),),
        calendars={country: calendar_of(country, now) for country in countries},
    )


def _set(words: list[str] | None, kind: Callable[[str], Any]) -> frozenset[Any] | None:
    return None if words is None else frozenset(kind(word) for word in words)


def _tenant(parties: RowMapping) -> Tenant:
    return Tenant(
        seat=parties["seat"],
        role=Role(parties["role"]) if parties["role"] else None,
        purposes=_set(parties["tenant_purposes"], Purpose),
        contract_until=parties["contract_until"],
        suspended=parties["tenant_suspended"],
    )


def _spoken(parties: RowMapping, contact: RowMapping, task: Task) -> Spoken:
    fields = spoken_fields(name=contact["name"], title=contact["title"], attributes=contact["attributes"])
    return Spoken(
        script_hash=task.script_hash,
        approved_hash=parties["approved_hash"],
        approval_expires_at=parties["approval_expires_at"],
        says=_set(parties["says"], Says),
        missing_values=tuple(name for name, source in task.variables if source not in fields),
        suspended=parties["script_suspended"],
    )


_PARTIES = text(
    "SELECT fairdial_now() AS now, k.purpose, k.state, k.topics, k.artificial_voice, k.caller_number,"
    " t.seat, t.role, t.purposes AS tenant_purposes, t.contract_until, t.suspended_at IS NOT NULL AS tenant_suspended,"
    " l.kind AS line_kind, l.purposes AS line_purposes, l.documents_until AS line_documents_until,"
    " l.suspended_at IS NOT NULL AS line_suspended, n.is_own, n.documents_until AS caller_documents_until,"
    " CASE WHEN n.number IS NOT NULL THEN n.suspended_at IS NOT NULL END AS caller_suspended,"
    " s.says, s.levels, s.suspended_at IS NOT NULL AS script_suspended,"
    " a.script_hash AS approved_hash, a.expires_at AS approval_expires_at"
    " FROM campaign k JOIN tenant t ON t.id = k.tenant_id JOIN line l ON l.name = k.line"
    " JOIN script_version s ON s.hash = k.script_hash"
    " LEFT JOIN caller_number n ON n.number = k.caller_number AND n.tenant_id = k.tenant_id"
    " LEFT JOIN LATERAL (SELECT script_hash, expires_at FROM approval WHERE script_hash = k.script_hash AND tenant_id = k.tenant_id"
    " ORDER BY expires_at DESC LIMIT 1) a ON true WHERE k.id = :campaign"
)
_CONTACT = text(
    "SELECT c.name, c.title, c.attributes, c.country, c.zone, c.region, c.number_kind, c.data_source, c.basis,"
    " cc.not_before, coalesce(cc.outcome, (SELECT 'unknown' FROM attempt a JOIN run r ON r.id = a.run_id"
    " WHERE a.contact_id = c.id AND r.campaign_id = :campaign AND a.state IN ('dialing', 'unknown') LIMIT 1)) AS outcome"
    " FROM contact c JOIN campaign_contact cc ON cc.contact_id = c.id AND cc.campaign_id = :campaign"
    " WHERE c.id = :contact"
)
_REFUSALS = text("SELECT scope, purpose, tenant_id, source, understood_at FROM refusal WHERE person_id = :person")
_CONTACTED = text(
    "SELECT coalesce(a.dialled_at, p.issued_at) AS at, 'call' AS channel, a.tenant_id"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.person_id = :person AND (a.state <> 'reserved' OR p.expires_at > fairdial_now())"
    " AND (a.state <> 'ended' OR a.dialled_at IS NOT NULL)"
    " UNION ALL SELECT contacted_at, channel, tenant_id FROM prior_contact WHERE person_id = :person"
)
_CONSENTS = text(
    "SELECT purposes, channels, obtained_at, valid_until, revoked_at, evidence_sha256, form, artificial_voice, any_hour"
    " FROM consent WHERE person_id = :person AND tenant_id = :tenant"
)
_REGISTRIES = text(
    "SELECT c.name, c.copied_at, e.registry IS NOT NULL AS is_listed, e.listed_since FROM registry_copy c"
    " LEFT JOIN LATERAL (SELECT registry, listed_since FROM registry_entry WHERE registry = c.name AND number_key IN"
    " (SELECT number_key FROM person_number WHERE person_id = :person) ORDER BY listed_since NULLS FIRST LIMIT 1) e ON true"
)
_ABANDONED = text(
    "SELECT count(*) AS answered, count(*) FILTER (WHERE a.first_word_ms IS NULL OR a.first_word_ms > 2000) AS abandoned"
    " FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.campaign_id = :campaign AND a.disposition = 'answered'"
    " AND a.answered_at > fairdial_now() - cast(:span AS interval)"
)


async def _one(connection: AsyncConnection, query: Any, **values: object) -> RowMapping:
    return (await connection.execute(query, values)).mappings().one()


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


async def _contacted(connection: AsyncConnection, person_id: int, tenant_id: int) -> tuple[Contacted, ...]:
    rows = await connection.execute(_CONTACTED, {"person": person_id})
    made = (Contacted(at=r.at, channel=r.channel, is_same_tenant=r.tenant_id == tenant_id) for r in rows)
    return tuple(sorted(made, key=lambda c: c.at))


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
            form=Form(row.form),
            artificial_voice=row.artificial_voice,
            any_hour=row.any_hour,
        )
        for row in rows
    )


async def _registries(connection: AsyncConnection, person_id: int) -> tuple[Registry, ...]:
    rows = await connection.execute(_REGISTRIES, {"person": person_id})
    return tuple(
        Registry(name=r.name, copied_at=r.copied_at, is_listed=r.is_listed, listed_since=r.listed_since) for r in rows
    )


async def _abandonment(connection: AsyncConnection, campaign_id: int) -> Abandonment:
    span = timedelta(days=_ABANDONED_DAYS)
    row = await _one(connection, _ABANDONED, campaign=campaign_id, span=span)
    return Abandonment(days=_ABANDONED_DAYS, answered=row["answered"], abandoned=row["abandoned"])
