"""Runs that are wanted: taken by one worker, stopped, and told rightly whoever has died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from fairdial.core.workers import Wanted
from fairdial.errors import InputError
from fairdial.ledger.calls.run_orders import (
    RunStands,
    bells,
    join,
    leave,
    standing,
    to_stop,
    want_run,
    want_stop,
    wanted_runs,
    working,
)
from fairdial.ledger.calls.runs import end_run, join_run, member, only_run, require_startable
from fairdial.ledger.database import Database
from tests.ledger.stories import TENANT, campaign, ledger, one, person, run_of

RENEWAL = {"tenant": TENANT, "campaign": "renewal"}


async def state(database: Database) -> RunStands:
    return (await standing(database, **RENEWAL)).state


async def order(database: Database) -> int:
    return await want_run(database, tenant=TENANT, campaign="renewal", by="li")


@asynccontextmanager
async def two_workers(database: Database) -> AsyncIterator[int]:
    """An order that two living workers have joined."""
    await campaign(database, [person(0)])
    number = await order(database)
    async with working(database, worker="w1"), working(database, worker="w2"):
        for worker in ("w1", "w2"):
            await join(database, order=number, worker=worker)
        yield number


def test_an_order_is_joined_by_many_workers_and_stands_until_the_run_is_over(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            assert await state(database) is RunStands.NEVER
            number = await order(database)
            assert await state(database) is RunStands.WAITING
            with pytest.raises(InputError, match="runs already"):
                await order(database)
            async with working(database, worker="w1"), working(database, worker="w2"):
                assert await wanted_runs(database) == [Wanted(id=number, priority=5)]
                joined = await asyncio.gather(*(join(database, order=number, worker=w) for w in ("w1", "w2")))
                assert [(one and one.campaign, one and one.tenant) for one in joined] == [("renewal", TENANT)] * 2
                assert await wanted_runs(database) == [Wanted(id=number, priority=5, carriers=2)]
                stands = await standing(database, **RENEWAL)
                assert (stands.state, stands.by, sorted((stands.taken_by or "").split(", "))) == (
                    RunStands.RUNNING,
                    "li",
                    ["w1", "w2"],
                )
                tasks = [await join_run(database, order=number) for _ in range(2)]
                assert tasks[0] == tasks[1] is not None, "one run"
                await leave(database, order=number, worker="w1", last_words=None)
                assert await state(database) is RunStands.RUNNING
                assert tasks[0] is not None
                await end_run(database, tasks[0], order=number)
                assert await state(database) is RunStands.ENDED
                ended = await one(database, "SELECT ended_at FROM run")
                await end_run(database, tasks[0], order=number)
                assert await one(database, "SELECT ended_at FROM run") == ended, "once"
                assert await join_run(database, order=number) is None and await wanted_runs(database) == []
                assert await join(database, order=number, worker="w2") is None

    asyncio.run(story())


def test_who_is_last_to_leave_is_told_so_and_nobody_else(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            async with (
                member(database, **RENEWAL, order=1) as first,
                member(database, **RENEWAL, order=1) as second,
            ):
                with pytest.raises(InputError, match="another process"):
                    async with only_run(database, **RENEWAL):
                        raise AssertionError("run twice")
                told = await asyncio.gather(first.is_last(), second.is_last())
                assert sorted(told) == [False, True]
            async with only_run(database, **RENEWAL):
                with pytest.raises(InputError, match="another process"):
                    async with member(database, **RENEWAL, order=1):
                        raise AssertionError("joined what a command line runs")

    asyncio.run(story())


def test_an_order_whose_last_living_worker_leaves_after_another_died_waits_for_others(database_url: str) -> None:
    """The dead one stayed among its carriers: the order was buried, and no new worker took it up."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            number = await order(database)
            async with working(database, worker="w2"):
                async with working(database, worker="w1"):
                    for worker in ("w1", "w2"):
                        await join(database, order=number, worker=worker)
                await leave(database, order=number, worker="w2", last_words=None)
                assert await wanted_runs(database) == [Wanted(id=number, priority=5)]
                assert await state(database) is RunStands.WAITING

    asyncio.run(story())


