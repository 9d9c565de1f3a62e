"""A worker whose process is known to be gone is settled at once; no other worker loses anything."""

from __future__ import annotations

import asyncio

import pytest

from fairdial.errors import PermitError
from fairdial.ledger.calls.attempts import Settled, settle_worker
from fairdial.ledger.calls.claims import claim, held_elsewhere
from fairdial.ledger.calls.permits import ask, redeem
from tests.core.cases import PACKS
from tests.ledger.stories import ask_all, campaign, ledger, no_holidays, one, person, run_of


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
            assert [asked.contact.contact_id for asked in again][:2] == [reserved.contact_id, claimed.contact_id]
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
