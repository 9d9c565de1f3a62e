"""A campaign's life over a real database: a pause no permit survives, limits no two workers pass, retries, plans that contradict."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from fairdial.core.call_record import Disposition
from fairdial.core.campaign.life import CampaignState, Move
from fairdial.core.campaign.plan import Holds, Plan
from fairdial.core.campaign.retries import Cause, Retries, Rule
from fairdial.core.campaign.why import ContactStands
from fairdial.core.contacts.rows import ContactRow
from fairdial.core.permit import Permit
from fairdial.core.policy.case import Purpose, Window
from fairdial.errors import InputError, PermitError
from fairdial.followup.report_json import build_report
from fairdial.ledger.calls.answer_hours import count_answers
from fairdial.ledger.calls.attempts import end_attempt, give_back, record_call_back, settle_dead
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.reading import read_campaign
from fairdial.ledger.calls.runs import only_run, start_run
from fairdial.ledger.calls.wakes import moving_campaigns
from fairdial.ledger.campaigns import move, next_due, set_plan, stands
from fairdial.ledger.database import Database
from fairdial.ledger.people.intake import Source, import_list
from fairdial.ledger.setup import create_campaign
from fairdial.ledger.views.why import whys_of
from tests.core.cases import CN_MORNING
from tests.ledger.stories import TENANT, Asked, ask_all, campaign, ledger, move_clock, one, person, run_of
from tests.ledger.test_permits import record

Story = Callable[[Database], Awaitable[None]]
NAMED: dict[str, Any] = {"tenant": TENANT, "campaign": "renewal"}


def told(database_url: str, story: Story) -> None:
    async def run() -> None:
        async with ledger(database_url) as database:
            await story(database)

    asyncio.run(run())


async def plan(database: Database, given: Plan) -> None:
    await set_plan(database, **NAMED, plan=given, by="王运营")


def permits_of(asked: Sequence[Asked]) -> list[Permit]:
    return [one.permit for one in asked if one.permit is not None]


async def call(database: Database, asked: Sequence[Asked], how: Disposition, *, outcome: str | None = None) -> None:
    """Dial everybody who was permitted; each call ends like this."""
    for permit in permits_of(asked):
        await redeem(database, permit)
        await end_attempt(database, attempt_id=permit.attempt_id, record=record(how, outcome=outcome))


def test_a_campaign_is_created_approved_started_paused_resumed_and_finished(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        assert (await stands(database, **NAMED)).state is CampaignState.APPROVED
        with pytest.raises(InputError, match="not started yet"):
            await move(database, **NAMED, move=Move.PAUSE, by="王运营")
        await run_of(database)
        assert await move(database, **NAMED, move=Move.PAUSE, by="王运营") is CampaignState.PAUSED
        with pytest.raises(InputError, match=r"is paused; .*已暂停"):
            await run_of(database)
        assert await move(database, **NAMED, move=Move.RESUME, by="王运营") is CampaignState.RUNNING
        await run_of(database)
        assert await move(database, **NAMED, move=Move.FINISH, by="王运营") is CampaignState.FINISHED
        with pytest.raises(InputError, match="is finished"):
            await move(database, **NAMED, move=Move.RESUME, by="王运营")
        moves = "SELECT string_agg(body ->> 'to', ' ' ORDER BY id) FROM event WHERE kind = 'campaign.state'"
        assert await one(database, moves) == "approved running paused running finished"

    told(database_url, story)


def test_when_a_pause_has_committed_no_permit_can_be_spent(database_url: str) -> None:
    """However many workers spend at that moment: what was spent, was spent before; what was not, never is."""

    async def story(database: Database) -> None:
        await campaign(database, [person(i) for i in range(1, 21)])
        task = await run_of(database)
        asked = await ask_all(database, task)
        permits = permits_of(asked)
        spent_at: list[datetime] = []

        async def spend(permit: Permit) -> None:
            try:
                spent_at.append((await redeem(database, permit)).dialled_at)
            except PermitError:
                await give_back(database, attempt_id=permit.attempt_id)

        spending = [asyncio.create_task(spend(permit)) for permit in permits]
        await asyncio.sleep(0.02)
        await move(database, **NAMED, move=Move.PAUSE, by="王运营")
        paused = await database.now()
        dialled = await one(database, "SELECT count(*) FROM attempt WHERE state = 'dialing'")
        await asyncio.gather(*spending)
        assert dialled == len(spent_at) == await one(database, "SELECT count(*) FROM permit WHERE used_at IS NOT NULL")
        assert all(at <= paused for at in spent_at)
        assert await ask_all(database, task) == [] and await next_due(database, task.campaign_id) is None
        await move(database, **NAMED, move=Move.RESUME, by="王运营")
        assert len(await ask_all(database, task)) == 20 - len(spent_at)

    told(database_url, story)


def test_a_permit_of_a_paused_campaign_is_not_spent_and_its_contact_stays_due(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1), person(2)])
        task = await run_of(database)
        permit = permits_of(await ask_all(database, task))[0]
        await move(database, **NAMED, move=Move.PAUSE, by="王运营")
        with pytest.raises(PermitError):
            await redeem(database, permit)
        await give_back(database, attempt_id=permit.attempt_id)
        assert await one(database, "SELECT count(*) FROM campaign_contact WHERE due_at IS NOT NULL") == 1

    told(database_url, story)


def test_every_worker_hears_of_a_pause_within_a_second(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        task = await run_of(database)
        heard = moving_campaigns(database)
        first = await anext(heard)
        assert first[task.campaign_id] is CampaignState.RUNNING
        async with asyncio.timeout(20):
            waiting = asyncio.ensure_future(anext(heard))
            await asyncio.sleep(0.1)
            since = asyncio.get_running_loop().time()
            await move(database, **NAMED, move=Move.PAUSE, by="王运营")
            assert (await waiting)[task.campaign_id] is CampaignState.PAUSED
        assert asyncio.get_running_loop().time() - since < 1
        await heard.aclose()

    told(database_url, story)


def test_limits_are_not_passed_by_several_workers_and_the_next_day_goes_on(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(i) for i in range(1, 31)])
        await plan(database, Plan(daily_limit=7, total_limit=12))
        task = await run_of(database)

        async def work(worker: str) -> None:
            for _ in range(6):
                asked = await ask_all(database, task, worker=worker)
                await call(database, asked, Disposition.ANSWERED)
                await asyncio.sleep(0)

        await asyncio.gather(*(work(f"w{n}") for n in range(3)))
        await move_clock(database, timedelta(seconds=2))  # a place kept for a permit is asked for again after a second
        await work("w0")
        dialled = "SELECT count(*) FROM attempt WHERE dialled_at IS NOT NULL"
        assert await one(database, dialled) == 7
        held = (await stands(database, **NAMED)).held
        assert held is not None and held.by is Holds.DAILY_LIMIT
        assert held.until == await next_due(database, task.campaign_id)
        assert await claim(database, task, count=5, worker="w9") == []
        await move_clock(database, timedelta(days=1))
        await work("w0")
        assert await one(database, dialled) == 12
        await move_clock(database, timedelta(seconds=2))
        assert await ask_all(database, task) == []
        held = (await stands(database, **NAMED)).held
        assert held is not None and (held.by, held.until) == (Holds.TOTAL_LIMIT, None)
        assert await next_due(database, task.campaign_id) is None
        await plan(database, Plan(total_limit=13))
        await work("w0")
        assert await one(database, dialled) == 13

    told(database_url, story)


def test_a_permit_that_is_not_spent_gives_its_place_back(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1), person(2)])
        await plan(database, Plan(total_limit=1))
        task = await run_of(database)
        [lost] = permits_of(await ask_all(database, task))
        await move_clock(database, timedelta(minutes=1))
        await settle_dead(database)
        with pytest.raises(PermitError):
            await redeem(database, lost)
        assert len(permits_of(await ask_all(database, task))) == 1

    told(database_url, story)


def test_own_hours_are_a_wait_of_the_gate_and_start_and_stop_hold_everybody(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        await plan(database, Plan(hours=(Window(start=time(14), end=time(18)),)))
        task = await run_of(database)
        [asked] = await ask_all(database, task)
        assert asked.verdict.until == CN_MORNING.replace(hour=6, minute=0)
        spoke = [o.rule_id for o in asked.verdict.opinions if o.outcome == "wait"]
        assert spoke == ["CAMPAIGN-HOURS"]
        starts = CN_MORNING + timedelta(hours=1)
        await plan(database, Plan(starts_at=starts, stops_at=starts + timedelta(hours=1)))
        await start_run(database, **NAMED)
        assert await ask_all(database, task) == []
        assert await next_due(database, task.campaign_id) == starts
        await move_clock(database, timedelta(hours=1, seconds=5))
        [permit] = permits_of(await ask_all(database, task))
        await move_clock(database, timedelta(hours=1))
        with pytest.raises(PermitError):
            await redeem(database, permit)
        assert await next_due(database, task.campaign_id) is None

    told(database_url, story)


def test_retries_follow_the_campaign_s_rules_and_its_one_budget(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        rules = {Cause.BUSY: Rule(after_min=180, at_most=9), Cause.NO_ANSWER: Rule(after_min=200, at_most=9)}
        await plan(database, Plan(retries=Retries(budget=3, rules=rules)))
        task = await run_of(database)
        state = "SELECT rank || ' ' || coalesce(waits_for, '') || ' ' || coalesce(outcome, '') FROM campaign_contact"
        await call(database, await ask_all(database, task), Disposition.BUSY)
        assert await one(database, state) == "1 busy "
        due = await next_due(database, task.campaign_id)
        dialled = await one(database, "SELECT max(dialled_at) FROM attempt")
        assert (
            isinstance(dialled, datetime)
            and due is not None
            and timedelta(hours=3) <= due - dialled < timedelta(hours=4)
        )
        assert await ask_all(database, task) == []
        [early] = await ask_all(
            database, await run_of(database)
        )  # another run asks everybody; the gate keeps the delay
        assert early.verdict.until == due
        await move_clock(database, timedelta(hours=3, minutes=1))
        await call(database, await ask_all(database, task), Disposition.NO_ANSWER)
        assert await one(database, state) == "1  budget_spent" and await next_due(database, task.campaign_id) is None

    told(database_url, story)


def test_a_promised_call_is_due_when_it_was_promised_and_before_everybody(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1), person(2)])
        task = await run_of(database)
        asked = await ask_all(database, task)
        first, second = permits_of(asked)
        await redeem(database, second)
        promised = (await database.now()) + timedelta(hours=5)
        await record_call_back(database, attempt_id=second.attempt_id, words="下午打来", not_before=promised)
        later = record(Disposition.ANSWERED, outcome="call_later")
        await end_attempt(database, attempt_id=second.attempt_id, record=later)
        await call(database, [asked[0]], Disposition.BUSY)
        await move_clock(database, timedelta(hours=5, minutes=1))
        ordered = await claim(database, task, count=2, worker="w")
        assert [c.contact_id for c in ordered] == [second.contact_id, first.contact_id]
        due = "SELECT due_at FROM campaign_contact WHERE rank = 0"
        assert await one(database, due) == promised

    told(database_url, story)


def test_a_plan_that_contradicts_keeps_a_campaign_a_draft_and_a_running_one_as_it_was(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        upside_down = Plan(starts_at=CN_MORNING + timedelta(days=2), stops_at=CN_MORNING + timedelta(days=1))
        await plan(database, upside_down)
        assert (await stands(database, **NAMED)).state is CampaignState.DRAFT
        with pytest.raises(InputError, match="it stops before it starts; swap the two 结束时间早于开始时间"):
            await run_of(database)
        await plan(database, Plan(priority=7))
        task = await run_of(database)
        with pytest.raises(InputError, match="swap the two"):
            await plan(database, upside_down)
        kept = await stands(database, **NAMED)
        assert (kept.state, kept.plan.priority, kept.plan.stops_at) == (CampaignState.RUNNING, 7, None)
        assert len(await ask_all(database, task)) == 1

    told(database_url, story)


def test_a_second_campaign_over_the_same_list_with_the_same_script_is_not_started(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1)])
        await second(database)
        again = await stands(database, tenant=TENANT, campaign="again")
        assert [(f.code, f.refuses) for f in again.findings] == [("same-calls", False)]
        await run_of(database)
        async with only_run(database, **NAMED):
            with pytest.raises(InputError, match="'again' and 'renewal' call the same list with the same script"):
                await start_run(database, tenant=TENANT, campaign="again")
        await move(database, **NAMED, move=Move.FINISH, by="王运营")
        await start_run(database, tenant=TENANT, campaign="again")
        await campaign(database, [person(1), person(2)], name="other")
        found = (await stands(database, tenant=TENANT, campaign="other")).findings
        assert [(f.code, f.refuses) for f in found] == [("same-persons", False)]
        assert "1 of the same persons" in found[0].en

    async def second(database: Database) -> None:
        row = "SELECT jsonb_build_array(script_hash, line, caller_number) FROM campaign"
        facts = await one(database, row)
        assert isinstance(facts, list)
        await create_campaign(
            database,
            tenant=TENANT,
            name="again",
            purpose=Purpose.SERVICE,
            contact_list="renewal",
            script_hash=facts[0],
            line=facts[1],
            caller_number=facts[2],
            topics=["insurance"],
        )

    told(database_url, story)


def test_every_contact_is_told_why_in_the_ledger_and_the_report(database_url: str) -> None:
    async def story(database: Database) -> None:
        await campaign(database, [person(1), person(2), person(3, basis=None), person(4)])
        await plan(database, Plan(total_limit=3))
        task = await run_of(database)
        asked = {one.contact.number: one for one in await ask_all(database, task)}
        await call(database, [asked[person(1).number]], Disposition.ANSWERED, outcome="interested")
        await call(database, [asked[person(2).number]], Disposition.BUSY)
        facts = await read_campaign(database, **NAMED)
        told = {row["line_no"]: row["why"] for row in facts.stands}
        assert (told[2].kind, told[2].en.split("; ")[1]) == (ContactStands.DONE, "not again: it came to interested")
        assert told[3].kind is ContactStands.WAITS and "was busy" in told[3].en and "上次占线" in told[3].zh
        assert told[3].until is not None and told[3].until > await database.now()
        assert told[4].kind is ContactStands.NEVER and "may not be called as things stand" in told[4].en
        assert told[5].kind in (ContactStands.WAITS, ContactStands.CALLING)
        [mine] = await whys_of(database, **NAMED, contact=None, number=person(2).number)
        assert mine["why"] == told[3] and mine["tries"] == 1
        assert await whys_of(database, tenant=TENANT, contact=None, number="+8615400009999", campaign=None) == []
        report = build_report(facts, campaign="renewal", persona_of={}, recordings=".", after={})
        assert [c["stands"] for c in report["contacts"]][:3] == ["done", "waits", "never"]
        assert all(c["why"] and c["why_zh"] for c in report["contacts"])

    told(database_url, story)


def test_who_is_appended_to_the_list_of_a_running_campaign_is_called_in_the_same_run(database_url: str) -> None:
    async def story(database: Database) -> None:
        async def put(*people: ContactRow) -> None:
            source = Source(file_name="more.csv", sha256="1" * 64)
            await import_list(database, tenant=TENANT, name="renewal", source=source, contacts=people, rejected=[])

        await campaign(database, [person(1)])
        task = await run_of(database)
        await call(database, await ask_all(database, task), Disposition.ANSWERED)
        await put(person(1), person(2))
        [added] = await ask_all(database, task)
        assert added.contact.number == person(2).number and added.permit is not None
        await move(database, **NAMED, move=Move.FINISH, by="王运营")
        await put(person(3))
        assert await one(database, "SELECT count(*) FROM campaign_contact") == 2

    told(database_url, story)


def test_a_campaign_learns_when_people_answer_unless_it_is_told_not_to(database_url: str) -> None:
    """The history is synthetic: five hundred calls, answered at four in the afternoon only."""

    async def story(database: Database) -> None:
        await campaign(database, [person(1), person(2)])
        rules = {Cause.BUSY: Rule(after_min=1, at_most=2, elsewhen=True)}
        task = await run_of(database)
        asked = await ask_all(database, task)
        assert await count_answers(database, tenant=TENANT) == 0  # nobody learns from it
        await plan(database, Plan(retries=Retries(rules=rules), best_time=True))
        await call(database, asked[:1], Disposition.BUSY)
        assert await count_answers(database, tenant=TENANT) == 1
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "INSERT INTO answer_hour (tenant_id, region, number_kind, weekday, hour, dialled, answered) SELECT"
                    " tenant_id, '上海', 'mobile', d, h, 30, CASE h WHEN 16 THEN 20 ELSE 2 END"
                    " FROM campaign, generate_series(0, 6) d, generate_series(9, 19) h"
                )
            )
        await call(database, asked[1:], Disposition.BUSY)
        due = "SELECT to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') FROM campaign_contact WHERE contact_id = :id"
        first, second = [await one(database, due, id=a.contact.contact_id) for a in asked]
        assert (first, second) == ("12:00", "16:00")  # the first open hour of another part of the day, and the best one

    told(database_url, story)
