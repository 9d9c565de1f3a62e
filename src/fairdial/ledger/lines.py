"""How lines stand, for every worker, by the database's clock: weighed after calls, probed, and given out on trial.

`core.pacing.breaker` decides; here the facts are read and what it says is written. A line without a row is closed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.call_record import Disposition
from fairdial.core.pacing.breaker import MOST_READ, READ_BACK, TRIALS, Breaker, State, fault_share, judge, probed
from fairdial.core.pacing.set_up import Fault, SetUp
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How a line stands; `now` is the database's clock when it was read."""

    line: str
    breaker: Breaker
    fault_share: float
    now: datetime


async def line_states(database: Database, lines: Sequence[str]) -> dict[str, Stands]:
    """How these lines stand, by name; one that was never weighed is closed."""
    async with database.transaction() as connection:
        return await states_of(connection, lines)


async def states_of(connection: AsyncConnection, lines: Sequence[str]) -> dict[str, Stands]:
    """The same in the caller's transaction."""
    rows = await connection.execute(_STATES, {"lines": list(lines)})
    return {row.name: _stands(row) for row in rows}


_STATE = "s.state, s.since, s.until, s.faults, s.openings, s.trials, s.fault_share, fairdial_now() AS now"
_STATES = text(
    f"SELECT l.name, {_STATE} FROM line l LEFT JOIN line_state s ON s.line = l.name WHERE l.name = ANY(:lines)"
)


def _stands(row: Row[Any]) -> Stands:
    return Stands(line=row.name, breaker=_breaker(row), fault_share=row.fault_share or 0.0, now=row.now)


def _breaker(row: Row[Any]) -> Breaker:
    if row.state is None:
        return Breaker()
    return Breaker(
        state=State(row.state),
        since=row.since,
        until=row.until,
        faults=tuple(Fault(one) for one in row.faults),
        openings=row.openings,
        trials=row.trials,
    )


async def weigh(database: Database, lines: Sequence[str]) -> tuple[str, ...]:
    """Weigh what has ended on these lines and write down how they stand; returns those whose state changed."""
    return tuple([line for line in sorted(set(lines)) if await _weigh_one(database, line)])


async def _weigh_one(database: Database, line: str) -> bool:
    async with database.transaction() as connection:
        row = await _locked(connection, line)
        if row is None:
            return False
        before = _breaker(row)
        set_ups = await _set_ups(connection, line)
        after = judge(before, set_ups, now=row.now)
        await _write(connection, row, after, share=fault_share(set_ups))
        if before.state is not after.state:
            await _tell(connection, row, after)
    return before.state is not after.state


async def due_probes(database: Database, lines: Sequence[str]) -> tuple[str, ...]:
    """Those of these lines that are open, have rested, and are now the caller's to probe; each is nobody else's for a while."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "UPDATE line_state SET probed_at = fairdial_now() WHERE line = ANY(:lines) AND state = 'open'"
                " AND coalesce(until, since) <= fairdial_now()"
                " AND coalesce(probed_at < fairdial_now() - cast(:patience AS interval), true) RETURNING line"
            ),
            {"lines": list(lines), "patience": PROBE_PATIENCE},
        )
        return tuple(sorted(row.line for row in rows))


PROBE_PATIENCE = timedelta(seconds=10)
"""After which a probe whose prober died is another's."""


async def note_probe(database: Database, line: str, *, answered: bool) -> None:
    """Write down what a probe of an open line brought."""
    async with database.transaction() as connection:
        row = await _locked(connection, line)
        if row is None:
            return
        before = _breaker(row)
        after = probed(before, answered=answered, now=row.now)
        await _write(connection, row, after, share=row.fault_share or 0.0)
        if before.state is not after.state:
            await _tell(connection, row, after)


async def take_trials(database: Database, line: str, *, wanted: int) -> int:
    """How many of `wanted` real calls a half-open line may be given; they are the caller's."""
    async with database.transaction() as connection:
        row = await _locked(connection, line)
        if row is None or row.state != State.HALF_OPEN:
            return 0
        granted: int = min(wanted, max(0, TRIALS - row.trials))
        await _change_trials(connection, line, granted)
        return granted


async def give_back_trials(database: Database, line: str, *, unused: int) -> None:
    """Trials that no call was made of: the gate permitted none."""
    async with database.transaction() as connection:
        await _change_trials(connection, line, -unused)


