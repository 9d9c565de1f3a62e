"""Lines and numbers over a real ledger: what is written by one worker holds for every other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from fairdial.app.routing import Routing
from fairdial.core.call_record import NETWORK_SILENT, CallRecord, Disposition
from fairdial.core.pacing.breaker import State
from fairdial.core.pacing.set_up import Fault
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.case import Purpose
from fairdial.core.policy.pack import Signal
from fairdial.core.trunk import Trunk
from fairdial.core.wire import WireMessage
from fairdial.errors import InputError, LineError, PermitError
from fairdial.ledger.caller_names import weigh_callers
from fairdial.ledger.calls.attempts import end_attempt, give_back
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.runs import case_of
from fairdial.ledger.calls.suspensions import pull_brakes, suspend
from fairdial.ledger.database import Database
from fairdial.ledger.lines import due_probes, give_back_trials, line_states, note_probe, take_trials, weigh
from fairdial.ledger.parties import CallerTerms, add_caller_number, add_line, line_password
from fairdial.ledger.setup import create_campaign
from fairdial.tenant_law import Law, LivingLaw
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.core.scripts import renewal
from tests.ledger.stories import TENANT, campaign, ledger, line_entry, move_clock, no_holidays, one, person, run_of

FAR = datetime(2028, 12, 31, tzinfo=UTC)
FIRST = "+8615499990001"


def wire(*statuses: str) -> tuple[WireMessage, ...]:
    invite = WireMessage(after_ms=0, is_ours=True, what="INVITE", of="1 INVITE")
    return (invite, *[WireMessage(after_ms=50, is_ours=False, what=what, of="1 INVITE") for what in statuses])


SILENT = replace(RECORD, disposition=Disposition.FAILED, outcome=NETWORK_SILENT)
BUSY = replace(RECORD, disposition=Disposition.BUSY, sip_status=486, wire=wire("180 Ringing", "486 Busy Here"))
REFUSED = replace(RECORD, disposition=Disposition.FAILED, sip_status=503, wire=wire("100 Trying", "503 Unavailable"))
RANG_FIRST = replace(REFUSED, wire=wire("180 Ringing", "503 Unavailable"))


async def two_lines(database: Database, people: int, *, numbers: Sequence[str] = (FIRST,)) -> None:
    """A campaign over two lines and these numbers."""
    await campaign(database, [person(i) for i in range(1, people + 1)])
    await add_line(database, tenant=TENANT, line=line_entry(name="second"))
    for number in numbers[1:]:
        await add_caller_number(database, tenant=TENANT, number=number, is_own=True, documents_until=FAR)
    await over(database, lines=("practice", "second"), numbers=numbers)


async def over(database: Database, *, lines: Sequence[str], numbers: Sequence[str]) -> None:
    await create_campaign(
        database, tenant=TENANT, name="renewal", purpose=Purpose.SERVICE, contact_list="renewal",
        script_hash=renewal().hash, line=lines[0], caller_number=numbers[0], topics=["insurance"],
        more_lines=lines[1:], more_caller_numbers=numbers[1:],
    )  # fmt: skip


async def routing_of(
    database: Database, *, worker: str = "w1", patience_s: float = 900.0, stays: bool = False
) -> Routing:
    law = LivingLaw(database, PACKS, tenant=TENANT, law=Law(packs=PACKS))
    return Routing(database, await run_of(database), law, worker=worker, patience_s=patience_s, stays=stays)


async def permits(routing: Routing, claimed: Sequence[Claimed]) -> list[Permit]:
    return [permit for _, permit in (await routing.ask(claimed)).values() if permit is not None]


async def ends(database: Database, permit: Permit, record: CallRecord) -> None:
    spent = await redeem(database, permit)
    await LedgerBook(database).end(permit, replace(record, ended_at=spent.dialled_at + timedelta(milliseconds=200)))


async def breaks(database: Database, routing: Routing, *, calls: int = 5, record: CallRecord = SILENT) -> list[Permit]:
    """Calls over the first line that its network leaves without a word."""
    given = await permits(routing, await routing.claim(calls))
    for permit in given:
        await ends(database, permit, record)
    return given


async def state_of(database: Database, line: str = "practice") -> State:
    return (await line_states(database, [line]))[line].breaker.state


def test_five_silent_calls_take_a_line_out_for_every_worker_and_another_carries_on(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 8)
            routing = await routing_of(database)
            assert {permit.line for permit in await breaks(database, routing)} == {"practice"}
            stands = (await line_states(database, ["practice"]))["practice"]
            assert (stands.breaker.state, stands.breaker.faults) == (State.OPEN, (Fault.SILENT,))
            assert await one(database, "SELECT count(*) FROM event WHERE kind = 'line.open'") == 1
            other = await routing_of(database, worker="w2")
            assert {permit.line for permit in await permits(other, await other.claim(8))} == {"second"}

    asyncio.run(story())


def test_what_was_permitted_over_a_line_that_opens_is_not_dialled_and_due_at_once(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 8)
            await add_line(database, tenant=TENANT, line=replace(line_entry(), capacity=8))
            routing = await routing_of(database)
            given = await permits(routing, await routing.claim(6))
            for permit in given[:5]:
                await ends(database, permit, SILENT)
            with pytest.raises(PermitError):
                await redeem(database, given[5])
            await give_back(database, attempt_id=given[5].attempt_id)
            [again] = [p for p in await permits(routing, await routing.claim(3)) if p.contact_id == given[5].contact_id]
            assert again.line == "second"

    asyncio.run(story())


def test_a_line_is_probed_when_it_has_rested_and_three_good_calls_close_it(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 12)
            await over(database, lines=("practice",), numbers=(FIRST,))
            routing = await routing_of(database)
            await breaks(database, routing)
            assert [one.free for one in await routing.lines()] == [0], "the dialer has no room, and waits"
            assert await due_probes(database, ["practice"]) == ()
            await move_clock(database, timedelta(seconds=31))
            assert await due_probes(database, ["practice"]) == ("practice",)
            assert await due_probes(database, ["practice"]) == (), "one prober at a time"
            await note_probe(database, "practice", answered=True)
            trials = await permits(routing, await routing.claim(5))
            assert len(trials) == 3 and await permits(routing, await routing.claim(5)) == []
            for permit in trials:
                await ends(database, permit, BUSY)
            assert await weigh(database, ["practice"]) == ("practice",)
            assert await state_of(database) is State.CLOSED
            await move_clock(database, timedelta(seconds=5))
            assert len(await permits(routing, await routing.claim(5))) == 4, "everybody that is left"

    asyncio.run(story())


def test_trials_are_given_once_whoever_asks(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 6)
            await breaks(database, await routing_of(database))
            await move_clock(database, timedelta(seconds=31))
            await note_probe(database, "practice", answered=True)
            taken = await asyncio.gather(*[take_trials(database, "practice", wanted=2) for _ in range(6)])
            assert sum(taken) == 3
            await give_back_trials(database, "practice", unused=1)
            assert await take_trials(database, "practice", wanted=5) == 1

    asyncio.run(story())


def test_a_run_ends_when_no_line_could_be_used_for_too_long(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 6)
            await over(database, lines=("practice",), numbers=(FIRST,))
            routing = await routing_of(database, patience_s=0.0)
            await breaks(database, routing)
            with pytest.raises(LineError, match="practice silent"):
                await routing.lines()

    asyncio.run(story())


def test_a_line_that_is_edited_away_holds_the_run_and_writes_nobody_off(database_url: str) -> None:
    """Its purpose was changed in mid-campaign: everybody due was denied, and put right it called nobody of them."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 6)
            await over(database, lines=("practice",), numbers=(FIRST,))
            routing = await routing_of(database, stays=True)
            await add_line(database, tenant=TENANT, line=replace(line_entry(), purposes=frozenset({Purpose.SURVEY})))
            assert [one.free for one in await routing.lines()] == [0]
            assert await permits(routing, await routing.claim(3)) == [], "whoever was on their way is held"
            assert await routing.claim(3) == []
            with pytest.raises(LineError, match="practice: not let for this purpose"):
                await (await routing_of(database)).lines()
            await add_line(database, tenant=TENANT, line=line_entry())
            assert [one.free > 0 for one in await routing.lines()] == [True]
            assert len(await permits(routing, await routing.claim(3))) == 3

    asyncio.run(story())


