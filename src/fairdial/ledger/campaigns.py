"""A campaign's plan and its states: read, changed and checked; what a move means stands in `core/campaign`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.check import Finding, Planned, check, contradicts
from fairdial.core.campaign.life import CampaignState, Move, NotNow, moved, settled
from fairdial.core.campaign.plan import Held, Holds, Plan
from fairdial.core.campaign.retries import Retries
from fairdial.core.policy.case import Window
from fairdial.errors import InputError
from fairdial.ledger.calls.run_orders import IS_RUNNING
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id

HOURS: TypeAdapter[tuple[Window, ...]] = TypeAdapter(tuple[Window, ...])
RETRIES: TypeAdapter[Retries] = TypeAdapter(Retries)

PLAN_COLUMNS = "starts_at, stops_at, hours, zone, priority, daily_limit, total_limit, retries, best_time"


def plan_from(row: RowMapping) -> Plan:
    """The plan in a row of `campaign`."""
    return Plan(
        starts_at=row["starts_at"],
        stops_at=row["stops_at"],
        hours=HOURS.validate_python(row["hours"]),
        zone=row["zone"],
        priority=row["priority"],
        daily_limit=row["daily_limit"],
        total_limit=row["total_limit"],
        retries=RETRIES.validate_python(row["retries"]),
        best_time=row["best_time"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How a campaign stands: its state, its plan, what holds it, and what a check finds in it."""

    state: CampaignState
    plan: Plan
    held: Held | None
    findings: Sequence[Finding]


def spending(campaign: str) -> str:
    """SQL of the lock's key that whoever spends a permit of a campaign shares; `campaign` is an expression."""
    return f"hashtextextended('campaign/' || {campaign}, 0)"


async def move(database: Database, *, tenant: str, campaign: str, move: Move, by: str) -> CampaignState:
    """Make a move; it is an event. When a pause or a finish returns, no permit of the campaign can be spent any more.

    Raises:
        InputError: The campaign is unknown, or its state does not allow the move.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        known = await _id_of(connection, owner, campaign)
        if move in (Move.PAUSE, Move.FINISH):
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({spending(':id')})"), {"id": str(known)})
        row = await connection.execute(text("SELECT state FROM campaign WHERE id = :id FOR UPDATE"), {"id": known})
        return await make_move(connection, owner, known, campaign, CampaignState(row.scalar_one()), move, by=by)


async def make_move(
    connection: AsyncConnection, owner: int, known: int, campaign: str, state: CampaignState, move: Move, *, by: str
) -> CampaignState:
    """Make a move in the caller's transaction, which holds the campaign's row."""
    after = moved(state, move)
    if isinstance(after, NotNow):
        raise InputError(f"campaign {campaign!r}: {after.en} 任务 {campaign}:{after.zh}")
    if after is not state:
        await connection.execute(
            text("UPDATE campaign SET state = :state, held_by = NULL, held_until = NULL WHERE id = :id"),
            {"state": after, "id": known},
        )
        body = {"campaign": known, "from": state, "to": after, "by": by}
        await note(connection, owner, "campaign.state", body)
    return after


async def set_plan(
    database: Database, *, tenant: str, campaign: str, plan: Plan, by: str, law: Sequence[Sequence[Window]] = ()
) -> Sequence[Finding]:
    """Give a campaign a plan and check it; what is due stays due, and what waits for another try keeps its time.

    Returns:
        What deserves a look, and in a campaign that was not started what contradicts: it is a draft then.

    Raises:
        InputError: The campaign is unknown, or was started and the plan contradicts.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        known = await _id_of(connection, owner, campaign)
        await connection.execute(text("SELECT 1 FROM campaign WHERE id = :id FOR UPDATE"), {"id": known})
        await connection.execute(
            _SET_PLAN,
            {
                "id": known,
                "starts": plan.starts_at,
                "stops": plan.stops_at,
                "hours": HOURS.dump_json(plan.hours).decode(),
                "zone": plan.zone,
                "priority": plan.priority,
                "daily": plan.daily_limit,
                "total": plan.total_limit,
                "retries": RETRIES.dump_json(plan.retries).decode(),
                "best": plan.best_time,
            },
        )
        found = await settle(connection, owner, known, law=law)
        state = await connection.execute(text("SELECT state FROM campaign WHERE id = :id"), {"id": known})
        if contradicts(found) and CampaignState(state.scalar_one()) in (CampaignState.RUNNING, CampaignState.PAUSED):
            raise InputError(f"campaign {campaign!r} keeps its plan 任务 {campaign} 沿用原计划: {said(found)}")
        await note(connection, owner, "campaign.plan", {"campaign": known, "by": by})
    return found


