"""Everything known about one person: shown, and erased down to the keyed hash of their refusals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
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

REMEMBERED = timedelta(days=31)
"""How long a call made counts against an allowance at most (the longest window of the packs, and a day)."""

ERASED = "erased"
"""Outcome of a queued contact whose data were erased; it is never called from that list again."""

_KNOWN = {
    "contacts": "SELECT l.name AS list, c.country, c.region, c.zone, c.data_source,"
    f" c.basis, {with_sealed('contact', 'c')} FROM contact c JOIN list l ON l.id = c.list_id"
    " WHERE c.person_id = :person AND c.tenant_id = :tenant ORDER BY c.id",
    "consents": "SELECT purposes, channels, form, artificial_voice, any_hour, obtained_at, valid_until, revoked_at,"
    " evidence_file, evidence_sha256 FROM consent WHERE person_id = :person AND tenant_id = :tenant ORDER BY id",
    "refusals": "SELECT f.scope, f.purpose, f.source, f.kind, f.understood_at, f.durable_at,"
    f" {with_sealed('refusal', 'f')} FROM refusal f WHERE f.person_id = :person AND f.tenant_id = :tenant ORDER BY f.id",
    "complaints": "SELECT q.category, q.source, q.caller_number, q.received_at, q.closed_at,"
    f" {with_sealed('complaint', 'q')} FROM complaint q WHERE q.person_id = :person AND q.tenant_id = :tenant ORDER BY q.id",
    "earlier_contacts": "SELECT contacted_at, channel, source FROM prior_contact"
    " WHERE person_id = :person AND tenant_id = :tenant ORDER BY id",
    "calls": "SELECT a.id, k.name AS campaign, a.state, a.disposition, a.outcome, a.grade, a.dialled_at, a.answered_at,"
    " a.ended_at, a.recording, p.id::text AS permit, p.caller_number FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id"
    " WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY a.id",
    "turns": f"SELECT t.attempt_id, t.meaning, t.heard_at, {with_sealed('turn', 't')} FROM turn t JOIN attempt a ON a.id = t.attempt_id"
    " WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY t.attempt_id, t.position",
    "corrections": f"SELECT e.attempt_id, e.position, e.meaning, e.grade, e.by_whom, e.at, {with_sealed('correction', 'e')}"
    " FROM correction e JOIN attempt a ON a.id = e.attempt_id"
    " WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY e.id",
    "conversations": f"SELECT v.attempt_id, {with_sealed('conversation', 'v')} FROM conversation v"
    " JOIN attempt a ON a.id = v.attempt_id WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY v.attempt_id",
    "verdicts": "SELECT v.decided_at, v.outcome, v.until, v.opinions FROM verdict v JOIN contact c ON c.id = v.contact_id"
    " WHERE c.person_id = :person AND c.tenant_id = :tenant ORDER BY v.id",
    "follow_ups": f"SELECT u.kind, u.name, u.created_at, u.done_at, {with_sealed('follow_up', 'u')} FROM follow_up u"
    " JOIN attempt a ON a.id = u.attempt_id WHERE a.person_id = :person AND a.tenant_id = :tenant ORDER BY u.id",
    "call_backs": f"SELECT b.not_before, {with_sealed('call_back', 'b')} FROM call_back b JOIN contact c ON c.id = b.contact_id"
    " WHERE c.person_id = :person AND c.tenant_id = :tenant ORDER BY b.id",
}
"""What a tenant knows, by the name it is shown under."""


async def everything(
    database: Database,
    *,
    tenant: str,
    number: str,
    by: str,
    level: Level = Level.SENSITIVE,
    reason: str | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Read all that is known about the person of a number, up to a level; the reading itself is an event.

    Args:
        reason: Why, if it was asked for; it stands in the event.

    Raises:
        AccessError: `by` may not read this level; that it was asked is an event.
        InputError: Nothing is known.
    """
    await require_level(database, tenant=tenant, by=by, level=level, what="person.read")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        about = {"person": await _person(connection, database, number), "tenant": owner}
        known = {
            name: [
                readable(opened(database.vault, row) if "sealed" in row else dict(row), level)
                for row in (await connection.execute(text(query), about)).mappings()
            ]
            for name, query in _KNOWN.items()
        }
        why = {} if reason is None else {"reason": reason}
        await note(connection, owner, "person.read", {"person": about["person"], "by": by, "level": level} | why)
    return known


async def recordings_of(database: Database, *, tenant: str, number: str) -> tuple[str, ...]:
    """Names of the recordings a tenant has of a person, to be removed before `erase`."""
    async with database.transaction() as connection:
        about = {
            "person": await _person(connection, database, number),
            "tenant": await tenant_id(connection, tenant),
        }
        return tuple(row.recording for row in await connection.execute(text(_RECORDINGS), about))


