"""A line's limits hold over all workers together, whatever they do at the same moment and whatever their clocks say."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from fairdial.errors import LedgerError
from fairdial.ledger.calls.attempts import settle_dead
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.leases import LEASE, LINGERS
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.calls.places import LineUse, use_of
from fairdial.ledger.database import Database
from tests.core.cases import PACKS
from tests.ledger.chaos_worker import ended_now
from tests.ledger.stories import campaign, ledger, move_clock, no_holidays, one, person, run_of
from tests.ledger.test_chaos import own_server as own_server
from tests.ledger.test_chaos import restart
from tests.own_server import start

CAPACITY, RATE = 5, 40.0


async def in_use(database: Database) -> LineUse:
    async with database.transaction() as connection:
        return (await use_of(connection, ["practice"]))["practice"]


async def set_rate(database: Database, rate: float | None) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE line SET calls_per_second = :rate"), {"rate": rate})


async def a_task(database: Database, people: int, *, rate: float | None = None, capacity: int = CAPACITY) -> Task:
    await campaign(database, [person(index) for index in range(1, people + 1)], capacity=capacity)
    await set_rate(database, rate)
    return await run_of(database)


def prepared(url: str, people: int, *, rate: float | None = None, capacity: int = CAPACITY) -> Task:
    async def prepare() -> Task:
        async with ledger(url) as database:
            return await a_task(database, people, rate=rate, capacity=capacity)

    return asyncio.run(prepare())


def workers_told(url: str, task: Task, log: Path) -> list[dict[str, float | str]]:
    """What three workers, the clock of one an hour off, wrote down of the same run."""
    order = [sys.executable, "-m", "tests.ledger.places_worker", url, json.dumps(asdict(task)), str(log)]
    workers = [subprocess.Popen([*order, *more]) for more in ([], [], ["off"])]
    assert [worker.wait(100) for worker in workers] == [0, 0, 0]
    return sorted(map(json.loads, log.read_text().splitlines()), key=lambda line: line["at"])


def most_at_once(told: Sequence[dict[str, float | str]]) -> int:
    living = most = 0
    for line in told:
        living += 1 if line["event"] == "began" else -1
        most = max(most, living)
    return most


def test_three_workers_never_exceed_a_lines_places_and_fill_them(database_url: str, tmp_path: Path) -> None:
    told = workers_told(database_url, prepared(database_url, 80), tmp_path / "calls.jsonl")
    assert len({line["permit"] for line in told}) == 80 and len(told) == 160
    assert most_at_once(told) == CAPACITY


def test_three_workers_together_start_no_more_calls_a_second_than_the_line_takes(
    database_url: str, tmp_path: Path
) -> None:
    """Starts are slots; a slot is reached a little late on a busy machine, never early."""
    task = prepared(database_url, 60, rate=RATE, capacity=1000)
    starts = [
        float(line["at"])
        for line in workers_told(database_url, task, tmp_path / "calls.jsonl")
        if line["event"] == "began"
    ]
    assert len(starts) == 60 and starts[-1] - starts[0] >= 59 / RATE * 0.9
    for first in range(len(starts)):
        second = [at for at in starts if starts[first] <= at < starts[first] + 1.0]
        assert len(second) <= RATE * 1.25, "no second is crowded"


def test_the_slots_of_permits_follow_each_other_and_who_has_none_stays_due(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            task = await a_task(database, 30, rate=2.0, capacity=1000)
            claimed = await claim(database, task, count=16, worker="w1")
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker="w1")
            waits = [answer.permit.wait_s for answer in answers.values() if answer.permit]
            assert len(waits) == 11 and all(abs(b - a - 0.5) < 1e-6 for a, b in pairwise(waits)), "5 s ahead"
            use = await in_use(database)
            assert (use.living, use.room.starts) == (11, 0)
            assert await one(database, "SELECT count(*) FROM campaign_contact WHERE worker IS NULL") == 19
            assert await one(database, "SELECT count(*) FROM verdict") == 11, "nobody was asked in vain"
            await move_clock(database, timedelta(hours=-1))
            assert (await in_use(database)).room.starts == 0, "a rehearsal's clock is no matter"

    asyncio.run(story())


def test_two_campaigns_share_the_places_of_their_line(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 5)], name="one", capacity=CAPACITY)
            await campaign(database, [person(index) for index in range(11, 15)], name="two", capacity=CAPACITY)
            tasks = [await run_of(database, name) for name in ("one", "two")]
            given = []
            for task in tasks:
                claimed = await claim(database, task, count=4, worker=f"w{task.campaign_id}")
                answers = await ask(database, claimed, task, PACKS, no_holidays, worker=f"w{task.campaign_id}")
                given.append(len(answers))
            assert given == [4, 1]
            assert (await in_use(database)).free == 0

    asyncio.run(story())


def test_a_call_whose_worker_died_keeps_its_place_until_the_network_has_hung_up(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            task = await a_task(database, 7)
            claimed = await claim(database, task, count=6, worker="w1")
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker="w1")
            permits = [answer.permit for answer in answers.values() if answer.permit is not None]
            assert len(permits) == CAPACITY
            for permit in permits[:2]:
                await redeem(database, permit)
            await ended_now(database, permits[0])
            assert (await in_use(database)).free == 1
            await move_clock(database, timedelta(seconds=21))
            await settle_dead(database)
            assert (await in_use(database)).free == CAPACITY - 1
            await move_clock(database, LINGERS - LEASE)
            assert (await in_use(database)).free == CAPACITY

    asyncio.run(story())


def test_a_line_edited_down_below_what_lives_starts_nothing_more(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            task = await a_task(database, 8, capacity=4)
            first = await claim(database, task, count=4, worker="w1")
            assert len(await ask(database, first, task, PACKS, no_holidays, worker="w1")) == 4
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE line SET capacity = 2"))
            more = await claim(database, task, count=4, worker="w1")
            assert await ask(database, more, task, PACKS, no_holidays, worker="w1") == {}
            assert (await in_use(database)).free == 0

    asyncio.run(story())


def test_a_database_without_a_connection_left_is_said(own_server: Path) -> None:
    """Found on a server of three connections: it was told as a database that does not run."""
    url = start(own_server)
    (own_server / "postgresql.auto.conf").write_text("max_connections = 8\nsuperuser_reserved_connections = 3\n")

    async def story() -> None:
        async with ledger(url) as database, AsyncExitStack() as held:
            with pytest.raises(LedgerError, match="no connection left; raise its max_connections"):
                for _ in range(8):
                    listening = await database.listener()
                    held.push_async_callback(listening.close)

    restart(own_server)
    asyncio.run(story())
