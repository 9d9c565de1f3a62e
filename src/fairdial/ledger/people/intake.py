"""Lists and earlier facts into the ledger, each in one transaction: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.rows import ContactRow, RejectedRow
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.numbers import in_parts, persons_of
from fairdial.ledger.people.refusals import close_what_is_not_dialled
from fairdial.ledger.protection.sealed import of_contact, of_refusal


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
    done: Callable[[], object] = lambda: None,
) -> int:
    """Put a list's good rows in; a contact known from an earlier import is brought up to date.

    Who is new joins every campaign over the list that is not finished, and is due there now.

    Args:
        done: Called after each row.

    Returns:
        The import's id.
    """
    async with database.transaction() as connection:
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
                    "accepted": len(contacts),
                    "rejected": json.dumps([asdict(row) for row in rejected], ensure_ascii=False),
                },
            )
        ).scalar_one()
        person_by = await persons_of(connection, database, [row.number for row in contacts])
        for part in in_parts(contacts):
            await _put_contacts(connection, database, owner, list_id, import_id, part, person_by)
            for _ in part:
                done()
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
            await connection.execute(text("SELECT id FROM person WHERE id = :id FOR UPDATE"), {"id": person})
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


async def _put_contacts(
    connection: AsyncConnection,
    database: Database,
    owner: int,
    list_id: int,
    import_id: int,
    rows: Sequence[ContactRow],
    person_by: Mapping[str, int],
) -> None:
    """Put rows in; where a number comes twice, its later row stands."""
    row_by = {database.person_key.of(row.number): row for row in rows}
    personal = {
        key: {"number": row.number, "name": row.name, "title": row.title, "attributes": row.attributes.by_name()}
        for key, row in row_by.items()
    }
    columns = {
        "person": [person_by[row.number] for row in row_by.values()],
        "key": list(row_by),
        "sealed": [database.vault.seal(of_contact(key), value) for key, value in personal.items()],
        "kind": [row.kind for row in row_by.values()],
        "country": [row.country for row in row_by.values()],
        "region": [row.region for row in row_by.values()],
        "zone": [row.zone for row in row_by.values()],
        "source": [row.data_source for row in row_by.values()],
        "basis": [row.basis for row in row_by.values()],
        "line": [row.line for row in row_by.values()],
    }
    await connection.execute(_CONTACTS, {"tenant": owner, "list": list_id, "import": import_id, **columns})
    consents = [
        {
            "tenant": owner,
            "person": person_by[row.number],
            "purposes": sorted(row.consent.purposes),
            "channels": sorted(row.consent.channels),
            "at": row.consent.obtained_at,
            "until": row.consent.until,
            "file": row.consent.evidence_file,
            "sha": row.consent.evidence_sha256,
            "form": row.consent.form,
            "voice": row.consent.artificial_voice,
            "hours": row.consent.any_hour,
        }
        for row in rows
        if row.consent is not None
    ]
    if consents:
        await connection.execute(_CONSENT, consents)


_JOIN_CAMPAIGNS = text(
    "INSERT INTO campaign_contact (tenant_id, campaign_id, contact_id) SELECT k.tenant_id, k.id, c.id FROM campaign k"
    " JOIN contact c ON c.list_id = k.list_id WHERE k.list_id = :list AND k.state <> 'finished' AND c.list_import_id = :import"
    " ORDER BY k.id, c.line_no ON CONFLICT (campaign_id, contact_id) DO NOTHING"
)
_CONTACTS = text(
    "INSERT INTO contact (tenant_id, list_id, list_import_id, person_id, number_key, sealed, number_kind, country, region,"
    " zone, data_source, basis, line_no) SELECT :tenant, :list, :import, c.* FROM unnest(cast(:person AS bigint[]),"
    " cast(:key AS text[]), cast(:sealed AS bytea[]), cast(:kind AS text[]), cast(:country AS text[]),"
    " cast(:region AS text[]), cast(:zone AS text[]), cast(:source AS text[]), cast(:basis AS text[]),"
    " cast(:line AS int[])) AS c"
    " ON CONFLICT (list_id, number_key) DO UPDATE SET sealed = excluded.sealed, country = excluded.country,"
    " region = excluded.region, zone = excluded.zone,"
    " data_source = excluded.data_source, basis = excluded.basis, line_no = excluded.line_no,"
    " list_import_id = excluded.list_import_id"
)
_CONSENT = text(
    "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, valid_until, evidence_file,"
    " evidence_sha256, form, artificial_voice, any_hour)"
    " VALUES (:tenant, :person, :purposes, :channels, :at, :until, :file, :sha, :form, :voice, :hours)"
    " ON CONFLICT (tenant_id, person_id, evidence_sha256, obtained_at) DO UPDATE SET purposes = excluded.purposes,"
    " channels = excluded.channels, valid_until = excluded.valid_until, form = excluded.form,"
    " artificial_voice = excluded.artificial_voice, any_hour = excluded.any_hour"
)