def test_who_surely_was_not_rung_is_called_over_another_line_at_once_and_was_no_contact(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 1)
            routing = await routing_of(database)
            [first] = await breaks(database, routing, calls=1, record=REFUSED)
            [second] = await permits(routing, await routing.claim(1))
            assert (first.line, second.line, first.contact_id) == ("practice", "second", second.contact_id)
            assert first.id != second.id, "a permit of its own"
            await ends(database, second, REFUSED)
            assert await routing.claim(1) == [], "each line once"
            await move_clock(database, timedelta(minutes=16))
            again = await routing_of(database)
            [third] = await permits(again, await again.claim(1))
            assert third.line == "practice", "a later run begins anew"

    asyncio.run(story())


@pytest.mark.parametrize(
    "record",
    [RANG_FIRST, replace(REFUSED, wire=wire("183 Session Progress", "503 S")), SILENT, replace(REFUSED, wire=()),
     replace(REFUSED, sip_status=504, wire=wire("504 Time-out")), replace(REFUSED, sip_status=403, wire=wire("403 Forbidden")),
     replace(REFUSED, disposition=Disposition.CANCELLED)],
    ids=["180 then 503", "183 then 503", "silence", "no trace", "504", "403", "given up"],
)  # fmt: skip
def test_whose_phone_may_have_rung_is_not_called_again_and_counts(database_url: str, record: CallRecord) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 1)
            routing = await routing_of(database)
            assert len(await breaks(database, routing, calls=1, record=record)) == 1
            assert await routing.claim(1) == []
            again = await routing_of(database)
            [(verdict, permit)] = (await again.ask(await again.claim(1))).values()
            assert permit is None and verdict.outcome == "wait", "the day's contact is spent"

    asyncio.run(story())


