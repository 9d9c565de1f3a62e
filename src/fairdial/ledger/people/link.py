"""Two numbers, one human: what was known of two persons becomes one, and so do their allowance and their refusals."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.numbers import persons_of
from fairdial.ledger.protection.sealed import SEALED

_BOUND = ("refusal", "complaint")
"""Tables whose sealed values are bound to the person."""

_DOUBLES = (
    "DELETE FROM consent x USING consent y WHERE x.person_id = :from AND y.person_id = :to"
    " AND (x.tenant_id, x.evidence_sha256, x.obtained_at) = (y.tenant_id, y.evidence_sha256, y.obtained_at)",
    "DELETE FROM prior_contact x USING prior_contact y WHERE x.person_id = :from AND y.person_id = :to"
    " AND (x.tenant_id, x.contacted_at, x.channel) = (y.tenant_id, y.contacted_at, y.channel)",
    "UPDATE refusal x SET source = x.source || '-' || x.id FROM refusal y WHERE x.person_id = :from AND y.person_id = :to"
    " AND (x.tenant_id, x.source, x.understood_at) = (y.tenant_id, y.source, y.understood_at)",
)
_OF_A_PERSON = ("attempt", "complaint", "consent", "contact", "person_number", "prior_contact", "refusal")
"""Every table that says whose a row is."""


async def link(database: Database, *, tenant: str, number: str, other: str, by: str) -> None:
    """Make the person of another number the person of this one, for good and for every tenant; it is an event.

    Raises:
        InputError: They are one already, or one of them is being called right now.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        person_by = await persons_of(connection, database, [number, other])
        kept, gone = person_by[number], person_by[other]
        if kept == gone:
            raise InputError("the two numbers belong to one person already 这两个号码已是同一人")
        both = {"persons": [kept, gone]}
        await connection.execute(
            text("SELECT FROM person_number WHERE person_id = ANY(:persons) ORDER BY number_key FOR UPDATE"), both
        )
        await connection.execute(text("SELECT FROM person WHERE id = ANY(:persons) ORDER BY id FOR UPDATE"), both)
        living = await connection.execute(
            text("SELECT count(*) FROM attempt WHERE person_id = ANY(:persons) AND state IN ('reserved', 'dialing')"),
            both,
        )
        if living.scalar_one():
            raise InputError("one of them is being called right now; link them after the call has ended")
        ends = {"from": gone, "to": kept}
        for order in _DOUBLES:
            await connection.execute(text(order), ends)
        for table in _BOUND:
            await _bind_anew(connection, database, table, gone, kept)
        for table in _OF_A_PERSON:
            await connection.execute(text(f"UPDATE {table} SET person_id = :to WHERE person_id = :from"), ends)
        await note(connection, owner, "person.link", {"person": kept, "was": gone, "by": by})


async def _bind_anew(connection: AsyncConnection, database: Database, table: str, gone: int, kept: int) -> None:
    """Seal for the one person what was sealed for the other."""
    rows = await connection.execute(
        text(
            f"SELECT x.id, {SEALED[table].format('x')} AS about, x.sealed FROM {table} x"
            " WHERE x.person_id = :person AND x.sealed IS NOT NULL"
        ),
        {"person": gone},
    )
    for row in rows.all():
        sealed = database.vault.seal(f"{table}/{kept}", database.vault.open(row.about, row.sealed))
        await connection.execute(
            text(f"UPDATE {table} SET sealed = :sealed WHERE id = :id"), {"id": row.id, "sealed": sealed}
        )
