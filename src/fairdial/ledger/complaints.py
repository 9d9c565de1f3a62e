"""Complaints, the brake they pull, and what people settle by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.call_record import Disposition
from fairdial.core.policy.brake import BrakeLimits, Heard, must_stop
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.intake import person_of
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.refusals import RefusalNotice, put_refusal
from fairdial.ledger.sealed import of_complaint


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
    """A complaint taken in: its id and what it stopped, `resource name: why`."""

    id: int
    stopped: tuple[str, ...]


async def take_complaint(
    database: Database, *, tenant: str, notice: ComplaintNotice, limits: BrakeLimits | None = None
) -> Taken:
    """Write a complaint, the refusal that it is, and the suspensions it leads to, in one transaction."""
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        person = await person_of(connection, database, notice.number)
        refusal = RefusalNotice(number=notice.number, source="complaint", evidence=notice.source)
        await put_refusal(connection, owner, person, refusal)
        about = await _last_call(connection, person, notice.caller_number)
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
        stopped = await _brake(connection, owner, complaint_id, limits or BrakeLimits())
    return Taken(id=complaint_id, stopped=tuple(stopped))


async def _last_call(connection: AsyncConnection, person: int, caller: str | None) -> RowMapping | None:
    """The newest call to the person, by the number they name if they name one."""
    rows = await connection.execute(
        text(
            "SELECT p.caller_number, p.line, p.script_hash FROM attempt a JOIN permit p ON p.id = a.permit_id"
            " WHERE a.person_id = :person AND a.dialled_at IS NOT NULL"
            " AND (cast(:caller AS text) IS NULL OR p.caller_number = :caller) ORDER BY a.dialled_at DESC LIMIT 1"
        ),
        {"person": person, "caller": caller},
    )
    return rows.mappings().one_or_none()


_HEARD = (
    "SELECT count(*) FILTER (WHERE received_at > fairdial_now() - interval '24 hours') AS day,"
    " count(*) AS month, (SELECT count(DISTINCT a.person_id) FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.answered_at > fairdial_now() - interval '30 days' AND {of_permit}) AS answered"
    " FROM complaint WHERE received_at > fairdial_now() - interval '30 days' AND {of_complaint}"
)
_RESOURCES = {
    "caller": ("p.caller_number = :name", "caller_number = :name", "caller_number", "number"),
    "line": ("p.line = :name", "line = :name", "line", "name"),
    "script": ("p.script_hash = :name", "script_hash = :name", "script_version", "hash"),
    "tenant": ("a.tenant_id = cast(:name AS int)", "tenant_id = cast(:name AS int)", "tenant", "id::text"),
}
"""How each resource is found in permits and complaints, and the table and column that hold it."""


async def _brake(connection: AsyncConnection, owner: int, complaint_id: int, limits: BrakeLimits) -> list[str]:
    row = (
        await connection.execute(
            text("SELECT caller_number, line, script_hash FROM complaint WHERE id = :id"), {"id": complaint_id}
        )
    ).one()
    names = {"caller": row.caller_number, "line": row.line, "script": row.script_hash, "tenant": str(owner)}
    stopped = []
    for resource, name in names.items():
        if name is None:
            continue
        of_permit, of_complaint, _, _ = _RESOURCES[resource]
        heard = (
            await connection.execute(
                text(_HEARD.format(of_permit=of_permit, of_complaint=of_complaint)), {"name": name}
            )
        ).one()
        reason = must_stop(
            Heard(complaints_24h=heard.day, complaints_30d=heard.month, answered_30d=heard.answered), limits
        )
        if reason and await _suspend(connection, owner, resource, name, reason):
            stopped.append(f"{resource} {name[:12]}: {reason}")
    return stopped


async def _suspend(connection: AsyncConnection, owner: int, resource: str, name: str, reason: str) -> bool:
    """Suspend a resource; False when it is suspended already or is not of this installation."""
    _, _, table, column = _RESOURCES[resource]
    done = await connection.execute(
        text(
            "INSERT INTO suspension (tenant_id, resource, name, reason) SELECT :tenant, :resource, :name, :reason"
            f" WHERE EXISTS (SELECT 1 FROM {table} WHERE {column} = :name)"
            " ON CONFLICT (resource, name) WHERE lifted_at IS NULL DO NOTHING"
        ),
        {"tenant": owner, "resource": resource, "name": name, "reason": reason},
    )
    return bool(done.rowcount)


async def suspend(database: Database, *, tenant: str, resource: str, name: str, reason: str) -> None:
    """Suspend a resource by hand.

    Raises:
        InputError: It is not known or suspended already.
    """
    async with database.transaction() as connection:
        if not await _suspend(connection, await tenant_id(connection, tenant), resource, name, reason):
            raise InputError(f"{resource} {name!r} is not known, or is suspended already")


async def lift(database: Database, *, tenant: str, resource: str, name: str, by: str, reason: str) -> None:
    """Lift a suspension; somebody named does it, for a reason that is kept.

    Raises:
        InputError: Nothing of that name is suspended.
    """
    async with database.transaction() as connection:
        lifted = await connection.execute(
            text(
                "UPDATE suspension SET lifted_at = fairdial_now(), lifted_by = :by, lift_reason = :reason"
                " WHERE resource = :resource AND name = :name AND tenant_id = :tenant AND lifted_at IS NULL"
            ),
            {
                "resource": resource,
                "name": name,
                "by": by,
                "reason": reason,
                "tenant": await tenant_id(connection, tenant),
            },
        )
        if not lifted.rowcount:
            raise InputError(f"{resource} {name!r} is not suspended; `fairdial suspension list` shows what is")


async def suspended(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """What is suspended now, oldest first."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT resource, name, reason, since FROM suspension WHERE tenant_id = :tenant AND lifted_at IS NULL"
                " ORDER BY since"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


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