def test_no_race_of_workers_uses_a_number_beyond_its_hour(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 24)
            await add_line(database, tenant=TENANT, line=replace(line_entry(), capacity=100))
            terms = CallerTerms(hourly_limit=10)
            await add_caller_number(
                database,
                tenant=TENANT,
                number=FIRST,
                is_own=True,
                documents_until=FAR,
                terms=replace(terms, daily_limit=15),
            )
            first = await routing_of(database)
            workers = [
                Routing(database, first._task, first._law, worker=f"w{i}", patience_s=900, stays=False)
                for i in range(4)
            ]
            claimed = [await worker.claim(6) for worker in workers]
            given = await asyncio.gather(*[permits(w, c) for w, c in zip(workers, claimed, strict=True)])
            area_limit = 5  # half of the hour's: all live in one region
            assert sum(len(each) for each in given) == area_limit
            assert await permits(workers[0], await workers[0].claim(6)) == []
            why = await one(
                database, "SELECT DISTINCT held_because FROM campaign_contact WHERE held_until > fairdial_now()"
            )
            assert why == "number_area"

    asyncio.run(story())


def test_a_suspended_number_gets_the_gate_s_no_and_its_contacts_go_nowhere_else(database_url: str) -> None:
    numbers = [f"+86154999900{i:02}" for i in range(1, 4)]

    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 30, numbers=numbers)
            await add_line(database, tenant=TENANT, line=replace(line_entry(), capacity=100))
            await suspend(database, tenant=TENANT, resource="caller", name=numbers[1], reason="投诉", by="李合规")
            routing = await routing_of(database)
            answers = await routing.ask(await routing.claim(30))
            shown = Counter(permit.caller_number for _, permit in answers.values() if permit)
            denied = sum(verdict.outcome == "deny" for verdict, _ in answers.values())
            assert set(shown) == {numbers[0], numbers[2]} and denied >= 5 and sum(shown.values()) + denied == 30
            assert await routing.claim(30) == []
            for contact, (verdict, _) in list(answers.items())[:6]:
                seen = await case_of(
                    database, tenant=TENANT, campaign="renewal", contact_id=contact, calendar_of=no_holidays
                )
                assert seen is not None and seen.caller.suspended is (verdict.outcome == "deny"), (
                    "as whoever asks why is told"
                )
            with pytest.raises(InputError, match="not moved to another"):
                await over(database, lines=("practice",), numbers=[numbers[0], numbers[2]])

    asyncio.run(story())