def said(found: Sequence[Finding]) -> str:
    """What refuses, in both languages."""
    return "; ".join(f"{one.en} {one.zh}" for one in found if one.refuses)


async def settle(
    connection: AsyncConnection,
    owner: int,
    campaign_id: int,
    *,
    law: Sequence[Sequence[Window]] = (),
    counts: bool = False,
) -> list[Finding]:
    """Check a campaign and let one that was not started stand by what is found, in the caller's transaction.

    Args:
        counts: Whether the persons it shares with other campaigns are counted, which reads both lists.
    """
    rows = (await connection.execute(_PLANNED, {"tenant": owner, "id": campaign_id})).mappings().all()
    [asked] = [row for row in rows if row["id"] == campaign_id]
    others = [row for row in rows if row["id"] != campaign_id and row["is_alive"]]
    beside = [_planned(row, await _shared(connection, campaign_id, row) if counts else None) for row in others]
    found = check(_planned(asked, None), asked["now"], law=law, beside=beside)
    state = CampaignState(asked["state"])
    after = settled(state, contradicts=contradicts(found), is_approved=asked["is_approved"])
    if after is not state:
        await connection.execute(
            text("UPDATE campaign SET state = :state WHERE id = :id"), {"state": after, "id": campaign_id}
        )
        await note(
            connection, owner, "campaign.state", {"campaign": campaign_id, "from": state, "to": after, "by": "check"}
        )
    return found


