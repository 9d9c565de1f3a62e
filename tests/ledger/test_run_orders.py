"""Runs that are wanted: taken by one worker, stopped, and told rightly whoever has died."""

from __future__ import annotations

import asyncio

import pytest

from fairdial.errors import InputError
from fairdial.ledger.calls.run_orders import RunStands, end_order, standing, take, to_stop, want_run, want_stop, working
from fairdial.ledger.database import Database
from fairdial.ledger.setup import end_run, only_run
from tests.ledger.stories import TENANT, campaign, ledger, one, person, run_of

RENEWAL = {"tenant": TENANT, "campaign": "renewal"}


async def state(database: Database) -> RunStands:
    return (await standing(database, **RENEWAL)).state


def test_an_order_is_taken_by_one_worker_of_many_and_known_until_it_ends(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            assert await state(database) is RunStands.NEVER
            number = await want_run(database, **RENEWAL, by="li")
            assert await state(database) is RunStands.WAITING
            with pytest.raises(InputError, match="runs already"):
                await want_run(database, **RENEWAL, by="wang")
            async with working(database, worker="w1"), working(database, worker="w2"):
                taken = await asyncio.gather(*(take(database, worker=worker) for worker in ("w1", "w2", "w1")))
                [order] = [one for one in taken if one is not None]
                assert (order.id, order.campaign, order.tenant) == (number, "renewal", TENANT)
                stands = await standing(database, **RENEWAL)
                assert (stands.state, stands.by, stands.taken_by in ("w1", "w2")) == (RunStands.RUNNING, "li", True)
                await end_order(database, order=number, last_words="clips are missing")
            stands = await standing(database, **RENEWAL)
            assert (stands.state, stands.last_words) == (RunStands.ENDED, "clips are missing")
            assert await one(database, "SELECT count(*) FROM event WHERE kind LIKE 'run_order.%'") == 3

    asyncio.run(story())


def test_a_stop_reaches_the_worker_and_ends_at_once_what_nobody_has_taken(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            assert not await want_stop(database, **RENEWAL, by="li")
            await want_run(database, **RENEWAL, by="li")
            assert await want_stop(database, **RENEWAL, by="li")
            assert await state(database) is RunStands.ENDED
            async with working(database, worker="w1"):
                assert await take(database, worker="w1") is None
                number = await want_run(database, **RENEWAL, by="li")
                await take(database, worker="w1")
                await want_stop(database, **RENEWAL, by="li")
                assert list(await to_stop(database, worker="w1")) == [number]
                assert await state(database) is RunStands.STOPPING

    asyncio.run(story())


def test_a_run_whose_worker_died_is_told_as_ended_with_words_and_can_be_started_again(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(0)])
            await want_run(database, **RENEWAL, by="li")
            async with working(database, worker="w1"):
                await take(database, worker="w1")
            stands = await standing(database, **RENEWAL)
            assert stands.state is RunStands.ENDED and "start it again" in str(stands.last_words)
            await want_run(database, **RENEWAL, by="li")
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
                    await want_run(database, **RENEWAL, by="li")
            assert "start it again" in str((await standing(database, **RENEWAL)).last_words)
            await end_run(database, task)
            stands = await standing(database, **RENEWAL)
            assert (stands.state, stands.last_words) == (RunStands.ENDED, None)

    asyncio.run(story())
