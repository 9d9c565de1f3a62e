"""Runs that are wanted: an order is a row, workers join it, whoever asks is told how it stands.

Nobody's word is taken for who lives: a run holds a lock, a worker another, and both are gone with their process (`presence`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.workers import Wanted
from fairdial.errors import InputError
from fairdial.ledger.calls.presence import WAS_AWAY, is_present, present
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id

_BELL = "fairdial_run"
_AGAIN_S = 1.0
_MOST_WORDS = 2000

_DIED = "the worker that ran it ended before the run did; start it again to go on 运行它的进程意外终止,可重新开始"
_ALONE = "the process that ran it ended before the run did; start it again to go on 运行它的进程意外终止,可重新开始"


class RunStands(StrEnum):
    """How a campaign's newest run stands; waiting for a worker is one of them."""

    NEVER = "never"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands: who wanted it and when (None from a command line), which workers have it, why it ended badly.

    `held_by` is the limit that holds it while it runs, a value of `core.pacing.limits.Limit`.
    """

    state: RunStands
    by: str | None = None
    at: datetime | None = None
    taken_by: str | None = None
    last_words: str | None = None
    held_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that a worker has joined; `stays` when it goes on until nobody will be due any more."""

    id: int
    tenant: str
    campaign: str
    stays: bool


async def want_run(database: Database, *, tenant: str, campaign: str, by: str, stays: bool = False) -> int:
    """Order a run; workers join it. One that `stays` goes on until nobody will be due any more.

    Raises:
        InputError: The campaign is unknown, runs already, or waits for a worker already.
    """
    already = InputError(f"campaign {campaign!r} runs already 任务正在运行")
    try:
        async with database.transaction() as connection:
            if (await _standing(connection, tenant, campaign)).state not in (RunStands.NEVER, RunStands.ENDED):
                raise already
            await connection.execute(_BURY, {"words": _DIED})
            row = await connection.execute(
                text(
                    "INSERT INTO run_order (tenant_id, campaign_id, wanted, by_whom, stays)"
                    " SELECT tenant_id, id, 'run', :by, :stays"
                    " FROM campaign WHERE tenant_id = :tenant AND name = :name RETURNING id"
                ),
                {"tenant": await tenant_id(connection, tenant), "name": campaign, "by": by, "stays": stays},
            )
            number: int | None = row.scalar_one_or_none()
            if number is None:
                raise InputError(f"campaign {campaign!r} is not known 没有这个任务")
            await _ring(connection)
            return number
    except IntegrityError as error:  # somebody else has just ordered it
        raise already from error


async def want_stop(database: Database, *, tenant: str, campaign: str, by: str) -> bool:
    """Order the run to stop; one that waits for a worker is over at once. False when no order stands."""
    async with database.transaction() as connection:
        stopped = await connection.execute(
            text(
                "UPDATE run_order SET wanted = 'stop', stopped_by = :by,"
                " ended_at = CASE WHEN taken_by IS NULL AND carriers = '{}' THEN fairdial_now() END"
                " WHERE ended_at IS NULL AND campaign_id ="
                " (SELECT id FROM campaign WHERE tenant_id = :tenant AND name = :name) RETURNING id"
            ),
            {"tenant": await tenant_id(connection, tenant), "name": campaign, "by": by},
        )
        found = stopped.first() is not None
        await _ring(connection)
        return found


async def standing(database: Database, *, tenant: str, campaign: str) -> Standing:
    """How the newest run of a campaign stands, whoever runs it."""
    async with database.transaction() as connection:
        return await _standing(connection, tenant, campaign)


async def _standing(connection: AsyncConnection, tenant: str, campaign: str) -> Standing:
    found = await connection.execute(_STANDING, {"tenant": tenant, "name": campaign})
    row = found.mappings().one_or_none()
    if row is None:
        return Standing(state=RunStands.NEVER)
    has_order = row["at"] is not None
    is_open = has_order and row["ended_at"] is None
    taken_by = ", ".join(row["carriers"] or ()) or None
    about = {"by": row["by_whom"], "at": row["at"], "taken_by": taken_by} if has_order else {}
    if row["is_running"] or (is_open and (row["has_worker"] or (taken_by and row["was_away"]))):
        is_stopping = is_open and row["wanted"] == "stop"
        state = RunStands.STOPPING if is_stopping else RunStands.RUNNING
        return Standing(state=state, held_by=row["held_by"], **(about if is_open else {}))
    if is_open:
        if taken_by is None:
            return Standing(state=RunStands.WAITING, **about)
        return Standing(state=RunStands.ENDED, **about, last_words=_DIED)
    is_cut_off = row["started_at"] is not None and row["run_ended_at"] is None
    words = row["last_words"] or (_ALONE if is_cut_off else None)
    state = RunStands.ENDED if has_order or row["started_at"] is not None else RunStands.NEVER
    return Standing(state=state, **about, last_words=words)


@asynccontextmanager
async def working(database: Database, *, worker: str) -> AsyncIterator[None]:
    """Be known as a living worker inside the block."""
    async with present(database, f"worker/{worker}"):
        yield


async def wanted_runs(database: Database) -> Sequence[Wanted]:
    """The runs that workers may join. What dead workers had, and nobody else carries, is ended first."""
    async with database.transaction() as connection:
        await connection.execute(_BURY, {"words": _DIED})
        rows = await connection.execute(_WANTED)
        return [Wanted(id=row.id, priority=row.priority, carriers=row.carriers) for row in rows]


