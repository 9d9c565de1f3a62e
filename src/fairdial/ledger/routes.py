"""What routing decides from, read for claimed contacts, and what it holds back, written down. `core.pacing.routing` decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.pacing.caller_use import (
    UNLIMITED,
    USUAL,
    CallerKind,
    CallerLimits,
    CallerUse,
    Repute,
    limits_for,
    room,
)
from fairdial.core.pacing.routing import CallerState, Held, LineState, ToCall, caller_of
from fairdial.core.permit import Claimed
from fairdial.core.policy.case import LineKind
from fairdial.core.trunk import caller_kind
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.places import LineUse, use_of
from fairdial.ledger.database import Database
from fairdial.ledger.lines import Stands, states_of

WAITED_FOR = timedelta(minutes=10)
"""Contacts that are held for longer are no reason for a run to go on; a later one takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All that routing looks at, by the database's clock; lines and numbers in the order of the campaign."""

    contacts: tuple[ToCall, ...]
    lines: tuple[LineState, ...]
    callers: tuple[CallerState, ...]
    now: datetime


async def read_choice(database: Database, task: Task, claimed: Sequence[Claimed]) -> Choice:
    """What there is to choose from for these contacts."""
    async with database.transaction() as connection:
        found = await _lines(connection, task)
        callers = await _callers(connection, task, is_carrier=found.is_carrier)
        contacts = await _contacts(connection, task, claimed)
    return Choice(contacts=contacts, lines=found.states, callers=callers, now=found.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A campaign's lines in its order, how much of each is in use, by the database's clock."""

    states: tuple[LineState, ...]
    uses: Mapping[str, LineUse]
    is_carrier: bool
    now: datetime


async def read_lines(database: Database, task: Task) -> Lines:
    """How the campaign's lines stand."""
    async with database.transaction() as connection:
        return await _lines(connection, task)


async def _lines(connection: AsyncConnection, task: Task) -> Lines:
    names = task.all_lines
    states, uses = await states_of(connection, names), await use_of(connection, names)
    rows = (await connection.execute(_LINES, {"names": list(names), "campaign": task.campaign_id})).all()
    by_name = {row.name: row for row in rows}
    return Lines(
        states=tuple([_line(by_name[name], states[name], uses[name]) for name in names if name in by_name]),
        uses=uses,
        is_carrier=any(row.kind == LineKind.CARRIER for row in rows),
        now=states[names[0]].now,
    )


_LINES = text(
    "SELECT l.name, l.kind, l.regions, l.unavailable, l.cost,"
    " coalesce(k.purpose = ANY(l.purposes) AND l.documents_until > fairdial_now(), false) AS is_permitted"
    " FROM line l CROSS JOIN (SELECT purpose FROM campaign WHERE id = :campaign) k WHERE l.name = ANY(:names)"
)


def _line(row: Row[Any], stands: Stands, use: LineUse) -> LineState:
    return LineState(
        name=row.name,
        is_permitted=row.is_permitted,
        regions=None if row.regions is None else frozenset(row.regions),
        unavailable=frozenset(row.unavailable or ()),
        breaker=stands.breaker,
        free=use.free,
        cost=row.cost or 0.0,
        fault_share=stands.fault_share,
    )


async def _contacts(connection: AsyncConnection, task: Task, claimed: Sequence[Claimed]) -> tuple[ToCall, ...]:
    rows = await connection.execute(
        text(
            "SELECT cc.contact_id, c.region, cc.tried_lines FROM campaign_contact cc JOIN contact c ON c.id = cc.contact_id"
            " WHERE cc.campaign_id = :campaign AND cc.contact_id = ANY(:contacts)"
        ),
        {"campaign": task.campaign_id, "contacts": [one.contact_id for one in claimed]},
    )
    found = {row.contact_id: row for row in rows}
    return tuple(
        [
            ToCall(contact_id=one.contact_id, region=row.region, tried=frozenset(row.tried_lines or ()))
            for one in claimed
            if (row := found.get(one.contact_id))
        ]
    )


async def _callers(connection: AsyncConnection, task: Task, *, is_carrier: bool) -> tuple[CallerState, ...]:
    numbers = task.all_caller_numbers
    rows = await connection.execute(_CALLERS, {"numbers": list(numbers), "tenant": task.tenant_id})
    known = {row.number: row for row in rows}
    limits = {number: _limits(number, known.get(number), is_carrier=is_carrier) for number in numbers}
    uses = await _uses(connection, [number for number in numbers if limits[number] != UNLIMITED])
    return tuple(
        [_caller(number, known.get(number), limits[number], uses.get(number, CallerUse())) for number in numbers]
    )


_CALLERS = text(
    "SELECT number, kind, region, lines, hourly_limit, daily_limit, rests_until, standing FROM caller_number"
    " WHERE number = ANY(:numbers) AND tenant_id = :tenant"
)


async def as_shown(connection: AsyncConnection, task: Task, contact_id: int) -> Task:
    """The task as this contact is asked for: with the number it is shown, whatever state that is in."""
    numbers = task.all_caller_numbers
    if len(numbers) == 1:
        return task
    rows = await connection.execute(_CALLERS, {"numbers": list(numbers), "tenant": task.tenant_id})
    regions = {row.number: row.region for row in rows}
    found = await connection.execute(text("SELECT region FROM contact WHERE id = :id"), {"id": contact_id})
    contact = ToCall(contact_id=contact_id, region=found.scalar_one_or_none())
    callers = [CallerState(number=number, region=regions.get(number), limits=UNLIMITED) for number in numbers]
    return replace(task, caller_number=caller_of(contact, callers).number)


def _limits(number: str, row: Row[Any] | None, *, is_carrier: bool) -> CallerLimits:
    """What the operator set, or what is usual for its kind on carrier lines; half when it is ill thought of."""
    kind = CallerKind(row.kind) if row is not None and row.kind else caller_kind(number)
    usual = USUAL[kind] if is_carrier else UNLIMITED
    if row is None:
        return usual
    hourly = row.hourly_limit if row.hourly_limit is not None else usual.hourly
    daily = row.daily_limit if row.daily_limit is not None else usual.daily
    stands = Repute(row.standing) if row.standing else Repute.GOOD
    return limits_for(CallerLimits(hourly=hourly, daily=daily, area_share=USUAL[kind].area_share), stands)


def _caller(number: str, row: Row[Any] | None, limits: CallerLimits, use: CallerUse) -> CallerState:
    if row is None:  # the gate denies what is not registered
        return CallerState(number=number, limits=limits, use=use)
    return CallerState(
        number=number,
        region=row.region,
        lines=None if row.lines is None else frozenset(row.lines),
        limits=limits,
        use=use,
    )


async def _uses(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, CallerUse]:
    """What was given to these numbers, over all workers; permits that ran out unspent are not counted."""
    if not numbers:
        return {}
    rows = await connection.execute(_USES, {"numbers": list(numbers)})
    return {
        row.number: CallerUse(
            hour=row.hour,
            day=row.day,
            by_area={area["region"]: area["calls"] for area in row.areas or ()},
            hour_frees_at=row.first_of_hour + timedelta(hours=1) if row.first_of_hour else None,
            day_frees_at=row.first_of_day + timedelta(days=1) if row.first_of_day else None,
            rests_until=row.rests_until,
        )
        for row in rows
    }


_USES = text(
    "WITH made AS MATERIALIZED (SELECT p.caller_number, p.issued_at, c.region,"
    " p.issued_at > (SELECT fairdial_now()) - interval '1 hour' AS of_hour FROM permit p JOIN contact c ON c.id = p.contact_id"
    " WHERE p.caller_number = ANY(:numbers) AND p.issued_at > (SELECT fairdial_now()) - interval '1 day'"
    " AND (p.used_at IS NOT NULL OR p.expires_at > fairdial_now()))"
    " SELECT n.number, n.rests_until, count(m.issued_at) FILTER (WHERE m.of_hour) AS hour, count(m.issued_at) AS day,"
    " min(m.issued_at) FILTER (WHERE m.of_hour) AS first_of_hour, min(m.issued_at) AS first_of_day,"
    " (SELECT jsonb_agg(jsonb_build_object('region', region, 'calls', calls)) FROM (SELECT region, count(*) AS calls FROM made"
    " WHERE caller_number = n.number AND of_hour GROUP BY region) by_area) AS areas"
    " FROM caller_number n LEFT JOIN made m ON m.caller_number = n.number WHERE n.number = ANY(:numbers) GROUP BY n.number"
)


async def within_use(
    connection: AsyncConnection, caller: CallerState, areas: Mapping[int, str | None], claimed: Sequence[Claimed]
) -> list[Claimed]:
    """Those of these contacts that the number may still be used for, counted while nobody else is given it.

    The number's row stays locked until the transaction ends; a number without limits is not locked.
    """
    if caller.limits == UNLIMITED:
        return list(claimed)
    await connection.execute(
        text("SELECT 1 FROM caller_number WHERE number = :number FOR NO KEY UPDATE"), {"number": caller.number}
    )
    now = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
    use = (await _uses(connection, [caller.number])).get(caller.number, CallerUse())
    hour, day, by_area = use.hour, use.day, {**(use.by_area or {})}
    within = []
    for one in claimed:
        area = areas.get(one.contact_id)
        sofar = CallerUse(hour=hour, day=day, by_area=by_area, rests_until=use.rests_until)
        if room(sofar, caller.limits, area=area, now=now).calls:
            hour, day, by_area[area] = hour + 1, day + 1, by_area.get(area, 0) + 1
            within.append(one)
    return within


async def hold(database: Database, task: Task, held: Mapping[int, Held], *, worker: str) -> None:
    """Give contacts back unasked, with why and until when; a number whose hour is full begins to rest."""
    if not held:
        return
    async with database.transaction() as connection:
        await connection.execute(
            _HOLD,
            [
                {"campaign": task.campaign_id, "contact": contact, "why": one.why, "until": one.until, "worker": worker}
                for contact, one in sorted(held.items())
            ],
        )
        for number, until in sorted({(one.rests, one.until) for one in held.values() if one.rests}):
            await connection.execute(_REST, {"number": number, "until": until})


_HOLD = text(
    "UPDATE campaign_contact SET due_at = :until, held_until = :until, held_because = :why, lease_until = NULL, worker = NULL"
    " WHERE campaign_id = :campaign AND contact_id = :contact AND worker = :worker AND due_at IS NOT NULL"
)
_REST = text(
    "UPDATE caller_number SET rests_until = :until WHERE number = :number AND coalesce(rests_until < fairdial_now(), true)"
)


async def release(database: Database, task: Task, contacts: Iterable[int], *, worker: str) -> None:
    """Give contacts back that are due as they were."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE campaign_contact SET lease_until = NULL, worker = NULL WHERE campaign_id = :campaign"
                " AND contact_id = ANY(:contacts) AND worker = :worker AND due_at IS NOT NULL"
            ),
            {"campaign": task.campaign_id, "contacts": sorted(contacts), "worker": worker},
        )


async def held_back(database: Database, task: Task) -> int:
    """How many contacts that nobody holds wait for a line or a number for less than `WAITED_FOR`; counts to a hundred."""
    async with database.transaction() as connection:
        rows = await connection.execute(_HELD_BACK, {"campaign": task.campaign_id, "soon": WAITED_FOR, "most": 100})
        return int(rows.scalar_one())


_HELD_BACK = text(
    "SELECT count(*) FROM (SELECT 1 FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL (SELECT 1 FROM campaign_contact"
    " WHERE campaign_id = :campaign AND rank = r.rank AND due_at > (SELECT fairdial_now())"
    " AND due_at <= (SELECT fairdial_now()) + cast(:soon AS interval) AND held_until = due_at"
    " AND (lease_until IS NULL OR lease_until < fairdial_now()) LIMIT :most) h LIMIT :most) held"
)
