"""A worker whose process is known to be gone is settled at once; no other worker loses anything."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from fairdial.core.permit import Permit
from fairdial.errors import PermitError
from fairdial.ledger.calls.attempts import Settled, settle_dead, settle_worker
from fairdial.ledger.calls.claims import claim, held_elsewhere, renew
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.database import Database
from tests.core.cases import PACKS
from tests.ledger.chaos_worker import ended_now
from tests.ledger.stories import ask_all, campaign, ledger, move_clock, no_holidays, one, person, run_of


def test_its_calls_are_unknown_its_permits_void_and_its_claims_free_without_waiting_for_a_lease(
    database_url: str,
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 5)])
            task = await run_of(database)
            rung, reserved, claimed = await claim(database, task, count=3, worker="dead")
            answers = await ask(database, [rung, reserved], task, PACKS, no_holidays, worker="dead")
            dialled, unspent = (answers[one.contact_id].permit for one in (rung, reserved))
            assert dialled is not None and unspent is not None
            await redeem(database, dialled)

            assert await settle_worker(database, "dead") == Settled(unknown=1, released=1)

            with pytest.raises(PermitError):
                await redeem(database, unspent)
            assert await held_elsewhere(database, task, worker="other") == 0
            again = await ask_all(database, task, worker="other")
            assert {reserved.contact_id, claimed.contact_id} < {asked.contact.contact_id for asked in again}
            assert len(again) == 3 and all(asked.permit for asked in again)
            assert await one(database, "SELECT state FROM attempt WHERE id = :id", id=dialled.attempt_id) == "unknown"
            assert await settle_worker(database, "dead") == Settled(unknown=0, released=0)

    asyncio.run(story())


def test_what_a_living_worker_holds_stays_its_own(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 4)])
            task = await run_of(database)
            rung, reserved, _ = await claim(database, task, count=3, worker="living")
            answers = await ask(database, [rung, reserved], task, PACKS, no_holidays, worker="living")
            dialled, unspent = (answers[one.contact_id].permit for one in (rung, reserved))
            assert dialled is not None and unspent is not None
            await redeem(database, dialled)

            assert await settle_worker(database, "dead") == Settled(unknown=0, released=0)

            await redeem(database, unspent)
            assert await claim(database, task, count=3, worker="other") == []
            assert await one(database, "SELECT count(*) FROM attempt WHERE state = 'dialing'") == 2

    asyncio.run(story())


def test_a_call_that_failed_in_a_living_worker_becomes_unknown_and_nobody_waits_for_it_for_ever(
    database_url: str,
) -> None:
    """Its worker went on renewing its lease, and two workers of a run waited for each other's without end."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            task = await run_of(database)
            contacts = await claim(database, task, count=2, worker="one")
            answers = await ask(database, contacts, task, PACKS, no_holidays, worker="one")
            failed, talking = (answers[each.contact_id].permit for each in contacts)
            assert failed is not None and talking is not None
            for permit in (failed, talking):
                await redeem(database, permit)
            await move_clock(database, timedelta(seconds=10))
            await renew(database, [talking.attempt_id], worker="one")
            await move_clock(database, timedelta(seconds=10))
            assert await settle_dead(database) == Settled(unknown=1, released=0)
            assert await held_elsewhere(database, task, worker="other") == 1
            assert await one(database, "SELECT state FROM attempt WHERE id = :id", id=failed.attempt_id) == "unknown"

    asyncio.run(story())


async def held_for_lost(database: Database) -> tuple[Task, Permit]:
    """A call that goes on while its worker is cut off from the database, for longer than a lease."""
    await campaign(database, [person(1)])
    task = await run_of(database)
    claimed = await claim(database, task, count=1, worker="cut off")
    permit = (await ask(database, claimed, task, PACKS, no_holidays, worker="cut off"))[claimed[0].contact_id].permit
    assert permit is not None
    await redeem(database, permit)
    await move_clock(database, timedelta(seconds=20))
    assert await settle_dead(database) == Settled(unknown=1, released=0)
    return task, permit


def test_a_worker_that_was_cut_off_takes_its_living_calls_up_again(database_url: str) -> None:
    """The call went on, held no place on its line any more, and its end was thrown away."""

    async def story() -> None:
        async with ledger(database_url) as database:
            task, permit = await held_for_lost(database)
            await renew(database, [permit.attempt_id], worker="another")
            assert await one(database, "SELECT state FROM attempt") == "unknown"
            await renew(database, [permit.attempt_id], worker="cut off")
            assert await one(database, "SELECT state FROM attempt") == "dialing"
            await move_clock(database, timedelta(seconds=14))
            assert await settle_dead(database) == Settled(unknown=0, released=0)
            assert await held_elsewhere(database, task, worker="other") == 1
            await ended_now(database, permit)
            assert await one(database, "SELECT disposition FROM attempt") == "no_answer"
            assert await one(database, "SELECT outcome FROM campaign_contact") is None

    asyncio.run(story())


def test_the_end_of_a_call_that_was_held_for_lost_is_written_unless_somebody_has_settled_it(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            _, permit = await held_for_lost(database)
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE attempt SET settled_by = 'li'"))
            await ended_now(database, permit)
            await renew(database, [permit.attempt_id], worker="cut off")
            assert await one(database, "SELECT state FROM attempt") == "unknown", "by hand"
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE attempt SET settled_by = NULL"))
            await ended_now(database, permit)
            assert await one(database, "SELECT state FROM attempt") == "ended"
            assert await claim(database, (await run_of(database)), count=1, worker="next") != []

    asyncio.run(story())
