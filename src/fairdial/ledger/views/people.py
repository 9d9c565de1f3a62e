"""What a tenant has to do with one person, found by a number: nothing above what is general but the number itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything a tenant may be asked about a person: whether, why and why not they were called.

    Attributes:
        asked: A row for every campaign that a contact of theirs stands in, with its newest verdict if there is one.
        calls: The newest first.
    """

    contacts: Rows
    asked: Rows
    calls: Rows
    consents: Rows
    refusals: Rows
    complaints: Rows


async def person_found(database: Database, *, tenant: str, number: str) -> Found | None:
    """The person of a number; None when this tenant knows nothing of them, whoever else does."""
    async with database.transaction() as connection:
        about = await _known(connection, database, tenant, number)
        if about is None:
            return None
        contacts = (await connection.execute(text(_CONTACTS), about)).mappings().all()
        rows = {
            name: [dict(row) for row in (await connection.execute(text(query), about)).mappings()]
            for name, query in _ABOUT.items()
        }
    return Found(contacts=[opened(database.vault, row) for row in contacts], **rows)


async def is_known(database: Database, *, tenant: str, number: str) -> bool:
    """Whether this tenant knows anything of the person of a number."""
    async with database.transaction() as connection:
        return await _known(connection, database, tenant, number) is not None


async def _known(connection: AsyncConnection, database: Database, tenant: str, number: str) -> dict[str, int] | None:
    found = await connection.execute(text(_KNOWN), {"key": database.person_key.of(number), "tenant": tenant})
    row = found.one_or_none()
    return None if row is None else {"person": row.person_id, "tenant": row.tenant_id}


_TELLS = ("contact", "consent", "refusal", "complaint", "prior_contact")
"""A tenant with a row in one of these knows the person."""

_KNOWN = (
    "SELECT n.person_id, t.id AS tenant_id FROM person_number n, tenant t WHERE n.number_key = :key AND t.name = :tenant"
    f" AND ({' OR '.join(f'EXISTS (SELECT 1 FROM {one} x WHERE x.person_id = n.person_id AND x.tenant_id = t.id)' for one in _TELLS)})"
)
_CONTACTS = (
    "SELECT c.id, l.name AS list, c.line_no, c.region, c.country, c.number_kind, c.basis, c.data_source,"
    f" {with_sealed('contact', 'c')} FROM contact c JOIN list l ON l.id = c.list_id"
    " WHERE c.person_id = :person AND c.tenant_id = :tenant ORDER BY c.id"
)
_ABOUT = {
    "asked": "SELECT c.id AS contact_id, k.name AS campaign, k.purpose, cc.outcome, cc.not_before, v.outcome AS verdict,"
    " v.decided_at, v.until, v.opinions, v.pack_versions FROM contact c JOIN campaign k ON k.list_id = c.list_id"
    " JOIN campaign_contact cc ON cc.campaign_id = k.id AND cc.contact_id = c.id"
    " LEFT JOIN LATERAL (SELECT x.* FROM verdict x JOIN run r ON r.id = x.run_id WHERE x.contact_id = c.id"
    " AND r.campaign_id = k.id ORDER BY x.id DESC LIMIT 1) v ON true"
    " WHERE c.person_id = :person AND c.tenant_id = :tenant ORDER BY c.id, k.id",
    "calls": "SELECT a.id, a.contact_id, k.name AS campaign, a.state, a.disposition, a.outcome, a.grade, a.dialled_at,"
    " a.answered_at, a.ended_at FROM attempt a JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id"
    " WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY a.id DESC",
    "consents": "SELECT purposes, channels, form, artificial_voice, any_hour, obtained_at, valid_until, revoked_at"
    " FROM consent WHERE person_id = :person AND tenant_id = :tenant ORDER BY id",
    "refusals": "SELECT id, scope, purpose, source, kind, attempt_id AS call, understood_at, durable_at"
    " FROM refusal WHERE person_id = :person AND tenant_id = :tenant ORDER BY id",
    "complaints": "SELECT id, category, source, received_at, closed_at FROM complaint"
    " WHERE person_id = :person AND tenant_id = :tenant ORDER BY id",
}
