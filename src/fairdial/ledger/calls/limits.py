"""How many contacts of a campaign may be asked for: read under its lock, decided in `core/campaign/plan.py`, kept here."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.plan import Held, Holds, Spent, room
from fairdial.ledger.campaigns import PLAN_COLUMNS, plan_from
from fairdial.ledger.database import Database


async def room_now(connection: AsyncConnection, campaign_id: int) -> int | None:
    """How many contacts may be asked for in the caller's transaction, which keeps the places until it ends; None for any number.

    What holds the whole campaign is written to it, so that nobody of it is claimed before that is over.
    """
    row = (await connection.execute(_FACTS, {"campaign": campaign_id})).mappings().one()
    if row["daily_limit"] is not None or row["total_limit"] is not None:
        await connection.execute(_LOCK, {"campaign": campaign_id})
        row = (await connection.execute(_FACTS, {"campaign": campaign_id})).mappings().one()
    spent = Spent(total=row["dialled_total"], of_day=row["dialled_today"], day=row["dialled_on"], open=row["open"])
    left = room(plan_from(row), CampaignState(row["state"]), spent, row["now"])
    if not isinstance(left, Held):
        return left
    await connection.execute(_HOLD, {"campaign": campaign_id, "by": left.by, "until": left.until})
    return 0


async def held_now(database: Database, campaign_id: int) -> Held | None:
    """What holds the whole campaign at this moment, as the last question found it; a glance without a lock."""
    async with database.transaction() as connection:
        row = (await connection.execute(_HELD, {"campaign": campaign_id})).one()
    if row.state != CampaignState.RUNNING:
        return Held(by=Holds.NOT_RUNNING)
    return None if row.held_by is None else Held(by=Holds(row.held_by), until=row.held_until)


_HELD = text(
    "SELECT state, CASE WHEN held_until > fairdial_now() OR held_until IS NULL THEN held_by END AS held_by, held_until"
    " FROM campaign WHERE id = :campaign"
)

_LOCK = text("SELECT id FROM campaign WHERE id = :campaign FOR NO KEY UPDATE")
"""The facts are read after it, as the last transaction left them; without a limit nobody waits."""

_FACTS = text(
    f"SELECT fairdial_now() AS now, state, dialled_total, dialled_today, dialled_on, {PLAN_COLUMNS}, CASE WHEN daily_limit IS NULL"
    " AND total_limit IS NULL THEN 0 ELSE (SELECT count(*) FROM attempt a JOIN run r ON r.id = a.run_id JOIN permit p"
    " ON p.id = a.permit_id WHERE r.campaign_id = campaign.id AND a.state = 'reserved' AND p.expires_at > fairdial_now()) END"
    " AS open FROM campaign WHERE id = :campaign"
)
_HOLD = text("UPDATE campaign SET held_by = :by, held_until = :until WHERE id = :campaign AND state = 'running'")
