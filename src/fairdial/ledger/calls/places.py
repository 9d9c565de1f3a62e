"""Places of a line and its start slots, counted over all workers, campaigns and tenants, where permits are given.

`take` serialises on the line until its transaction ends; a reserved attempt is a place taken. Nothing is kept beside the attempts but the
instant at which the line's next call may start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.pacing.limits import LineRoom
from fairdial.core.pacing.starts import Pace, Slots, slots
from fairdial.ledger.calls.leases import LEASE, LINGERS

_MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUse:
    """A line as all workers use it; `living` are calls that are reserved, under way, or unknown and not yet over."""

    capacity: int
    living: int
    pace: Pace

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.living)

    @property
    def room(self) -> LineRoom:
        """What it takes now."""
        starts = None if self.pace.per_second is None else slots(_MOST_SHOWN, self.pace).count
        return LineRoom(free=self.free, starts=starts)


async def take(connection: AsyncConnection, wanted: Mapping[str, int]) -> dict[str, Slots]:
    """Take places and start slots on lines, as many of those wanted as there are; the lines stay locked until the transaction ends.

    The caller reserves attempts for what it took in the same transaction, and has locked persons before, never after.
    """
    names = sorted(name for name, count in wanted.items() if count)
    if not names:
        return {name: Slots(count=0) for name in wanted}
    await connection.execute(_LOCK, {"lines": names})
    use = await use_of(connection, names)
    taken = {name: slots(min(wanted[name], use[name].free), use[name].pace) for name in names}
    paced = [name for name in names if use[name].pace.per_second is not None and taken[name].count]
    if paced:
        ahead = [timedelta(seconds=taken[name].next_in_s) for name in paced]
        await connection.execute(_MOVE, {"lines": paced, "ahead": ahead})
    return {name: Slots(count=0) for name in wanted} | taken


async def use_of(connection: AsyncConnection, lines: Sequence[str]) -> dict[str, LineUse]:
    """How lines are used at this moment, by name; another transaction may take what is free here."""
    rows = await connection.execute(_USE, {"lines": list(lines), "lingers": LINGERS - LEASE})
    return {row.name: _line_use(row) for row in rows}


def _line_use(row: Row[Any]) -> LineUse:
    pace = Pace(per_second=row.calls_per_second, next_in_s=-inf if row.next_in_s is None else float(row.next_in_s))
    return LineUse(capacity=row.capacity, living=row.living, pace=pace)


_LOCK = text(
    "SELECT set_config('idle_in_transaction_session_timeout', '5s', true),"
    " pg_advisory_xact_lock(hashtextextended('line/' || name, 0))"
    " FROM (SELECT unnest(cast(:lines AS text[])) AS name ORDER BY 1) l"
)
"""In one order for everybody; the line's own row stays free for whoever edits it. A worker that stalls in here is cut off by the
server, so that it does not hold up the others."""

_USE = text(
    "WITH living AS MATERIALIZED (SELECT permit_id FROM attempt WHERE state IN ('reserved', 'dialing')"
    " UNION ALL SELECT permit_id FROM attempt WHERE state = 'unknown'"
    " AND lease_until > fairdial_now() - cast(:lingers AS interval)),"
    " used AS (SELECT p.line, count(*) AS living FROM living JOIN permit p ON p.id = living.permit_id GROUP BY 1)"
    " SELECT l.name, l.capacity, l.calls_per_second, coalesce(u.living, 0) AS living,"
    " extract(epoch FROM s.next_start_at - clock_timestamp()) AS next_in_s"
    " FROM line l LEFT JOIN used u ON u.line = l.name LEFT JOIN line_pace s ON s.line = l.name WHERE l.name = ANY(:lines)"
)
_MOVE = text(
    "INSERT INTO line_pace (line, tenant_id, next_start_at) SELECT l.name, l.tenant_id, clock_timestamp() + w.ahead"
    " FROM unnest(cast(:lines AS text[]), cast(:ahead AS interval[])) AS w (line, ahead) JOIN line l ON l.name = w.line"
    " ON CONFLICT (line) DO UPDATE SET next_start_at = excluded.next_start_at"
)
"""The server's own clock: a rehearsal's, which is set back and forth, would hold a line for days."""