BLOCKED = replace(RECORD, disposition=Disposition.REJECTED, sip_status=608, wire=wire("180 Ringing", "608 Rejected"))


def test_a_third_block_within_a_day_stops_the_number_and_takes_its_line_and_script_into_review(
    database_url: str,
) -> None:
    brakes = [brake for brake in PACKS["*"].brakes if brake.signal is Signal.BLOCKED]

    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 9)
            await weigh_callers(database, [FIRST])
            routing = await routing_of(database)
            for permit in await breaks(database, routing, calls=2, record=BLOCKED):
                assert permit.caller_number == FIRST
            assert await pull_brakes(database, brakes) == ()
            await breaks(database, routing, calls=1, record=BLOCKED)
            stopped = await pull_brakes(database, brakes)
            assert {"caller", "line", "script"} <= {what.split()[0] for what in stopped}
            await weigh_callers(database, [FIRST])
            assert await one(database, "SELECT standing || signs::text FROM caller_number") == "poor{blocked,declined}"
            answers = await routing.ask(await routing.claim(5))
            assert {verdict.outcome for verdict, _ in answers.values()} == {"deny"}

    asyncio.run(story())


def test_a_number_that_is_stopped_takes_what_it_was_used_with_into_review_and_nothing_else(database_url: str) -> None:
    shipped = next(brake for brake in PACKS["*"].brakes if brake.signal is Signal.COMPLAINT and brake.at_most)
    complaints = replace(shipped, at_most=0)

    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 2)
            await breaks(database, await routing_of(database), calls=1, record=BUSY)
            async with database.transaction() as connection:
                await connection.execute(text(
                    "INSERT INTO complaint (tenant_id, person_id, caller_number, category, source, received_at, acknowledge_by,"
                    " close_by) SELECT tenant_id, person_id, :number, 'nuisance', 'carrier', fairdial_now(), fairdial_now(),"
                    " fairdial_now() FROM attempt"
                ), {"number": FIRST})  # fmt: skip
            stopped = await pull_brakes(database, [complaints])
            assert sorted(what.split(":")[0] for what in stopped) == sorted(
                [f"caller {FIRST[:12]}", "line practice", f"script {renewal().hash[:12]}", "tenant 1"]
            )
            await weigh_callers(database, [FIRST])
            assert await one(database, "SELECT standing || signs::text FROM caller_number") == "poor{complaints}"

    asyncio.run(story())


def test_a_password_of_a_trunk_is_sealed_and_stays_when_the_line_is_changed(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await add_line(database, tenant=TENANT, line=line_entry(), password="t0p-secret")
            await add_line(database, tenant=TENANT, line=line_entry())
            assert await line_password(database, "practice") == "t0p-secret"
            kept = await one(database, "SELECT encode(sealed, 'escape') FROM line_secret")
            assert "t0p" not in str(kept)
            assert await one(database, "SELECT count(*) FROM event WHERE body::text LIKE '%t0p%'") == 0
            for wrong in ('a"b', "a\\b", "a\nb", ""):
                with pytest.raises(InputError, match="password"):
                    await add_line(database, tenant=TENANT, line=line_entry(), password=wrong)
            for login in ("a b", "a;auth_pass=x", "a@b", "<a>"):
                with pytest.raises(InputError, match="login"):
                    await add_line(database, tenant=TENANT, line=replace(line_entry(), trunk=Trunk(login=login)))

    asyncio.run(story())


def test_an_attempt_keeps_what_its_set_up_showed(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 1)
            routing = await routing_of(database)
            [permit] = await permits(routing, await routing.claim(1))
            told = ("retry-after: 120", "call-info: <https://redress.example/x>;purpose=jwscard")
            answer = WireMessage(after_ms=900, is_ours=False, what="608 Rejected", of="1 INVITE", told=told)
            await redeem(database, permit)
            record = replace(
                RECORD, disposition=Disposition.REJECTED, sip_status=608, wire=(*wire("180 Ringing"), answer)
            )
            await end_attempt(database, attempt_id=permit.attempt_id, record=record)
            row = await one(
                database, "SELECT row(post_dial_ms, retry_after_s, redress, surely_unrung)::text FROM attempt"
            )
            assert row == "(50,120,https://redress.example/x,f)"

    asyncio.run(story())
