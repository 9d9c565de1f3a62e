"""What people do on the phone pulls a brake; the gate denies what is suspended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from fairdial.core.call_record import Turn
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.policy.pack import Brake, Signal
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.suspensions import lift, pull_brakes, suspended
from fairdial.ledger.chores import take_turn
from fairdial.ledger.database import Database
from fairdial.ledger.people.refusals import record_refusal
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, Asked, ask_all, campaign, ledger, one, person, run_of


def brake(signal: Signal) -> Brake:
    """The brake of a signal, stopping above half of four or more."""
    shipped = next(b for b in PACKS["*"].brakes if b.signal is signal and b.at_most_ratio)
    return replace(shipped, at_most_ratio=0.5, at_least=4, sure_z=0.0)


async def talk(database: Database, asked: Asked, signal: Signal | None) -> None:
    """One answered call of twenty seconds, in which the person does what the signal says."""
    assert asked.permit is not None
    spent = await redeem(database, asked.permit)
    answered, lasts = spent.dialled_at, timedelta(seconds=4 if signal is Signal.SHORT_HANG_UP else 20)
    who = Understood(meaning=Meaning.ASK_IDENTITY, confidence=1.0, evidence="你是谁")
    turn = Turn(
        heard="你是谁", understood=who, heard_at=answered, said=None, said_at=None, gap_ms=None, interrupted=False
    )
    if signal is Signal.OPT_OUT:
        await record_refusal(
            database, attempt_id=asked.permit.attempt_id, kind="hard", words="别打了", understood_at=answered
        )
    record = replace(
        RECORD,
        answered_at=answered,
        ended_at=answered + lasts,
        goodbye_ended_at=None if signal is Signal.SHORT_HANG_UP else answered + lasts,
        first_word_ms=300,
        turns=(turn,) if signal is Signal.ASKS_WHO else (),
    )
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=record)


async def story_of(database: Database, signals: list[Signal | None]) -> Task:
    """A campaign with one person for each signal, and one more who has not been called."""
    await campaign(database, [person(i) for i in range(1, len(signals) + 2)])
    task = await run_of(database)
    asked = await ask_all(database, task)
    for one_asked, signal in zip(asked, signals, strict=False):
        await talk(database, one_asked, signal)
    return task


RATES = [Signal.OPT_OUT, Signal.SHORT_HANG_UP, Signal.ASKS_WHO]


@pytest.mark.parametrize("signal", RATES)
def test_a_signal_stops_caller_line_script_and_tenant_and_nothing_else_is_asked(
    database_url: str, signal: Signal
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await story_of(database, [signal, signal, signal, None])
            others = [brake(s) for s in RATES if s is not signal]
            assert await pull_brakes(database, others) == ()
            stopped = await pull_brakes(database, [brake(s) for s in RATES])
            assert sorted(what.split()[0] for what in stopped) == ["caller", "line", "script", "tenant"]
            assert all("3 / 4" in what for what in stopped)
            assert await pull_brakes(database, [brake(signal)]) == (), "it stands already"
            last = (await ask_all(database, await run_of(database)))[-1]
            assert "NOT-SUSPENDED" in {o.rule_id for o in last.verdict.opinions if o.outcome == "deny"}

    asyncio.run(story())


def test_too_few_answers_or_too_small_a_share_stop_nothing(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await story_of(database, [Signal.OPT_OUT] * 2 + [None] * 2)
            assert await pull_brakes(database, [brake(Signal.OPT_OUT)]) == ()
            assert await pull_brakes(database, [replace(brake(Signal.OPT_OUT), at_most_ratio=0.1, at_least=5)]) == ()
            assert await pull_brakes(database, PACKS["*"].brakes) == ()

    asyncio.run(story())


def test_machines_that_answer_do_not_thin_out_the_people_who_refused(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await story_of(database, [Signal.OPT_OUT] * 4 + [None] * 4)
            async with database.transaction() as connection:
                await connection.exec_driver_sql(
                    "UPDATE attempt SET disposition = 'voicemail' WHERE id NOT IN (SELECT attempt_id FROM refusal)"
                    " AND answered_at IS NOT NULL"
                )
            assert all("4 / 4" in what for what in await pull_brakes(database, [brake(Signal.OPT_OUT)]))
            assert len(await suspended(database, tenant=TENANT)) == 4

    asyncio.run(story())


def test_what_was_heard_before_somebody_lifted_it_does_not_stop_again(database_url: str) -> None:
    """A suspension that was lifted came back within a minute, for the same refusals."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await story_of(database, [Signal.OPT_OUT] * 4)
            limits = [brake(Signal.OPT_OUT)]
            assert len(await pull_brakes(database, limits)) == 4
            for row in await suspended(database, tenant=TENANT):
                about = {"resource": row["resource"], "name": row["name"], "by": "李主管", "reason": "改过话术"}
                await lift(database, tenant=TENANT, **about)
            assert await pull_brakes(database, limits) == ()
            assert await one(database, "SELECT count(*) FROM event WHERE kind = 'suspension.insert'") == 4

    asyncio.run(story())


def test_of_many_workers_one_does_a_chore_and_a_clock_set_back_makes_it_due(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            minute = timedelta(minutes=1)
            turns = await asyncio.gather(*(take_turn(database, "brakes", every=minute) for _ in range(8)))
            assert sum(turns) == 1
            assert await take_turn(database, "seal", every=minute)
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE chore SET begun_at = fairdial_now() + interval '1 day'")
            assert await take_turn(database, "brakes", every=minute)

    asyncio.run(story())
