"""What a run's hands are counted by: every hand once, what it does unchanged, and nothing of a person in any label."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import generate_latest

from fairdial.app import run_watch
from fairdial.app.run_watch import RunWatch
from fairdial.app.watch import Watch
from fairdial.campaign.dialer import Dialer, Hands, Watcher
from fairdial.core.call_record import NETWORK_SILENT, CallRecord, Disposition, Turn
from fairdial.core.call_trace import Span
from fairdial.core.live_call import LiveCall, Stage
from fairdial.core.permit import Permit, SpentPermit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.opinion import Opinion
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.calls.attempts import Settled
from fairdial.ledger.calls.facts import Task
from fairdial.observe.metrics import OPERATIONS
from fairdial.upkeep import Chore
from tests.call.stories import Book
from tests.campaign.test_dialer import RECORD, World, permit_for
from tests.virtual_time import run_virtually

TASK = Task(
    tenant_id=1, campaign_id=7, run_id=1, run_number=1, line="trunk-1", caller_number="+861012345678",
    script_hash="0" * 64, variables=(),
)  # fmt: skip
HELD = Opinion("CN-HOURS", Outcome.WAIT, "王女士的时段", "", "", "law", datetime(2026, 11, 26, tzinfo=UTC), {})
SILENT = Opinion("CN-REFUSAL", Outcome.ALLOW, "", "", "", "law", None, {})


class Told:
    """Reads what a watch has counted."""

    def __init__(self, watch: Watch) -> None:
        self._registry = watch.meters.registry

    def __call__(self, name: str, **labels: str) -> float:
        return self._registry.get_sample_value(f"fairdial_{name}", labels) or 0.0

    @property
    def text(self) -> str:
        return generate_latest(self._registry).decode()


def hands_of(world: World) -> Hands:
    async def settle() -> None:
        pass

    async def held_elsewhere() -> int:
        return 0

    return Hands(
        claim=world.claim, ask=world.ask, place=world.place, give_back=world.give_back, renew=world.renew, settle=settle,
        held_elsewhere=held_elsewhere,
    )  # fmt: skip


def run_with(world: World, run: RunWatch, *, capacity: int = 3) -> None:
    hands = run.hands(hands_of(world))
    watcher = run.watcher(Watcher(ended=lambda contact, _end: world.ended.append(contact)))
    run_virtually(Dialer(hands, capacity=capacity, watcher=watcher).run())


def test_a_run_is_the_same_run_and_its_gate_and_claims_are_counted() -> None:
    watch, world = Watch(), World(5, denied=frozenset({3}))
    run_with(world, RunWatch(watch, TASK))
    told = Told(watch)
    assert sorted(world.ended) == [0, 1, 2, 4]
    assert told("gate_decisions_total", campaign="7", outcome="allow") == 4
    assert told("gate_decisions_total", campaign="7", outcome="deny") == 1
    assert told("ledger_seconds_count", operation="gate") >= 1
    assert told("ledger_seconds_count", operation="claim") >= 2


def test_every_rule_that_held_is_counted_and_none_that_allowed() -> None:
    watch, world = Watch(), World(1)

    async def ask(contacts: Sequence[object]) -> dict[int, tuple[Verdict, Permit | None]]:
        return {0: (Verdict(Outcome.WAIT, None, [HELD, SILENT], ()), None)}

    hands = RunWatch(watch, TASK).hands(replace(hands_of(world), ask=ask))

    async def story() -> None:
        await hands.ask(await hands.claim(1))

    run_virtually(story())
    told = Told(watch)
    assert told("gate_held_total", rule="CN-HOURS", outcome="wait") == 1
    assert "CN-REFUSAL" not in told.text and "王女士" not in told.text


def test_a_ledger_out_of_reach_is_counted_by_what_it_did_not_take_and_a_permit_refused_is_none() -> None:
    watch, run = Watch(), None
    run = RunWatch(watch, TASK)
    permit = permit_for(World(1).waiting[0])

    class Away(Book):
        async def redeem(self, permit: Permit) -> SpentPermit:
            raise PermitError("used")

        async def end(self, permit: Permit, record: CallRecord) -> None:
            raise LedgerError("away")

    book = run.book(Away())
    with pytest.raises(PermitError):
        asyncio.run(book.redeem(permit))
    with pytest.raises(LedgerError):
        asyncio.run(book.end(permit, RECORD))
    told = Told(watch)
    assert (
        told("ledger_failures_total", operation="end") == 1 and told("ledger_failures_total", operation="redeem") == 0
    )
    assert "calls_ended_total{" not in told.text, "what is not written down is not counted as ended"


def test_a_call_is_counted_by_how_it_ended_how_long_it_took_and_what_the_network_said() -> None:
    watch = Watch()
    run = RunWatch(watch, TASK)
    answered = datetime(2026, 11, 26, tzinfo=UTC)
    turn = Turn(heard="喂", understood=None, heard_at=None, said="您好", said_at=None, gap_ms=640, interrupted=False)
    record = replace(
        RECORD, answered_at=answered, ended_at=answered + timedelta(seconds=42), first_word_ms=700, turns=(turn,), grade="B"
    )  # fmt: skip
    permit = replace(permit_for(World(1).waiting[0]), line="trunk-1")
    asyncio.run(run.book(Book()).end(permit, record))
    asyncio.run(run.book(Book()).end(permit, replace(RECORD, disposition=Disposition.BUSY, sip_status=486)))
    told = Told(watch)
    assert told("calls_ended_total", line="trunk-1", campaign="7", disposition="answered") == 1
    assert told("calls_ended_total", line="trunk-1", campaign="7", disposition="busy") == 1
    assert told("call_grades_total", line="trunk-1", grade="B") == 1
    assert told("sip_refusals_total", line="trunk-1", status="486") == 1
    assert told("talk_seconds_sum", line="trunk-1") == 42
    assert (
        told("first_word_seconds_sum", line="trunk-1") == 0.7 and told("turn_gap_seconds_sum", line="trunk-1") == 0.64
    )


def test_living_calls_are_counted_by_stage_and_one_that_broke_is_not_counted_for_ever() -> None:
    watch, world = Watch(), World(2)
    run = RunWatch(watch, TASK)
    told, heard = Told(watch), list[LiveCall]()
    tell = run.tell(heard.append)
    tell(LiveCall(attempt_id=0, stage=Stage.DIALING))
    tell(LiveCall(attempt_id=1, stage=Stage.DIALING))
    tell(LiveCall(attempt_id=0, stage=Stage.TALKING))
    tell(LiveCall(attempt_id=0, stage=Stage.TALKING, said="王女士您好"))
    living = [told("calls_living", line="trunk-1", stage=stage) for stage in ("dialing", "talking")]
    assert living == [1, 1] and len(heard) == 4 and "王女士" not in told.text
    world.fails[1] = RuntimeError("a defect")

    async def broken() -> None:
        await (await run.hands(hands_of(world)).place(permit_for(World(2).waiting[1]))).run()

    with pytest.raises(RuntimeError):
        run_virtually(broken())
    tell(LiveCall(attempt_id=0, stage=Stage.OVER))
    assert [told("calls_living", line="trunk-1", stage=stage) for stage in ("dialing", "talking")] == [0, 0]


def test_a_silent_line_is_seen_coming() -> None:
    watch, world = Watch(), World(20, lasts_s=1.0)
    world.record = replace(RECORD, disposition=Disposition.FAILED, outcome=NETWORK_SILENT)
    run_with(world, RunWatch(watch, TASK), capacity=1)
    told = Told(watch)
    assert told("line_silent_row", line="trunk-1") == 20


def test_what_dead_workers_left_and_that_they_died_is_counted() -> None:
    watch, told_of = Watch(), list[str]()
    run = RunWatch(watch, TASK)
    run.settled(Settled(unknown=2, released=3))
    run.watcher(Watcher(lost=told_of.append)).lost("killed by SIGKILL")
    told = Told(watch)
    assert told("attempts_settled_total", what="unknown") == 2 and told("attempts_settled_total", what="released") == 3
    assert told("workers_died_total") == 1 and told_of == ["killed by SIGKILL"]


def test_a_chore_says_when_it_was_last_done_and_not_before() -> None:
    watch = Watch()

    async def well() -> None:
        pass

    async def ill() -> None:
        raise LedgerError("away")

    good, bad = watch.chores([Chore(name="seal", every_s=5, work=well), Chore(name="brakes", every_s=5, work=ill)])
    asyncio.run(_both(good, bad))
    told = Told(watch)
    assert told("chore_last_success_timestamp_seconds", chore="seal") > 1.7e9
    assert 'chore="brakes"' not in told.text


async def _both(good: Chore, bad: Chore) -> None:
    await good.work()
    with pytest.raises(LedgerError):
        await bad.work()


def test_a_call_is_traced_under_its_permit_and_its_log_lines_carry_its_attempt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch, traced = Watch(), list[tuple[UUID, Sequence[Span]]]()
    watch.trace = lambda permit, spans: traced.append((permit, spans))
    run, world = RunWatch(watch, TASK), World(1)
    hands, book = run.hands(hands_of(world)), run.book(Book())

    async def story() -> Permit:
        [claimed] = await hands.claim(1)
        [(_, permit)] = (await hands.ask([claimed])).values()
        assert permit is not None
        await book.redeem(permit)
        await book.placed(permit, call_id="c")
        await book.end(permit, RECORD)
        return permit

    with caplog.at_level(logging.INFO, logger="fairdial"):
        permit = run_virtually(story())
    [(under, spans)] = traced
    assert under == permit.id and [span.name for span in spans][:4] == ["call", "claim", "gate", "permit spent"]
    assert spans[0].attributes["attempt"] == permit.attempt_id and permit.number not in str(spans)
    assert [r.getMessage() for r in caplog.records] == ["call ended: line fake, answered, grade D"]


def test_times_of_contacts_that_are_never_dialled_are_not_kept_for_ever() -> None:
    watch, world = Watch(), World(6000)
    run = RunWatch(watch, TASK)
    hands = run.hands(replace(hands_of(world), ask=_nobody))

    async def story() -> None:
        while claimed := await hands.claim(500):
            await hands.ask(claimed[:250])  # of the others nothing is heard again

    run_virtually(story())
    assert len(run._pending) <= 4096


async def _nobody(_contacts: Sequence[object]) -> dict[int, tuple[Verdict, Permit | None]]:
    return {}


LABELS = {
    "campaign": "its number in the ledger",
    "chore": "named in app/run.py",
    "disposition": "a closed set",
    "engine": "named in the settings, one of four",
    "grade": "A to F",
    "how": "done, stopped, or a code of fairdial.errors",
    "kind": "of process, a closed set",
    "line": "named by the operator",
    "method": "of HTTP, a closed set",
    "operation": "named in app/run_watch.py",
    "outcome": "allow, wait, deny",
    "route": "a template of ours, never an address",
    "rule": "an id of a rule pack",
    "stage": "a closed set",
    "state": "of a pool, a closed set",
    "status": "of SIP or HTTP, three digits",
    "what": "unknown or released",
}
"""Every label and why its values are few and nobody's: whoever adds one says so here."""


def labels() -> Iterator[str]:
    for collector in set(Watch().meters.registry._collector_to_names):
        yield from getattr(collector, "_labelnames", ())


def test_every_label_is_one_that_somebody_has_called_safe() -> None:
    assert set(labels()) == set(LABELS)


def test_every_transaction_that_is_timed_has_its_counter_from_the_beginning() -> None:
    timed = set(re.findall(r'timed\("(\w+)"', inspect.getsource(run_watch)))
    assert timed == set(OPERATIONS)