async def _change_trials(connection: AsyncConnection, line: str, by: int) -> None:
    await connection.execute(
        text("UPDATE line_state SET trials = greatest(0, trials + :by) WHERE line = :line AND state = 'half_open'"),
        {"line": line, "by": by},
    )


async def _locked(connection: AsyncConnection, line: str) -> Row[Any] | None:
    """A line's state, which nobody else changes until the transaction ends; None when there is no such line."""
    await connection.execute(
        text(
            "INSERT INTO line_state (line, tenant_id, state, faults) SELECT name, tenant_id, 'closed', '{}' FROM line"
            " WHERE name = :line ON CONFLICT (line) DO NOTHING"
        ),
        {"line": line},
    )
    found = await connection.execute(
        text(f"SELECT s.line AS name, s.tenant_id, {_STATE} FROM line_state s WHERE s.line = :line FOR UPDATE"),
        {"line": line},
    )
    return found.one_or_none()


async def _set_ups(connection: AsyncConnection, line: str) -> list[SetUp]:
    rows = await connection.execute(_SET_UPS, {"line": line, "back": READ_BACK, "most": MOST_READ})
    return [_set_up(row) for row in reversed(rows.all())]


_SET_UPS = text(
    "SELECT * FROM (SELECT a.person_id, a.dialled_at, a.ended_at, a.answered_at, a.goodbye_ended_at, a.disposition, a.outcome,"
    " a.sip_status, a.post_dial_ms, a.early_media, a.retry_after_s FROM permit p JOIN attempt a ON a.permit_id = p.id"
    " WHERE p.line = :line AND p.issued_at > (SELECT fairdial_now()) - cast(:back AS interval) AND a.state = 'ended'"
    " AND a.dialled_at IS NOT NULL ORDER BY p.issued_at DESC LIMIT :most) last ORDER BY ended_at DESC"
)
"""The newest by their permits, which are in an index, told in the order in which they ended."""


def _set_up(row: Row[Any]) -> SetUp:
    return SetUp(
        person=row.person_id,
        dialled_at=row.dialled_at,
        ended_at=row.ended_at,
        disposition=Disposition(row.disposition),
        outcome=row.outcome,
        status=row.sip_status,
        post_dial_ms=row.post_dial_ms,
        has_early_media=bool(row.early_media),
        retry_after_s=row.retry_after_s,
        lasted=row.ended_at - row.answered_at if row.answered_at else None,
        took_leave=row.goodbye_ended_at is not None,
    )


async def _write(connection: AsyncConnection, row: Row[Any], breaker: Breaker, *, share: float) -> None:
    await connection.execute(
        text(
            "UPDATE line_state SET state = :state, since = :since, until = :until, faults = :faults, openings = :openings,"
            " trials = :trials, fault_share = :share, weighed_at = :now WHERE line = :line"
        ),
        {
            "line": row.name,
            "state": breaker.state,
            "since": breaker.since,
            "until": breaker.until,
            "faults": list(breaker.faults),
            "openings": breaker.openings,
            "trials": breaker.trials,
            "share": share,
            "now": row.now,
        },
    )


async def _tell(connection: AsyncConnection, row: Row[Any], breaker: Breaker) -> None:
    """A change is an event; what was permitted over a line that opened and has not been dialled goes back, due at once."""
    until = breaker.until.isoformat() if breaker.until else None
    body = {"name": row.name, "state": breaker.state, "faults": list(breaker.faults), "until": until}
    await note(connection, row.tenant_id, f"line.{breaker.state}", body)
    if breaker.state is State.OPEN:
        _log.warning("line %s is out (%s); it is probed later 线路已熔断,稍后探测", row.name, ", ".join(breaker.faults))
    elif breaker.state is State.CLOSED:
        _log.warning("line %s is back 线路已恢复", row.name)
    if breaker.state is State.OPEN:
        await connection.execute(_RECALL, {"line": row.name})


_RECALL = text(
    "WITH recalled AS (UPDATE attempt a SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now() FROM permit p"
    " WHERE p.id = a.permit_id AND p.line = :line AND a.state = 'reserved'"
    " AND p.issued_at > fairdial_now() - interval '1 minute' RETURNING a.contact_id, a.run_id)"
    " UPDATE campaign_contact cc SET due_at = fairdial_now(), lease_until = NULL, worker = NULL FROM recalled r"
    " JOIN run ON run.id = r.run_id WHERE cc.contact_id = r.contact_id AND cc.campaign_id = run.campaign_id"
)
