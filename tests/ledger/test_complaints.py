"""Complaints are refusals and pull a brake; refusals take people off every queue; unknown attempts are settled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from fairdial.core.call_record import Disposition
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.errors import InputError
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.suspensions import lift, suspend, suspended
from fairdial.ledger.database import Database
from fairdial.ledger.people.complaints import ComplaintNotice, settle, take_complaint, unknown_attempts
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, one, person, run_of

PATIENT = [brake for brake in PACKS["*"].brakes if brake.id == "BRAKE-COMPLAINTS-DAY"]
"""Only the daily number counts: nobody has answered yet in these stories."""


async def complain(database: Database, index: int) -> tuple[str, ...]:
    notice = ComplaintNotice(
        number=person(index).number,
        caller_number="+8615499990001",
        category="nuisance",
        source="12321",
        words="天天打",
        received_at=await database.now(),
        acknowledge_within=timedelta(days=1),
        close_within=timedelta(days=15),
    )
    return (await take_complaint(database, tenant=TENANT, notice=notice, brakes=PATIENT)).stopped


def denied_by(asked: object) -> set[str]:
    return {o.rule_id for o in asked.verdict.opinions if o.outcome == "deny"}  # type: ignore[attr-defined]


def test_a_complaint_is_a_refusal_of_the_person(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            assert await complain(database, 1) == ()
            first, second = await ask_all(database, await run_of(database))
            assert "CN-REFUSAL" in denied_by(first) and second.permit is not None

    asyncio.run(story())


def test_three_complaints_in_a_day_stop_the_number_and_somebody_named_lifts_it(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(i) for i in range(1, 6)])
            stopped = [await complain(database, i) for i in (1, 2, 3)]
            assert stopped[:2] == [(), ()] and any("caller" in what for what in stopped[2])
            last = (await ask_all(database, await run_of(database)))[-1]
            assert "NOT-SUSPENDED" in denied_by(last)
            for row in await suspended(database, tenant=TENANT):
                await lift(
                    database, tenant=TENANT, resource=row["resource"], name=row["name"], by="李主管", reason="改过话术"
                )
            assert (await ask_all(database, await run_of(database)))[-1].permit is not None
            assert await one(database, "SELECT count(*) FROM event WHERE kind LIKE 'suspension.%'") == 4

    asyncio.run(story())


def test_a_line_suspended_by_hand_stops_every_campaign_on_it(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await suspend(
                database, tenant=TENANT, resource="line", name="practice", reason="carrier asked", by="王经理"
            )
            [asked] = await ask_all(database, await run_of(database))
            assert "NOT-SUSPENDED" in denied_by(asked)
            with pytest.raises(InputError, match="suspended already"):
                await suspend(database, tenant=TENANT, resource="line", name="practice", reason="again", by="王经理")

    asyncio.run(story())


def test_a_refusal_by_message_closes_reservations_and_queues_of_its_scope(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)], name="one")
            await campaign(database, [person(1)], name="two")
            [asked] = await ask_all(database, await run_of(database, "one"))
            assert asked.permit is not None
            notice = RefusalNotice(number=person(1).number, source="sms", evidence="TD 14:02")
            await add_refusal(database, tenant=TENANT, notice=notice)
            assert await one(database, "SELECT count(*) FROM attempt WHERE state = 'reserved'") == 0
            assert await one(database, "SELECT count(*) FROM campaign_contact WHERE outcome = 'refused'") == 2

    asyncio.run(story())


def test_a_refusal_for_one_purpose_leaves_the_others_open(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            notice = RefusalNotice(
                number=person(1).number,
                source="portal",
                evidence="form",
                scope=RefusalScope.PURPOSE,
                purpose=Purpose.MARKETING,
            )
            await add_refusal(database, tenant=TENANT, notice=notice)
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None

    asyncio.run(story())


def test_an_unknown_attempt_is_settled_with_a_record_and_goes_on_counting(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None
            await redeem(database, asked.permit)
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE attempt SET state = 'unknown'"))
            [unknown] = await unknown_attempts(database, tenant=TENANT)
            about = {"tenant": TENANT, "attempt_id": unknown["id"], "record": "cdr-17", "by": "李主管"}
            await settle(database, disposition=Disposition.NO_ANSWER, **about)
            assert await unknown_attempts(database, tenant=TENANT) == []
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign_contact SET lease_until = NULL"))
            [again] = await ask_all(database, await run_of(database))
            assert again.permit is None, "it counts as made"
            with pytest.raises(InputError, match="is not unknown"):
                await settle(database, disposition=Disposition.BUSY, **about)

    asyncio.run(story())
