"""Who is claimed and asked for, by whom, how often and when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.permits import ask
from tests.core.cases import PACKS
from tests.ledger.stories import (
    ask_all,
    campaign,
    ledger,
    move_clock,
    no_holidays,
    one,
    person,
    run_of,
)


def test_contact_is_claimed_by_one_worker_and_asked_once_a_run(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 31)])
            task = await run_of(database)
            asked = await asyncio.gather(*(ask_all(database, task, worker=f"w{i}") for i in range(4)))
            contacts = [a.contact.contact_id for each in asked for a in each]
            assert len(contacts) == len(set(contacts)) == 30

    asyncio.run(story())


def test_a_contact_is_asked_for_once_a_run_and_by_whoever_holds_its_claim(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            task = await run_of(database)
            claimed = await claim(database, task, count=1, worker="w1")
            assert await ask(database, claimed, task, PACKS, no_holidays, worker="w2") == {}
            assert len(await ask(database, claimed, task, PACKS, no_holidays, worker="w1")) == 1
            assert await ask(database, claimed, task, PACKS, no_holidays, worker="w1") == {}
            assert await one(database, "SELECT count(*) FROM permit") == 1

    asyncio.run(story())


def test_who_waits_is_due_when_the_wait_is_over_in_the_same_run(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await move_clock(database, timedelta(hours=15))
            task = await run_of(database)
            [asked] = await ask_all(database, task)
            assert asked.verdict.outcome == "wait" and asked.verdict.until is not None
            assert await ask_all(database, task) == []
            await move_clock(database, asked.verdict.until - await database.now() + timedelta(seconds=1))
            [again] = await ask_all(database, task)
            assert again.permit is not None

    asyncio.run(story())