async def stands(
    database: Database, *, tenant: str, campaign: str, law: Sequence[Sequence[Window]] = (), counts: bool = True
) -> Stands:
    """Check a campaign and say how it stands.

    Raises:
        InputError: The campaign is unknown.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        known = await _id_of(connection, owner, campaign)
        found = await settle(connection, owner, known, law=law, counts=counts)
        query = f"SELECT state, held_by, held_until, {PLAN_COLUMNS} FROM campaign WHERE id = :id"
        row = (await connection.execute(text(query), {"id": known})).mappings().one()
    return Stands(state=CampaignState(row["state"]), plan=plan_from(row), held=held_from(row), findings=found)


def held_from(row: RowMapping) -> Held | None:
    """What held the campaign when somebody of it was asked for last."""
    return None if row["held_by"] is None else Held(by=Holds(row["held_by"]), until=row["held_until"])


async def next_due(database: Database, campaign_id: int) -> datetime | None:
    """When somebody of a campaign is due next, now or later; None when nobody will be, as it stands.

    A campaign that is held until an instant has nobody due before it; one that is paused or whose total is spent, nobody.
    """
    async with database.transaction() as connection:
        row = await connection.execute(_NEXT_DUE, {"campaign": campaign_id})
        due: datetime | None = row.scalar_one_or_none()
    return due


async def _id_of(connection: AsyncConnection, owner: int, campaign: str) -> int:
    row = await connection.execute(
        text("SELECT id FROM campaign WHERE tenant_id = :tenant AND name = :name"), {"tenant": owner, "name": campaign}
    )
    known: int | None = row.scalar_one_or_none()
    if known is None:
        raise InputError(f"campaign {campaign!r} is not known; create it with `fairdial campaign create` 没有这个任务")
    return known


def _planned(row: RowMapping, shared: int | None) -> Planned:
    return Planned(
        name=row["name"],
        plan=plan_from(row),
        list=row["list"],
        script_hash=row["script_hash"],
        purpose=row["purpose"],
        line=row["line"],
        shared=shared,
        is_running=row["is_running"],
        barred=row["barred"],
    )


async def _shared(connection: AsyncConnection, campaign_id: int, other: RowMapping) -> int:
    rows = await connection.execute(_SHARED, {"one": campaign_id, "other": other["id"]})
    return int(rows.scalar_one())


_SET_PLAN = text(
    "UPDATE campaign k SET starts_at = :starts, stops_at = :stops, hours = cast(:hours AS jsonb), zone = :zone,"
    " priority = :priority, daily_limit = :daily, total_limit = :total, retries = cast(:retries AS jsonb), best_time = :best,"
    " held_by = NULL, held_until = NULL, dialled_total = made.total, dialled_today = made.today,"
    " dialled_on = cast(fairdial_now() AT TIME ZONE :zone AS date) FROM (SELECT count(*) AS total, count(*) FILTER (WHERE"
    " cast(a.dialled_at AT TIME ZONE :zone AS date) = cast(fairdial_now() AT TIME ZONE :zone AS date)) AS today"
    " FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.campaign_id = :id AND a.dialled_at IS NOT NULL) made WHERE k.id = :id"
)
"""What was dialled is counted anew: while there was no limit nobody counted. Spending a permit waits for the row."""

_PLANNED = text(
    "SELECT k.id, k.name, k.state, l.name AS list, k.script_hash, k.purpose, k.line, fairdial_now() AS now,"
    f" {', '.join('k.' + name for name in PLAN_COLUMNS.split(', '))},"
    " EXISTS (SELECT 1 FROM approval a WHERE a.script_hash = k.script_hash AND a.tenant_id = k.tenant_id"
    " AND a.expires_at > fairdial_now()) AS is_approved,"
    " k.state IN ('approved', 'running', 'paused') AND EXISTS (SELECT 1 FROM campaign_contact cc WHERE cc.campaign_id = k.id"
    " AND cc.due_at IS NOT NULL) AS is_alive,"
    " ARRAY(SELECT n.name FROM line n WHERE n.name = ANY(coalesce(k.lines, ARRAY[k.line])) AND NOT (k.purpose = ANY(n.purposes)"
    " AND n.documents_until > fairdial_now()) ORDER BY n.name) AS barred,"
    f" {IS_RUNNING} AS is_running FROM campaign c JOIN campaign k ON k.id = c.id JOIN tenant t ON t.id = k.tenant_id"
    " JOIN list l ON l.id = k.list_id WHERE k.tenant_id = :tenant"
    " AND (k.id = :id OR k.state IN ('approved', 'running', 'paused'))"
)
_SHARED = text(
    "SELECT count(DISTINCT c.person_id) FROM campaign_contact x JOIN contact c ON c.id = x.contact_id"
    " WHERE x.campaign_id = :one AND c.person_id IN (SELECT d.person_id FROM campaign_contact y"
    " JOIN contact d ON d.id = y.contact_id WHERE y.campaign_id = :other)"
)
_NEXT_DUE = text(
    "SELECT greatest(k.held_until, first.due_at, fairdial_now()) FROM campaign k CROSS JOIN LATERAL ("
    "SELECT min(d.due_at) AS due_at FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL (SELECT due_at"
    " FROM campaign_contact WHERE campaign_id = k.id AND rank = r.rank AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) d) first"
    " WHERE k.id = :campaign AND k.state = 'running' AND (k.held_by IS NULL OR k.held_until IS NOT NULL)"
    " AND (k.stops_at IS NULL OR k.stops_at > greatest(k.held_until, first.due_at)) AND first.due_at IS NOT NULL"
)
