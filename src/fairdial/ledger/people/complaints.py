"""Complaints, which pull the brakes at once, and attempts that people settle by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.call_record import Disposition
from fairdial.core.policy.pack import Brake, Signal
from fairdial.errors import InputError
from fairdial.ledger.calls.suspensions import stop_what_must
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.numbers import person_of
from fairdial.ledger.people.refusals import RefusalNotice, put_refusal
from fairdial.ledger.protection.sealed import of_complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintNotice:
    """A complaint as it came in; the times by which it is acknowledged and closed come from the rule pack."""

    number: str
    caller_number: str | None
    category: str
    source: str
    words: str
    received_at: datetime
    acknowledge_within: timedelta
    close_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A complaint taken in: its id and what of the tenant's it stopped, `resource name: why`."""

    id: int
    stopped: tuple[str, ...]


async def take_complaint(
    database: Database, *, tenant: str, notice: ComplaintNotice, brakes: Sequence[Brake], by: str | None = None
) -> Taken:
    """Write a complaint, the refusal that it is, and the suspensions it leads to, in one transaction.

    `brakes` are all there are; those of complaints are pulled here and nowhere else, the others by a run. `by` took it
    in, if known; it is an event.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        person = await person_of(connection, database, notice.number)
        refusal = RefusalNotice(number=notice.number, source="complaint", evidence=notice.source)
        await put_refusal(connection, database, owner, person, refusal)
        about = await _last_call(connection, owner, person, notice.caller_number)
        row = await connection.execute(
            text(
                "INSERT INTO complaint (tenant_id, person_id, caller_number, line, script_hash, category, source, sealed,"
                " received_at, acknowledge_by, close_by) VALUES (:tenant, :person, :caller, :line, :script, :category,"
                " :source, :sealed, :at, :acknowledge, :close) RETURNING id"
            ),
            {
                "tenant": owner,
                "person": person,
                "caller": notice.caller_number or (about["caller_number"] if about else None),
                "line": about["line"] if about else None,
                "script": about["script_hash"] if about else None,
                "category": notice.category,
                "source": notice.source,
                "sealed": database.vault.seal(of_complaint(person), {"words": notice.words}),
                "at": notice.received_at,
                "acknowledge": notice.received_at + notice.acknowledge_within,
                "close": notice.received_at + notice.close_within,
            },
        )
        complaint_id: int = row.scalar_one()
        if by is not None:
            await note(connection, owner, "complaint.taken", {"complaint": complaint_id, "by": by})
        stopped = await stop_what_must(connection, [b for b in brakes if b.signal is Signal.COMPLAINT], owner)
    return Taken(id=complaint_id, stopped=stopped)


async def complaints(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """The tenant's complaints, those that are open first, by when they are due; nothing personal."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT id, category, source, caller_number, line, received_at, acknowledge_by, close_by, closed_at"
                " FROM complaint WHERE tenant_id = :tenant ORDER BY closed_at IS NOT NULL, close_by, id"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def close_complaint(database: Database, *, tenant: str, complaint: int, by: str) -> None:
    """Say that a complaint has been answered; who said so is an event.

    Raises:
        InputError: It is not known, or closed already.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        closed = await connection.execute(
            text(
                "UPDATE complaint SET closed_at = fairdial_now()"
                " WHERE id = :id AND tenant_id = :tenant AND closed_at IS NULL"
            ),
            {"id": complaint, "tenant": owner},
        )
        if not closed.rowcount:
            raise InputError(f"complaint {complaint} is not open; `fairdial complaint list` shows which are")
        await note(connection, owner, "complaint.close", {"complaint": complaint, "by": by})


async def _last_call(connection: AsyncConnection, owner: int, person: int, caller: str | None) -> RowMapping | None:
    """The tenant's newest call to the person, by the number they name if they name one; of another's nothing is told."""
    rows = await connection.execute(
        text(
            "SELECT p.caller_number, p.line, p.script_hash FROM attempt a JOIN permit p ON p.id = a.permit_id"
            " WHERE a.tenant_id = :tenant AND a.person_id = :person AND a.dialled_at IS NOT NULL"
            " AND (cast(:caller AS text) IS NULL OR p.caller_number = :caller) ORDER BY a.dialled_at DESC LIMIT 1"
        ),
        {"tenant": owner, "person": person, "caller": caller},
    )
    return rows.mappings().one_or_none()


async def unknown_attempts(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Attempts whose worker died while they were being dialled, oldest first."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT a.id, a.permit_id::text AS permit_id, a.dialled_at, c.line_no, p.line, p.caller_number"
                " FROM attempt a JOIN permit p ON p.id = a.permit_id JOIN contact c ON c.id = a.contact_id"
                " WHERE a.state = 'unknown' AND a.tenant_id = :tenant ORDER BY a.id"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def settle(
    database: Database, *, tenant: str, attempt_id: int, disposition: Disposition, record: str, by: str
) -> None:
    """Settle an unknown attempt with a carrier's record; it goes on counting as made.

    Raises:
        InputError: The attempt is not unknown, or not this tenant's.
    """
    async with database.transaction() as connection:
        done = await connection.execute(
            text(
                "UPDATE attempt SET state = 'ended', disposition = :disposition, ended_at = fairdial_now(),"
                " settled_by = :by, settled_with = :record"
                " WHERE id = :id AND tenant_id = :tenant AND state = 'unknown'"
            ),
            {
                "id": attempt_id,
                "tenant": await tenant_id(connection, tenant),
                "disposition": disposition,
                "by": by,
                "record": record,
            },
        )
        if not done.rowcount:
            raise InputError(f"attempt {attempt_id} is not unknown; `fairdial attempts unknown` lists those that are")
