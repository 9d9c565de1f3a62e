"""Read the facts of one decision; judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
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
from fairdial.ledger.campaigns import HOURS
from fairdial.ledger.people.contacts import addressed
from fairdial.ledger.protection.vault import Vault

CalendarOf = Callable[[str, datetime], Calendar]
"""Holidays of a country around a moment."""

_ABANDONED_DAYS = 30
"""From the beginning of the hour in which they begin."""


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
    lines: tuple[str, ...] = ()
    caller_numbers: tuple[str, ...] = ()

    @property
    def all_lines(self) -> tuple[str, ...]:
        """Every line of the campaign, the first first."""
        return self.lines or (self.line,)

    @property
    def all_caller_numbers(self) -> tuple[str, ...]:
        return self.caller_numbers or (self.caller_number,)


async def read_cases(
    connection: AsyncConnection, claimed: Sequence[Claimed], task: Task, calendar_of: CalendarOf, vault: Vault
) -> dict[int, Case]:
    """Read cases as they stand now, by the database's clock, in one statement inside the caller's transaction.

    Returns:
        By contact; what does not depend on the contact is one value for all.
    """
    asked = [one.contact_id for one in claimed]
    return await cases_of(connection, _FACTS, {"campaign": task.campaign_id}, asked, task, calendar_of, vault)


async def cases_of(
    connection: AsyncConnection,
    facts: TextClause,
    values: Mapping[str, object],
    contacts: Sequence[int],
    task: Task,
    calendar_of: CalendarOf,
    vault: Vault,
) -> dict[int, Case]:
    """Read cases by a statement of `facts_of`; `values` are what it names besides what a task has."""
    found = await connection.execute(
        facts,
        {
            **values,
            "contacts": list(contacts),
            "tenant": task.tenant_id,
            "line": task.line,
            "caller": task.caller_number,
            "script": task.script_hash,
            "span": timedelta(days=_ABANDONED_DAYS),
        },
    )
    rows = found.mappings().all()
    if not rows:
        return {}
    common, spoken = _common(rows[0]), _script(rows[0], task)
    calendars: dict[str, Calendar] = {}
    return {row["contact_id"]: _case(row, task, common, spoken, calendars, calendar_of, vault) for row in rows}


def _common(row: RowMapping) -> Case:
    """What every case of a campaign shares at one moment."""
    return Case(
        now=row["now"],
        purpose=Purpose(row["purpose"]),
        tenant=_tenant(row),
        campaign=Campaign(
            state=row["state"],
            topics=_set(row["topics"], str),
            artificial_voice=row["artificial_voice"],
            hours=HOURS.validate_python(row["hours"]),
            levels=_set(row["levels"], Level),
        ),
        line=LineFacts(
            kind=LineKind(row["line_kind"]),
            purposes=_set(row["line_purposes"], Purpose),
            documents_until=row["line_documents_until"],
            suspended=row["line_suspended"],
        ),
        caller=CallerNumber(
            number=row["caller_number"],
            is_own=row["is_own"],
            documents_until=row["caller_documents_until"],
            suspended=row["caller_suspended"],
        ),
        abandonment=(Abandonment(days=_ABANDONED_DAYS, answered=row["answered"], abandoned=row["abandoned"]),),
    )


def _case(
    row: RowMapping,
    task: Task,
    common: Case,
    spoken: Spoken,
    calendars: dict[str, Calendar],
    calendar_of: CalendarOf,
    vault: Vault,
) -> Case:
    countries = [country for country in {row["country"], row["seat"]} if country]
    for country in countries:
        if country not in calendars:
            calendars[country] = calendar_of(country, common.now)
    fields = spoken_fields(**addressed(vault, row["number_key"], row["sealed"]))
    return replace(
        common,
        person=Person(
            number_country=row["country"],
            region=row["region"],
            zone=row["zone"],
            number_kind=NumberKind(row["number_kind"]),
            refusals=tuple([_refusal(item, task.tenant_id) for item in row["refusals"]]),
            contacted=tuple([_contacted(item, task.tenant_id) for item in row["contacted"]]),
        ),
        permission=Permission(
            data_source=row["data_source"],
            basis=Basis(row["basis"]) if row["basis"] else None,
            consents=tuple([_consent(item) for item in row["consents"]]),
        ),
        spoken=replace(spoken, missing_values=tuple([name for name, source in task.variables if source not in fields])),
        progress=Progress(outcome=row["outcome"], not_before=row["not_before"]),
        registries=tuple([_registry(item) for item in row["registries"]]),
        calendars={country: calendars[country] for country in countries},
    )


def _set(words: list[str] | None, kind: Callable[[str], Any]) -> frozenset[Any] | None:
    return None if words is None else frozenset(kind(word) for word in words)


def _tenant(row: RowMapping) -> Tenant:
    return Tenant(
        seat=row["seat"],
        role=Role(row["role"]) if row["role"] else None,
        purposes=_set(row["tenant_purposes"], Purpose),
        contract_until=row["contract_until"],
        suspended=row["tenant_suspended"],
    )


def _script(row: RowMapping, task: Task) -> Spoken:
    return Spoken(
        script_hash=task.script_hash,
        approved_hash=row["approved_hash"],
        approval_expires_at=row["approval_expires_at"],
        says=_set(row["says"], Says),
        suspended=row["script_suspended"],
    )


def _moment(text_or_none: str | None) -> datetime | None:
    return datetime.fromisoformat(text_or_none) if text_or_none else None


def _refusal(item: dict[str, Any], tenant_id: int) -> Refusal:
    return Refusal(
        scope=RefusalScope(item["scope"]),
        purpose=Purpose(item["purpose"]) if item["purpose"] else None,
        is_same_tenant=item["tenant"] == tenant_id,
        source=item["source"],
        at=datetime.fromisoformat(item["at"]),
    )


def _contacted(item: dict[str, Any], tenant_id: int) -> Contacted:
    at = datetime.fromisoformat(item["at"])
    return Contacted(at=at, channel=item["channel"], is_same_tenant=item["tenant"] == tenant_id)


def _consent(item: dict[str, Any]) -> Consent:
    return Consent(
        purposes=frozenset(Purpose(p) for p in item["purposes"]),
        channels=frozenset(item["channels"]),
        obtained_at=datetime.fromisoformat(item["obtained_at"]),
        valid_until=_moment(item["valid_until"]),
        revoked_at=_moment(item["revoked_at"]),
        evidence_sha256=item["evidence_sha256"],
        form=Form(item["form"]),
        artificial_voice=item["artificial_voice"],
        any_hour=item["any_hour"],
    )


def _registry(item: dict[str, Any]) -> Registry:
    return Registry(
        name=item["name"],
        copied_at=datetime.fromisoformat(item["copied_at"]),
        is_listed=item["is_listed"],
        listed_since=_moment(item["listed_since"]),
    )


_REFUSALS = (
    "SELECT jsonb_build_object('scope', scope, 'purpose', purpose, 'tenant', tenant_id, 'source', source,"
    " 'at', understood_at) FROM refusal WHERE person_id = c.person_id ORDER BY id"
)
_CONTACTED = (
    "SELECT jsonb_build_object('at', made.at, 'channel', made.channel, 'tenant', made.tenant_id) FROM ("
    "SELECT coalesce(a.dialled_at, p.issued_at) AS at, 'call' AS channel, a.tenant_id"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.person_id = c.person_id AND (a.state <> 'reserved' OR p.expires_at > fairdial_now())"
    " AND (a.state <> 'ended' OR a.dialled_at IS NOT NULL AND NOT a.surely_unrung)"
    " UNION ALL SELECT contacted_at, channel, tenant_id FROM prior_contact WHERE person_id = c.person_id"
    ") made ORDER BY made.at"
)
_CONSENTS = (
    "SELECT jsonb_build_object('purposes', purposes, 'channels', channels, 'obtained_at', obtained_at,"
    " 'valid_until', valid_until, 'revoked_at', revoked_at, 'evidence_sha256', evidence_sha256, 'form', form,"
    " 'artificial_voice', artificial_voice, 'any_hour', any_hour)"
    " FROM consent WHERE person_id = c.person_id AND tenant_id = :tenant ORDER BY id"
)
_REGISTRIES = (
    "SELECT jsonb_build_object('name', y.name, 'copied_at', y.copied_at, 'is_listed', e.registry IS NOT NULL,"
    " 'listed_since', e.listed_since) FROM registry_copy y"
    " LEFT JOIN LATERAL (SELECT registry, listed_since FROM registry_entry WHERE registry = y.name AND number_key IN"
    " (SELECT number_key FROM person_number WHERE person_id = c.person_id) ORDER BY listed_since NULLS FIRST LIMIT 1) e"
    " ON true ORDER BY y.name"
)


def _suspended(resource: str, name: str) -> str:
    """SQL for whether a suspension of a resource stands; `name` is the expression that names it."""
    return f"EXISTS (SELECT 1 FROM suspension x WHERE x.resource = '{resource}' AND x.name = {name} AND x.lifted_at IS NULL)"


_COMMON_OF = (
    "SELECT k.id, k.purpose, k.state, k.topics, k.artificial_voice, k.hours, cast(:caller AS text) AS caller_number,"
    f" t.seat, t.role, t.purposes AS tenant_purposes, t.contract_until, {_suspended('tenant', 't.id::text')} AS tenant_suspended,"
    " l.kind AS line_kind, l.purposes AS line_purposes, l.documents_until AS line_documents_until,"
    f" {_suspended('line', 'l.name')} AS line_suspended, n.is_own, n.documents_until AS caller_documents_until,"
    f" CASE WHEN n.number IS NOT NULL THEN {_suspended('caller', 'n.number')} END AS caller_suspended,"
    f" s.says, s.levels, {_suspended('script', 's.hash')} AS script_suspended,"
    " ap.script_hash AS approved_hash, ap.expires_at AS approval_expires_at, done.answered, done.abandoned"
    " FROM {} k JOIN tenant t ON t.id = k.tenant_id JOIN line l ON l.name = :line"
    " JOIN script_version s ON s.hash = :script"
    " LEFT JOIN caller_number n ON n.number = :caller AND n.tenant_id = k.tenant_id"
    " LEFT JOIN LATERAL (SELECT script_hash, expires_at FROM approval WHERE script_hash = :script"
    " AND tenant_id = k.tenant_id ORDER BY expires_at DESC LIMIT 1) ap ON true"
    " CROSS JOIN LATERAL (SELECT coalesce(sum(h.answered), 0)::int AS answered, coalesce(sum(h.abandoned), 0)::int AS abandoned"
    " FROM answered_hour h WHERE h.campaign_id = k.id"
    " AND h.hour >= date_trunc('hour', fairdial_now() - cast(:span AS interval), 'UTC')) done"
)


def facts_of(campaign: str, *, members: str) -> TextClause:
    """All facts of many cases in one statement: one snapshot, one round trip.

    Args:
        campaign: SQL of one row of `campaign`. Line, caller number and script are those the permit would be made out for,
            whatever the campaign has become since the run began.
        members: SQL that joins `campaign_contact cc` to the campaign `k` and the contact `c`.
    """
    return text(f"WITH common AS MATERIALIZED ({_COMMON_OF.format(campaign)}){_CASES.format(members)}")


_CASES = (
    " SELECT fairdial_now() AS now, k.*, c.id AS contact_id,"
    " c.number_key, c.sealed, c.country, c.zone, c.region, c.number_kind, c.data_source, c.basis,"
    " cc.not_before, coalesce(cc.outcome, (SELECT 'unknown' FROM attempt a JOIN run r ON r.id = a.run_id"
    " WHERE a.person_id = c.person_id AND a.contact_id = c.id AND r.campaign_id = k.id"
    " AND a.state IN ('dialing', 'unknown') LIMIT 1)) AS outcome,"
    f" array({_REFUSALS}) AS refusals, array({_CONTACTED}) AS contacted, array({_CONSENTS}) AS consents,"
    f" array({_REGISTRIES}) AS registries"
    " FROM common k CROSS JOIN contact c {} WHERE c.id = ANY(:contacts)"
)
MEMBERS = "JOIN campaign_contact cc ON cc.contact_id = c.id AND cc.campaign_id = k.id"
_FACTS = facts_of("(SELECT * FROM campaign WHERE id = :campaign)", members=MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person refused and allowed: all refusals, and the consents one tenant holds."""

    person_id: int
    refusals: tuple[Refusal, ...]
    consents: tuple[Consent, ...]


async def read_said(connection: AsyncConnection, people: Sequence[int], tenant_id: int) -> list[Said]:
    """What each of many people refused and allowed this tenant, in one statement."""
    rows = await connection.execute(_SAID, {"people": list(people), "tenant": tenant_id})
    return [
        Said(
            person_id=row.id,
            refusals=tuple(_refusal(item, tenant_id) for item in row.refusals),
            consents=tuple(_consent(item) for item in row.consents),
        )
        for row in rows
    ]


_SAID = text(
    f"SELECT c.person_id AS id, array({_REFUSALS}) AS refusals, array({_CONSENTS}) AS consents"
    " FROM unnest(cast(:people AS int[])) AS c (person_id)"
)