async def join(database: Database, *, order: int, worker: str) -> Order | None:
    """Be one of those that carry an order; None when it is over, or is to be."""
    async with database.transaction() as connection:
        joined = await connection.execute(
            text(
                "UPDATE run_order o SET carriers = array_append(array_remove(o.carriers, :worker), :worker),"
                " joined_at = fairdial_now(), taken_by = coalesce(o.taken_by, :worker),"
                " taken_at = coalesce(o.taken_at, fairdial_now()) FROM campaign c JOIN tenant t ON t.id = c.tenant_id"
                " WHERE c.id = o.campaign_id AND o.id = :order AND o.ended_at IS NULL AND o.wanted = 'run'"
                " RETURNING o.id, t.name AS tenant, c.name AS campaign, o.stays"
            ),
            {"worker": worker, "order": order},
        )
        row = joined.mappings().one_or_none()
        return None if row is None else Order(**row)


async def to_stop(database: Database, orders: Sequence[int]) -> Sequence[int]:
    """Of these orders those that somebody wants stopped."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT id FROM run_order WHERE id = ANY(:orders) AND wanted = 'stop'"),
            {"orders": list(orders)},
        )
        return list(rows.scalars())


async def is_stopped(database: Database, *, order: int) -> bool:
    """Whether somebody wants an order stopped."""
    return bool(await to_stop(database, [order]))


async def leave(database: Database, *, order: int, worker: str, last_words: str | None) -> None:
    """Carry an order no longer; it waits for others.

    Of an order that nobody else carries, one that was to be stopped is over, and so is one whose only worker could not go on:
    `last_words` say why.
    """
    async with database.transaction() as connection:
        await connection.execute(_LEAVE, {"id": order, "worker": worker})
        await connection.execute(_END_LEFT, {"id": order, "words": last_words and last_words[:_MOST_WORDS]})
        await _ring(connection)


async def bells(database: Database, *, at_least_every_s: float) -> AsyncGenerator[None, None]:
    """Comes back whenever an order was given, and at least this often; goes on when the database has been away."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database.address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {_BELL}")
                while True:
                    yield
                    async for _ in connection.notifies(timeout=at_least_every_s, stop_after=1):
                        pass
        except psycopg.OperationalError:
            await asyncio.sleep(_AGAIN_S)


async def _ring(connection: AsyncConnection) -> None:
    await connection.execute(text(f"SELECT pg_notify('{_BELL}', '')"))


_IS_LIVING = is_present("'worker/' || w")
_HAS_WORKER = f"EXISTS (SELECT 1 FROM unnest(o.carriers) w WHERE {_IS_LIVING})"
_WAS_AWAY = WAS_AWAY.format(since="o.joined_at")
IS_RUNNING = is_present("'run/' || t.name || '/' || c.name")
"""SQL over a tenant `t` and its campaign `c`: see `setup.member`."""

_STANDING = text(
    f"SELECT o.wanted, o.by_whom, o.at, o.carriers, o.ended_at, o.last_words, {IS_RUNNING} AS is_running,"
    f" {_HAS_WORKER} AS has_worker, {_WAS_AWAY} AS was_away, r.started_at, r.ended_at AS run_ended_at, r.held_by"
    " FROM campaign c JOIN tenant t ON t.id = c.tenant_id LEFT JOIN LATERAL (SELECT * FROM run_order"
    " WHERE campaign_id = c.id ORDER BY id DESC LIMIT 1) o ON true LEFT JOIN LATERAL (SELECT * FROM run"
    " WHERE campaign_id = c.id ORDER BY number DESC LIMIT 1) r ON true WHERE t.name = :tenant AND c.name = :name"
)
_BURY = text(
    "UPDATE run_order o SET ended_at = fairdial_now(), last_words = :words FROM campaign c"
    " JOIN tenant t ON t.id = c.tenant_id WHERE c.id = o.campaign_id AND o.ended_at IS NULL AND o.carriers <> '{}'"
    f" AND NOT {_HAS_WORKER} AND NOT {IS_RUNNING} AND NOT ({_WAS_AWAY})"
)
_WANTED = text(
    "SELECT o.id, c.priority,"
    f" (SELECT count(*) FROM unnest(o.carriers) w WHERE {_IS_LIVING}) AS carriers FROM run_order o"
    " JOIN campaign c ON c.id = o.campaign_id WHERE o.ended_at IS NULL AND o.wanted = 'run'"
    " AND (o.carriers <> '{}' OR o.taken_by IS NULL) ORDER BY o.id"
)
"""Without what a worker of the version before has taken for itself."""

_OTHERS = f"ARRAY(SELECT w FROM unnest(carriers) w WHERE w <> :worker AND ({_IS_LIVING} OR {WAS_AWAY.format(since='joined_at')}))"
_LEAVE = text(
    f"UPDATE run_order SET carriers = {_OTHERS}, taken_by = CASE WHEN {_OTHERS} <> '{{}}' THEN taken_by END,"
    f" taken_at = CASE WHEN {_OTHERS} <> '{{}}' THEN taken_at END WHERE id = :id AND ended_at IS NULL"
)
"""Whoever died before goes with it, so that what nobody carries waits and is not buried; who lost the server a moment ago may live."""

_END_LEFT = text(
    "UPDATE run_order o SET ended_at = fairdial_now(), last_words = coalesce(:words, o.last_words)"
    " WHERE o.id = :id AND o.ended_at IS NULL AND (o.wanted = 'stop' OR cast(:words AS text) IS NOT NULL)"
    f" AND NOT {_HAS_WORKER}"
)
