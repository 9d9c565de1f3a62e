"""When a tenant's calls were answered, counted by hour of the week: written by a chore, read when a campaign learns from it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.best_time import Cell, learn
from fairdial.core.campaign.retries import Odds
from fairdial.ledger.database import Database

HISTORY = timedelta(days=180)
"""How far back calls are counted: habits of half a year ago are another season's."""


async def count_answers(database: Database, *, tenant: str) -> int:
    """Count anew, if a campaign of the tenant learns from it; returns the cells."""
    async with database.transaction() as connection:
        key = {"tenant": tenant}
        wanted = await connection.execute(_WANTED, key)
        if wanted.scalar_one_or_none() is None:
            return 0
        await connection.execute(_FORGET, key)
        counted = await connection.execute(_COUNT, key | {"history": HISTORY})
        return int(counted.rowcount)


async def odds_for(connection: AsyncConnection, campaign_id: int, contact_id: int, zone: ZoneInfo) -> Odds | None:
    """What the campaign's tenant has learnt about when people like this contact answer; None when that is too little."""
    rows = await connection.execute(_CELLS, {"campaign": campaign_id, "contact": contact_id})
    return learn((Cell(**row) for row in rows.mappings()), zone)


_WANTED = text(
    "SELECT 1 FROM campaign k JOIN tenant t ON t.id = k.tenant_id WHERE t.name = :tenant AND k.best_time"
    " AND k.state <> 'finished' LIMIT 1"
)
_FORGET = text("DELETE FROM answer_hour WHERE tenant_id = (SELECT id FROM tenant WHERE name = :tenant)")
_COUNT = text(
    "INSERT INTO answer_hour (tenant_id, region, number_kind, weekday, hour, dialled, answered)"
    " SELECT a.tenant_id, coalesce(c.region, ''), c.number_kind, extract(isodow FROM a.dialled_at AT TIME ZONE c.zone) - 1,"
    " extract(hour FROM a.dialled_at AT TIME ZONE c.zone), count(*), count(*) FILTER (WHERE a.disposition = 'answered')"
    " FROM attempt a JOIN contact c ON c.id = a.contact_id JOIN tenant t ON t.id = a.tenant_id WHERE t.name = :tenant"
    " AND a.dialled_at > fairdial_now() - cast(:history AS interval) AND a.state = 'ended' AND c.zone IS NOT NULL"
    " AND a.disposition IN ('answered', 'no_answer', 'busy', 'rejected', 'voicemail', 'call_reminder', 'powered_off',"
    " 'unreachable', 'forwarded') GROUP BY 1, 2, 3, 4, 5"
)
"""Only calls that reached somebody's telephone or its network say anything about the hour."""

_CELLS = text(
    "SELECT h.weekday, h.hour, sum(h.dialled)::int AS dialled, sum(h.answered)::int AS answered,"
    " coalesce(sum(h.dialled) FILTER (WHERE h.region = c.region AND h.number_kind = c.number_kind), 0)::int AS near_dialled,"
    " coalesce(sum(h.answered) FILTER (WHERE h.region = c.region AND h.number_kind = c.number_kind), 0)::int AS near_answered"
    " FROM campaign k JOIN answer_hour h ON h.tenant_id = k.tenant_id CROSS JOIN (SELECT coalesce(region, '') AS region,"
    " number_kind FROM contact WHERE id = :contact) c WHERE k.id = :campaign GROUP BY h.weekday, h.hour"
)
