"""The dialer worker in virtual time: who is asked, who is called, how it stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from fairdial.campaign.dialer import MOST_CLAIMED, Calls, Dialer, Hands, Watcher
from fairdial.core.call_record import CallEnd, CallRecord, Disposition
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome
from fairdial.errors import LedgerError, LineError, PermitError
from tests.virtual_time import run_virtually

RECORD = CallRecord(
    disposition=Disposition.ANSWERED,
    sip_status=None,
    announcement=None,
    call_id="c",
    answered_at=None,
    ended_at=datetime(2026, 11, 26, tzinfo=UTC),
    goodbye_ended_at=None,
    first_word_ms=None,
    grade="D",
    outcome=None,
    recording=None,
    turns=(),
)


def permit_for(contact: Claimed) -> Permit:
    return Permit(
        id=uuid4(),
        attempt_id=contact.contact_id,
        contact_id=contact.contact_id,
        person_id=contact.person_id,
        number=contact.number,
        caller_number="+8615499990001",
        line="fake",
        script_hash="0" * 64,
        expires_at=datetime(2026, 11, 26, tzinfo=UTC) + timedelta(seconds=20),
    )


@dataclass
class _Call:
    lasts_s: float
    fails_with: Exception | None = None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    goodbye_s: float = 2.0
    record: CallRecord = RECORD
    withdrawn: bool = False

    async def run(self) -> CallRecord:
        if self.fails_with:
            raise self.fails_with
        try:
            await asyncio.wait_for(self.stopped.wait(), self.lasts_s)
        except TimeoutError:
            return self.record
        await asyncio.sleep(self.goodbye_s)
        return self.record

    def stop(self) -> None:
        self.stopped.set()

    def withdraw(self) -> None:
        self.withdrawn = True
        self.stopped.set()


class World:
    """Hands over a list of contacts instead of a ledger; counts what is done."""

    def __init__(self, count: int, *, denied: frozenset[int] = frozenset(), lasts_s: float = 30.0) -> None:
        self.waiting = [Claimed(contact_id=i, person_id=i, number=f"+86154{i:08d}") for i in range(count)]
        self.denied = denied
        self.lasts_s = lasts_s
        self.fails: dict[int, Exception] = {}
        self.record = RECORD
        self.asked: list[int] = []
        self.placed: list[int] = []
        self.given_back: list[int] = []
        self.ended: list[int] = []
        self.renewals = 0
        self.renewed: list[list[int]] = []
        self.ledger_is_down = False
        self.living = 0
        self.most_living = 0

    async def claim(self, count: int) -> list[Claimed]:
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken

    async def ask(self, contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
        await asyncio.sleep(0.01)
        return {contact.contact_id: self._answer(contact) for contact in contacts}

    def _answer(self, contact: Claimed) -> tuple[Verdict, Permit | None]:
        self.asked.append(contact.contact_id)
        outcome = Outcome.DENY if contact.contact_id in self.denied else Outcome.ALLOW
        verdict = Verdict(outcome=outcome, until=None, opinions=(), pack_versions=())
        return verdict, permit_for(contact) if outcome is Outcome.ALLOW else None

    async def place(self, permit: Permit) -> Calls:
        await asyncio.sleep(0.01)
        self.placed.append(permit.contact_id)
        self.living += 1
        self.most_living = max(self.most_living, self.living)
        return _Call(lasts_s=self.lasts_s, fails_with=self.fails.get(permit.contact_id), record=self.record)

    async def give_back(self, permit: Permit) -> None:
        self.given_back.append(permit.contact_id)

    async def renew(self, living: Sequence[int]) -> None:
        self.renewals += 1
        self.renewed.append(list(living))
        if self.ledger_is_down:
            raise LedgerError("down")

    async def settle(self) -> None:
        return None

    async def held_elsewhere(self) -> int:
        return 0

    def dialer(self, capacity: int = 4) -> Dialer:
        hands = Hands(
            claim=self.claim,
            ask=self.ask,
            place=self.place,
            give_back=self.give_back,
            renew=self.renew,
            settle=self.settle,
            held_elsewhere=self.held_elsewhere,
        )
        return Dialer(hands, capacity=capacity, watcher=Watcher(ended=self._on_end))

    def _on_end(self, contact: int, _end: CallEnd) -> None:
        self.living -= 1
        self.ended.append(contact)


def test_everybody_is_asked_once_and_only_the_allowed_are_called() -> None:
    world = World(20, denied=frozenset({3, 7}))
    run_virtually(world.dialer().run())
    assert world.asked == list(range(20))
    assert sorted(world.ended) == [i for i in range(20) if i not in (3, 7)]


def test_no_more_calls_than_the_line_carries() -> None:
    world = World(30)
    run_virtually(world.dialer(capacity=3).run())
    assert world.most_living == 3


def test_leases_are_renewed_while_calls_last_even_if_the_ledger_is_away_for_a_while() -> None:
    world = World(2, lasts_s=60.0)
    world.ledger_is_down = True
    run_virtually(world.dialer().run())
    assert world.renewals >= 11 and sorted(world.ended) == [0, 1]


def test_the_lease_of_a_call_that_failed_runs_out() -> None:
    world = World(2, lasts_s=30.0)
    world.fails[0] = LedgerError("away for too long")
    run_virtually(world.dialer().run())
    assert world.ended == [1] and world.renewed == [[1]] * len(world.renewed) != []


async def _stopped_after(dialer: Dialer, seconds: float) -> None:
    asyncio.get_running_loop().call_later(seconds, dialer.stop)
    await dialer.run()


def test_stopping_asks_nobody_more_and_lets_the_living_say_goodbye() -> None:
    world = World(50)
    dialer = world.dialer()
    run_virtually(_stopped_after(dialer, 10.0))
    assert dialer.was_stopped and len(world.asked) == 4 and sorted(world.ended) == [0, 1, 2, 3]


def test_finishing_asks_nobody_more_and_cuts_nobody_short() -> None:
    world = World(50)
    dialer = world.dialer()

    async def story() -> float:
        asyncio.get_running_loop().call_later(10.0, dialer.finish)
        await dialer.run()
        return asyncio.get_running_loop().time()

    assert run_virtually(story()) > 30.0
    assert not dialer.was_stopped and len(world.asked) == 4 and sorted(world.ended) == [0, 1, 2, 3]


def test_a_permit_issued_in_the_moment_of_stopping_is_given_back() -> None:
    """The call was started after everybody else had been told to stop, and talked on."""
    world = World(1)
    dialer = world.dialer()
    run_virtually(_stopped_after(dialer, 0.015))
    assert world.given_back == [0] and world.ended == []


def test_who_refuses_elsewhere_is_not_rung_any_longer_and_nobody_else_notices() -> None:
    world = World(3)
    calls: dict[int, Calls] = {}
    placed = world.place

    async def keep(permit: Permit) -> Calls:
        calls[permit.person_id] = await placed(permit)
        return calls[permit.person_id]

    world.place = keep  # type: ignore[method-assign]
    dialer = world.dialer()

    async def story() -> None:
        asyncio.get_running_loop().call_later(5.0, dialer.refused, 1)
        await dialer.run()

    run_virtually(story())
    assert {person for person, call in calls.items() if isinstance(call, _Call) and call.withdrawn} == {1}
    assert sorted(world.ended) == [0, 1, 2]


def test_a_goodbye_that_never_ends_is_bounded() -> None:
    world = World(1, lasts_s=1e6)

    async def story() -> float:
        dialer = world.dialer()
        placed = world.place

        async def stubborn(permit: Permit) -> Calls:
            call = await placed(permit)
            assert isinstance(call, _Call)
            call.goodbye_s = 1e6
            return call

        world.place = stubborn  # type: ignore[method-assign]
        dialer = world.dialer()
        await _stopped_after(dialer, 1.0)
        return asyncio.get_running_loop().time()

    assert run_virtually(story()) < 20


def test_a_permit_that_cannot_be_spent_frees_the_contact_and_the_run_goes_on() -> None:
    world = World(3)
    world.fails[1] = PermitError("used")
    run_virtually(world.dialer().run())
    assert world.given_back == [1] and sorted(world.ended) == [0, 2]


def test_a_defect_in_one_call_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    world = World(3)
    world.fails[1] = ZeroDivisionError("defect")
    with caplog.at_level(logging.ERROR):
        run_virtually(world.dialer().run())
    assert sorted(world.ended) == [0, 2] and "call-1" in caplog.text


def test_a_ledger_that_is_away_for_a_while_is_waited_for_and_nobody_is_cut_off() -> None:
    """One lost connection ended the run within a second and hung up on everybody in mid-sentence.

    Whom the loss left claimed and unasked kept a lease that we renewed ourselves, and the run would never have ended.
    """
    world = World(8, lasts_s=30.0)
    asked = world.ask

    async def away_from_two_to_twenty(contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
        if 2.0 < asyncio.get_running_loop().time() < 20.0:
            raise LedgerError("away")
        return await asked(contacts)

    world.ask = away_from_two_to_twenty  # type: ignore[method-assign]
    run_virtually(world.dialer(capacity=20).run())
    assert sorted(world.ended) == list(range(8))


def test_a_ledger_that_stays_away_ends_the_run_after_the_living_have_finished() -> None:
    world = World(20, lasts_s=90.0)
    asked = world.ask

    async def away_after_three(contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
        if world.asked:
            raise LedgerError("away")
        return await asked(contacts)

    world.ask = away_after_three  # type: ignore[method-assign]
    with pytest.raises(LedgerError):
        run_virtually(world.dialer(capacity=20).run())
    assert sorted(world.ended) == list(range(MOST_CLAIMED))


def test_lines_that_stay_out_end_the_run_after_the_living_have_finished() -> None:
    world = World(20, lasts_s=90.0)
    claim = world.claim

    async def out_after_three(count: int) -> list[Claimed]:
        if world.asked:
            raise LineError("the line does not answer")
        return await claim(count)

    world.claim = out_after_three  # type: ignore[method-assign]
    with pytest.raises(LineError, match="does not answer"):
        run_virtually(world.dialer(capacity=3).run())
    assert sorted(world.ended) == [0, 1, 2]
