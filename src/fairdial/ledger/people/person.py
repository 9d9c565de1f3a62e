"""Everything known about one person: shown, and erased down to the keyed hash of their refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.levels import readable
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.protection.sealed import opened, with_sealed

ERASED = "erased"
"""Outcome of a queued contact whose data were erased; it is never called from that list again."""

_KNOWN = {
    "contacts": "SELECT l.name AS list, c.country, c.region, c.zone, c.data_source,"
    f" c.basis, {with_sealed('contact', 'c')} FROM contact c JOIN list l ON l.id = c.list_id WHERE c.person_id = :person ORDER BY c.id",
    "consents": "SELECT purposes, channels, form, artificial_voice, any_hour, obtained_at, valid_until, revoked_at,"
    " evidence_file, evidence_sha256 FROM consent WHERE person_id = :person ORDER BY id",
    "refusals": "SELECT f.scope, f.purpose, f.source, f.kind, f.understood_at, f.durable_at,"
    f" {with_sealed('refusal', 'f')} FROM refusal f WHERE f.person_id = :person ORDER BY f.id",
    "complaints": "SELECT q.category, q.source, q.caller_number, q.received_at, q.closed_at,"
    f" {with_sealed('complaint', 'q')} FROM complaint q WHERE q.person_id = :person ORDER BY q.id",
    "earlier_contacts": "SELECT contacted_at, channel, source FROM prior_contact WHERE person_id = :person ORDER BY id",
    "calls": "SELECT a.id, k.name AS campaign, a.state, a.disposition, a.outcome, a.grade, a.dialled_at, a.answered_at,"
    " a.ended_at, a.recording, p.id::text AS permit, p.caller_number FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id WHERE a.person_id = :person ORDER BY a.id",
    "turns": f"SELECT t.attempt_id, t.meaning, t.heard_at, {with_sealed('turn', 't')} FROM turn t JOIN attempt a ON a.id = t.attempt_id"
    " WHERE a.person_id = :person ORDER BY t.attempt_id, t.position",
    "verdicts": "SELECT v.decided_at, v.outcome, v.until, v.opinions FROM verdict v JOIN contact c ON c.id = v.contact_id"
    " WHERE c.person_id = :person ORDER BY v.id",
    "call_backs": f"SELECT b.not_before, {with_sealed('call_back', 'b')} FROM call_back b JOIN contact c ON c.id = b.contact_id"
    " WHERE c.person_id = :person ORDER BY b.id",
}
"""What is known, by the name it is shown under."""


async def everything(
    database: Database, *, tenant: str, number: str, by: str, level: Level = Level.SENSITIVE
) -> dict[str, list[dict[str, Any]]]:
    """Read all that is known about the person of a number, up to a level; the reading itself is an event.

    Raises:
        AccessError: `by` may not read this level; that it was asked is an event.
        InputError: Nothing is known.
    """
    await require_level(database, tenant=tenant, by=by, level=level, what="person.read")
    async with database.transaction() as connection:
        person = await _person(connection, database, number)
        known = {
            name: [
                readable(opened(database.vault, row) if "sealed" in row else dict(row), level)
                for row in (await connection.execute(text(query), {"person": person})).mappings()
            ]
            for name, query in _KNOWN.items()
        }
        await note(
            connection, await tenant_id(connection, tenant), "person.read", {"person": person, "by": by, "level": level}
        )
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure left to do and what it kept: recordings to remove, refusals that stay as keyed hashes."""

    recordings: tuple[str, ...]
    refusals_kept: int


async def erase(database: Database, *, tenant: str, number: str, by: str, reason: str) -> Erased:
    """Erase a person's data; refusals stay, found by the keyed hash of the number and nothing else.

    Raises:
        InputError: Nothing is known, or the person is being called right now.
    """
    async with database.transaction() as connection:
        person = await _person(connection, database, number)
        key = {"person": person}
        # numbers before the person, as whoever writes about a number does (`intake.person_of`)
        await connection.execute(text("SELECT FROM person_number WHERE person_id = :person FOR UPDATE"), key)
        await connection.execute(text("SELECT id FROM person WHERE id = :person FOR UPDATE"), key)
        living = await connection.execute(
            text("SELECT count(*) FROM attempt WHERE person_id = :person AND state IN ('reserved', 'dialing')"), key
        )
        if living.scalar_one():
            raise InputError("the person is being called right now; erase after the call has ended")
        recordings = [r.recording for r in await connection.execute(text(_RECORDINGS), key)]
        for order in _ERASE:
            await connection.execute(text(order), key)
        kept = int(
            (await connection.execute(text("SELECT count(*) FROM refusal WHERE person_id = :person"), key)).scalar_one()
        )
        if not kept:
            await connection.execute(text("DELETE FROM person_number WHERE person_id = :person"), key)
        about = {"person": person, "by": by, "reason": reason}
        await note(connection, await tenant_id(connection, tenant), "person.erase", about)
    return Erased(recordings=tuple(recordings), refusals_kept=kept)


_RECORDINGS = "SELECT recording FROM attempt WHERE person_id = :person AND recording IS NOT NULL"
_ERASE = (
    "DELETE FROM turn WHERE attempt_id IN (SELECT id FROM attempt WHERE person_id = :person)",
    "DELETE FROM call_back WHERE contact_id IN (SELECT id FROM contact WHERE person_id = :person)",
    "DELETE FROM consent WHERE person_id = :person",
    "DELETE FROM prior_contact WHERE person_id = :person",
    "UPDATE attempt SET announcement = NULL, recording = NULL WHERE person_id = :person",
    "UPDATE complaint SET sealed = NULL WHERE person_id = :person",
    "UPDATE refusal SET sealed = NULL, source = 'erased-' || id WHERE person_id = :person",
    "UPDATE campaign_contact SET outcome = 'erased' WHERE contact_id IN (SELECT id FROM contact WHERE person_id = :person)",
    "UPDATE contact SET sealed = NULL, number_key = 'erased-' || id, region = NULL, zone = NULL,"
    " data_source = NULL, basis = NULL WHERE person_id = :person",
)


async def _person(connection: AsyncConnection, database: Database, number: str) -> int:
    found = await connection.execute(
        text("SELECT person_id FROM person_number WHERE number_key = :key"), {"key": database.person_key.of(number)}
    )
    person = found.scalar_one_or_none()
    if person is None:
        raise InputError("nothing is known about this number")
    return int(person)
