"""Runs that are wanted: an order is a row, a worker takes it, whoever asks is told how it stands.

Nobody's word is taken for who lives: a run holds an advisory lock, a worker another, and PostgreSQL gives both back when
their process is gone, however it went.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.errors import InputError
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
    """How a run stands: who wanted it and when (None from a command line), which worker has it, why it ended badly."""

    state: RunStands
    by: str | None = None
    at: datetime | None = None
    taken_by: str | None = None
    last_words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that a worker has taken."""

    id: int
    tenant: str
    campaign: str


async def want_run(database: Database, *, tenant: str, campaign: str, by: str) -> int:
    """Order a run; some worker takes it.

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
                    "INSERT INTO run_order (tenant_id, campaign_id, wanted, by_whom) SELECT tenant_id, id, 'run', :by"
                    " FROM campaign WHERE tenant_id = :tenant AND name = :name RETURNING id"
                ),
                {"tenant": await tenant_id(connection, tenant), "name": campaign, "by": by},
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
                " ended_at = CASE WHEN taken_by IS NULL THEN fairdial_now() END WHERE ended_at IS NULL AND campaign_id ="
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
    about = {"by": row["by_whom"], "at": row["at"], "taken_by": row["taken_by"]} if has_order else {}
    if row["is_running"] or (is_open and row["has_worker"]):
        is_stopping = is_open and row["wanted"] == "stop"
        return Standing(state=RunStands.STOPPING if is_stopping else RunStands.RUNNING, **(about if is_open else {}))
    if is_open:
        if row["taken_by"] is None:
            return Standing(state=RunStands.WAITING, **about)
        return Standing(state=RunStands.ENDED, **about, last_words=_DIED)
    is_cut_off = row["started_at"] is not None and row["run_ended_at"] is None
    words = row["last_words"] or (_ALONE if is_cut_off else None)
    state = RunStands.ENDED if has_order or row["started_at"] is not None else RunStands.NEVER
    return Standing(state=state, **about, last_words=words)


@asynccontextmanager
async def working(database: Database, *, worker: str) -> AsyncIterator[None]:
    """Be known as a living worker inside the block."""
    async with database.engine.connect() as connection:
        key = {"key": f"worker/{worker}"}
        await connection.execute(text("SELECT pg_advisory_lock(hashtextextended(:key, 0))"), key)
        await connection.commit()
        try:
            yield
        finally:
            with contextlib.suppress(DBAPIError):
                await connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)


async def take(database: Database, *, worker: str) -> Order | None:
    """The oldest order that nobody has; no two workers take the same one. What dead workers had is ended first."""
    async with database.transaction() as connection:
        await connection.execute(_BURY, {"words": _DIED})
        taken = await connection.execute(
            text(
                "UPDATE run_order o SET taken_by = :worker, taken_at = fairdial_now() FROM campaign c"
                " JOIN tenant t ON t.id = c.tenant_id WHERE c.id = o.campaign_id AND o.id = (SELECT id FROM run_order"
                " WHERE ended_at IS NULL AND taken_by IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING o.id, t.name AS tenant, c.name AS campaign"
            ),
            {"worker": worker},
        )
        row = taken.mappings().one_or_none()
        return None if row is None else Order(**row)


async def to_stop(database: Database, *, worker: str) -> Sequence[int]:
    """Orders of this worker that somebody wants stopped."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT id FROM run_order WHERE ended_at IS NULL AND taken_by = :worker AND wanted = 'stop'"),
            {"worker": worker},
        )
        return list(rows.scalars())


async def end_order(database: Database, *, order: int, last_words: str | None) -> None:
    """The run is over; `last_words` say why it did not end well."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE run_order SET ended_at = fairdial_now(), last_words = :words WHERE id = :id AND ended_at IS NULL"
            ),
            {"id": order, "words": last_words and last_words[:_MOST_WORDS]},
        )


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


def is_locked(key: str) -> str:
    """SQL that tells whether some process holds the advisory lock of a key, which is SQL, too."""
    return (
        "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        f" AND ((classid::bigint << 32) | objid::bigint) = hashtextextended({key}, 0))"
    )


_HAS_WORKER = is_locked("'worker/' || o.taken_by")
IS_RUNNING = is_locked("'run/' || t.name || '/' || c.name")
"""SQL over a tenant `t` and its campaign `c`: see `only_run`."""

_STANDING = text(
    f"SELECT o.wanted, o.by_whom, o.at, o.taken_by, o.ended_at, o.last_words, {IS_RUNNING} AS is_running,"
    f" {_HAS_WORKER} AS has_worker, r.started_at, r.ended_at AS run_ended_at"
    " FROM campaign c JOIN tenant t ON t.id = c.tenant_id LEFT JOIN LATERAL (SELECT * FROM run_order"
    " WHERE campaign_id = c.id ORDER BY id DESC LIMIT 1) o ON true LEFT JOIN LATERAL (SELECT * FROM run"
    " WHERE campaign_id = c.id ORDER BY number DESC LIMIT 1) r ON true WHERE t.name = :tenant AND c.name = :name"
)
_BURY = text(
    "UPDATE run_order o SET ended_at = fairdial_now(), last_words = :words FROM campaign c"
    " JOIN tenant t ON t.id = c.tenant_id WHERE c.id = o.campaign_id AND o.ended_at IS NULL AND o.taken_by IS NOT NULL"
    f" AND NOT {_HAS_WORKER} AND NOT {IS_RUNNING}"
)