async def erase(
    database: Database, *, tenant: str, number: str, by: str, reason: str, files_gone: Sequence[str] = ()
) -> int:
    """Erase what a tenant knows of a person; refusals stay, found by the keyed hash of the number and nothing else.

    The hash stays, too, while another tenant knows the number, and for `REMEMBERED` after a call: a number that was
    erased and listed again has no new allowance.

    Args:
        files_gone: Recordings whose files no longer exist.

    Returns:
        How many refusals were kept.

    Raises:
        InputError: Nothing is known, the person is being called right now, or a recording is still there.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        key = {"person": await _person(connection, database, number), "tenant": owner}
        person = {"person": key["person"]}
        # numbers before the person, as whoever writes about a number does (`numbers.person_of`)
        await connection.execute(text("SELECT FROM person_number WHERE person_id = :person FOR UPDATE"), person)
        await connection.execute(text("SELECT id FROM person WHERE id = :person FOR UPDATE"), person)
        living = await connection.execute(
            text("SELECT count(*) FROM attempt WHERE person_id = :person AND state IN ('reserved', 'dialing')"), person
        )
        if living.scalar_one():
            raise InputError("the person is being called right now; erase after the call has ended")
        recordings = {row.recording for row in await connection.execute(text(_RECORDINGS), key)}
        if left := sorted(recordings - set(files_gone)):
            raise InputError(
                f"recordings are still to be removed 录音尚未删除: {', '.join(left)}; name their folder with --recordings,"
                " or say --missing-are-gone when their files no longer exist"
            )
        for order in _ERASE:
            await connection.execute(text(order), key)
        await connection.execute(_FORGET, person | {"remembered": REMEMBERED})
        kept = await connection.execute(
            text("SELECT count(*) FROM refusal WHERE person_id = :person AND tenant_id = :tenant"), key
        )
        about = {"person": key["person"], "by": by, "reason": reason}
        await note(connection, owner, "person.erase", about)
        return int(kept.scalar_one())


_RECORDINGS = "SELECT recording FROM attempt WHERE person_id = :person AND tenant_id = :tenant AND recording IS NOT NULL ORDER BY id"
_OWN = "person_id = :person AND tenant_id = :tenant"
_ERASE = (
    f"DELETE FROM turn WHERE attempt_id IN (SELECT id FROM attempt WHERE {_OWN})",
    f"UPDATE correction SET sealed = NULL WHERE attempt_id IN (SELECT id FROM attempt WHERE {_OWN})",
    f"DELETE FROM conversation WHERE attempt_id IN (SELECT id FROM attempt WHERE {_OWN})",
    f"DELETE FROM recording_key WHERE attempt_id IN (SELECT id FROM attempt WHERE {_OWN})",
    f"DELETE FROM call_back WHERE contact_id IN (SELECT id FROM contact WHERE {_OWN})",
    f"DELETE FROM follow_up WHERE attempt_id IN (SELECT id FROM attempt WHERE {_OWN})",
    f"DELETE FROM consent WHERE {_OWN}",
    f"UPDATE prior_contact SET source = '' WHERE {_OWN}",
    f"UPDATE attempt SET announcement = NULL, recording = NULL WHERE {_OWN}",
    f"UPDATE complaint SET sealed = NULL WHERE {_OWN}",
    f"UPDATE refusal SET sealed = NULL, source = 'erased-' || id WHERE {_OWN}",
    f"UPDATE campaign_contact SET outcome = 'erased' WHERE contact_id IN (SELECT id FROM contact WHERE {_OWN})",
    "UPDATE contact SET sealed = NULL, number_key = 'erased-' || id, region = NULL, zone = NULL,"
    f" data_source = NULL, basis = NULL WHERE {_OWN}",
)
_FORGET = text(
    "DELETE FROM person_number n WHERE n.person_id = :person"
    " AND NOT EXISTS (SELECT 1 FROM refusal f WHERE f.person_id = n.person_id)"
    " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.person_id = n.person_id AND c.sealed IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.person_id = n.person_id"
    " AND a.dialled_at > fairdial_now() - cast(:remembered AS interval))"
    " AND NOT EXISTS (SELECT 1 FROM prior_contact p WHERE p.person_id = n.person_id"
    " AND p.contacted_at > fairdial_now() - cast(:remembered AS interval))"
)


async def _person(connection: AsyncConnection, database: Database, number: str) -> int:
    found = await connection.execute(
        text("SELECT person_id FROM person_number WHERE number_key = :key"), {"key": database.person_key.of(number)}
    )
    person = found.scalar_one_or_none()
    if person is None:
        raise InputError("nothing is known about this number")
    return int(person)
