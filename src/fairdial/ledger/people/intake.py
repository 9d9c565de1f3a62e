"""Lists and earlier facts into the ledger, each in one transaction: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text

from fairdial.core.contacts.rows import ContactRow, RejectedRow
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.incoming import stage, staged, take_in
from fairdial.ledger.people.numbers import in_parts, persons_of
from fairdial.ledger.people.refusals import close_what_is_not_dialled
from fairdial.ledger.protection.sealed import of_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file a list came from."""

    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRefusal:
    """A refusal known from before: from an import, a registry, a message."""

    number: str
    refused_at: datetime
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierContact:
    """A call or message somebody made before; it counts against the person's allowance."""

    number: str
    at: datetime
    channel: str
    source: str


async def import_list(
    database: Database,
    *,
    tenant: str,
    name: str,
    source: Source,
    contacts: Sequence[ContactRow],
    rejected: Sequence[RejectedRow],
) -> int:
    """Put a list's good rows in; where a number comes twice, its later row stands.

    Returns:
        The import's id.
    """
    rows = list({row.number: row for row in contacts}.values())

    async def parts() -> AsyncIterator[bytes]:
        for part in in_parts(rows):
            yield b"".join(staged(part, database.person_key, database.vault))

    imported = await import_parts(
        database, tenant=tenant, name=name, source=source, parts=parts(), read=lambda: (len(contacts), rejected)
    )
    return imported


async def import_parts(
    database: Database,
    *,
    tenant: str,
    name: str,
    source: Source,
    parts: AsyncIterator[bytes],
    read: Callable[[], tuple[int, Sequence[RejectedRow]]],
    done: Callable[[float], object] = lambda _share: None,
) -> int:
    """Put prepared rows into a list; a contact known from an earlier import is brought up to date.

    Who is new joins every campaign over the list that is not finished, and is due there now.

    Args:
        parts: Lines of `incoming.staged`, of each number one.
        read: Asked once all parts have come: how many rows are usable, and which are rejected.
        done: Called now and then with the share of the parts that is taken in, in [0, 1], once all have come.

    Returns:
        The import's id.
    """
    async with database.transaction() as connection:
        await stage(connection, parts)
        accepted, rejected = read()
        owner = await tenant_id(connection, tenant)
        list_id = (
            await connection.execute(
                text(
                    "INSERT INTO list (tenant_id, name) VALUES (:tenant, :name) ON CONFLICT (tenant_id, name)"
                    " DO UPDATE SET name = excluded.name RETURNING id"
                ),
                {"tenant": owner, "name": name},
            )
        ).scalar_one()
        import_id: int = (
            await connection.execute(
                text(
                    "INSERT INTO list_import (tenant_id, list_id, file_name, file_sha256, accepted, rejected)"
                    " VALUES (:tenant, :list, :file, :sha, :accepted, cast(:rejected AS jsonb)) RETURNING id"
                ),
                {
                    "tenant": owner,
                    "list": list_id,
                    "file": source.file_name,
                    "sha": source.sha256,
                    "accepted": accepted,
                    "rejected": json.dumps([asdict(row) for row in rejected], ensure_ascii=False),
                },
            )
        ).scalar_one()
        await take_in(connection, tenant=owner, list_id=list_id, import_id=import_id, done=done)
        await connection.execute(_JOIN_CAMPAIGNS, {"list": list_id, "import": import_id})
    return import_id


async def lists(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """The tenant's lists by name: people, the newest file and when it came."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT l.name, (SELECT count(*) FROM contact c WHERE c.list_id = l.id AND c.sealed IS NOT NULL) AS people,"
                " i.file_name AS file, i.imported_at FROM list l LEFT JOIN LATERAL (SELECT file_name, imported_at"
                " FROM list_import WHERE list_id = l.id ORDER BY id DESC LIMIT 1) i ON true"
                " WHERE l.tenant_id = :tenant ORDER BY l.name"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def import_refusals(database: Database, *, tenant: str, refusals: Sequence[EarlierRefusal]) -> int:
    """Put earlier refusals in, each with everything it closes; returns how many were new.

    Locks each person, in one order for all importers, so that no permit is issued or spent meanwhile.
    """
    added = 0
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        person_by = await persons_of(connection, database, [r.number for r in refusals])
        for refusal in sorted(refusals, key=lambda r: person_by[r.number]):
            person = person_by[refusal.number]
            await connection.execute(text("SELECT id FROM person WHERE id = :id FOR NO KEY UPDATE"), {"id": person})
            row = await connection.execute(
                text(
                    "INSERT INTO refusal (tenant_id, person_id, scope, source, kind, sealed, understood_at,"
                    " durable_at) VALUES (:tenant, :person, 'tenant', :source, 'hard', :sealed, :at,"
                    " fairdial_now()) ON CONFLICT (tenant_id, person_id, source, understood_at) DO NOTHING RETURNING id"
                ),
                {
                    "tenant": owner,
                    "person": person,
                    "source": refusal.source,
                    "sealed": database.vault.seal(of_refusal(person), {"evidence": refusal.evidence}),
                    "at": refusal.refused_at,
                },
            )
            if (refusal_id := row.scalar_one_or_none()) is not None:
                await close_what_is_not_dialled(connection, refusal_id)
                added += 1
    return added


async def import_contacts_made(database: Database, *, tenant: str, made: Sequence[EarlierContact]) -> int:
    """Put earlier calls and messages in; returns how many were new."""
    added = 0
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        person_by = await persons_of(connection, database, [contact.number for contact in made])
        for contact in made:
            row = await connection.execute(
                text(
                    "INSERT INTO prior_contact (tenant_id, person_id, contacted_at, channel, source)"
                    " VALUES (:tenant, :person, :at, :channel, :source)"
                    " ON CONFLICT (tenant_id, person_id, contacted_at, channel) DO NOTHING"
                ),
                {
                    "tenant": owner,
                    "person": person_by[contact.number],
                    "at": contact.at,
                    "channel": contact.channel,
                    "source": contact.source,
                },
            )
            added += row.rowcount
    return added


_JOIN_CAMPAIGNS = text(
    "INSERT INTO campaign_contact (tenant_id, campaign_id, contact_id) SELECT k.tenant_id, k.id, c.id FROM campaign k"
    " JOIN contact c ON c.list_id = k.list_id WHERE k.list_id = :list AND k.state <> 'finished' AND c.list_import_id = :import"
    " ORDER BY k.id, c.line_no ON CONFLICT (campaign_id, contact_id) DO NOTHING"
)