def test_what_contradicts_is_said_when_a_run_is_ordered_and_the_campaign_stays_as_it_was(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            before = await one(database, "SELECT state FROM campaign")
            await require_startable(database, **RENEWAL)
            assert await one(database, "SELECT state FROM campaign") == before
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign SET stops_at = fairdial_now() - interval '1 day'"))
            with pytest.raises(InputError, match="not started"):
                await require_startable(database, **RENEWAL)
            assert await one(database, "SELECT state FROM campaign") == before, "whoever ordered it was told"

    asyncio.run(story())


def test_an_order_left_by_all_its_workers_waits_for_others_and_its_run_goes_on(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            number = await order(database)
            async with working(database, worker="w1"):
                await join(database, order=number, worker="w1")
                first = await join_run(database, order=number)
                await leave(database, order=number, worker="w1", last_words=None)
            assert await state(database) is RunStands.WAITING
            async with working(database, worker="w2"):
                assert await join(database, order=number, worker="w2") is not None
                assert await join_run(database, order=number) == first
            assert await one(database, "SELECT count(*) FROM run") == 1

    asyncio.run(story())


def test_what_one_worker_cannot_do_ends_an_order_only_when_nobody_else_carries_it(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            async with two_workers(database) as number:
                await leave(database, order=number, worker="w1", last_words="clips are missing")
                assert await state(database) is RunStands.RUNNING
                await leave(database, order=number, worker="w2", last_words="clips are missing here, too")
            stands = await standing(database, **RENEWAL)
            assert (stands.state, stands.last_words) == (RunStands.ENDED, "clips are missing here, too")

    asyncio.run(story())


def test_a_stop_reaches_all_workers_and_ends_at_once_what_nobody_has_joined(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            assert not await want_stop(database, **RENEWAL, by="li")
            await order(database)
            assert await want_stop(database, **RENEWAL, by="li")
            assert await state(database) is RunStands.ENDED
            async with working(database, worker="w1"), working(database, worker="w2"):
                assert await wanted_runs(database) == []
                number = await order(database)
                for worker in ("w1", "w2"):
                    await join(database, order=number, worker=worker)
                await want_stop(database, **RENEWAL, by="li")
                assert list(await to_stop(database, [number])) == [number]
                assert await state(database) is RunStands.STOPPING
                assert await join(database, order=number, worker="w3") is None
                await leave(database, order=number, worker="w1", last_words=None)
                assert await state(database) is RunStands.STOPPING
                await leave(database, order=number, worker="w2", last_words=None)
                assert await state(database) is RunStands.ENDED

    asyncio.run(story())


def test_a_run_whose_workers_all_died_is_told_as_ended_with_words_and_can_be_started_again(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            number = await order(database)
            async with working(database, worker="w1"):
                async with working(database, worker="w2"):
                    for worker in ("w1", "w2"):
                        await join(database, order=number, worker=worker)
                assert await wanted_runs(database) == [Wanted(id=number, priority=5, carriers=1)], "one of them lives"
            async with asyncio.timeout(20):
                while await state(database) is RunStands.RUNNING:
                    await asyncio.sleep(0.02)
            stands = await standing(database, **RENEWAL)
            assert stands.state is RunStands.ENDED and "start it again" in str(stands.last_words)
            assert await wanted_runs(database) == []
            await order(database)
            assert await state(database) is RunStands.WAITING

    asyncio.run(story())


def test_a_run_from_a_command_line_is_told_too_and_so_is_its_death(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            async with only_run(database, **RENEWAL):
                task = await run_of(database)
                stands = await standing(database, **RENEWAL)
                assert (stands.state, stands.by) == (RunStands.RUNNING, None)
                with pytest.raises(InputError, match="runs already"):
                    await order(database)
            async with asyncio.timeout(20):  # the server takes a moment to notice that a connection has gone
                while await state(database) is RunStands.RUNNING:
                    await asyncio.sleep(0.02)
            assert "start it again" in str((await standing(database, **RENEWAL)).last_words)
            await end_run(database, task)
            stands = await standing(database, **RENEWAL)
            assert (stands.state, stands.last_words) == (RunStands.ENDED, None)

    asyncio.run(story())


def test_every_worker_hears_at_once_that_a_run_is_to_stop(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database, two_workers(database) as number:
            ears = [bells(database, at_least_every_s=600.0) for _ in range(2)]
            for ear in ears:
                await anext(ear)  # it listens
            hearing = [asyncio.create_task(anext(ear)) for ear in ears]
            await asyncio.sleep(0.1)
            await want_stop(database, **RENEWAL, by="li")
            await asyncio.wait_for(asyncio.gather(*hearing), 30.0)  # and not in ten minutes
            assert list(await to_stop(database, [number])) == [number]
            for ear in ears:
                await ear.aclose()

    asyncio.run(story())
