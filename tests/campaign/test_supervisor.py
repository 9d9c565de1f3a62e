"""The supervisor in virtual time: what workers tell, how they are replaced, how a run of several ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count

import pytest

from fairdial.campaign.dialer import Watcher
from fairdial.campaign.messages import Asked, Ended, Failed, Finished, Message
from fairdial.campaign.supervisor import Supervisor, SupervisorHands, Worker
from fairdial.core.call_record import CallEnd, Disposition
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.policy.finding import Outcome
from fairdial.errors import LedgerError, StorageError, WorkerError
from tests.virtual_time import run_virtually

DONE = Finished(was_stopped=False, punctuality=Punctuality(ticks=100, late=1, worst_ms=5.0))


@dataclass(eq=False)
class Fake:
    """A worker that says something each second and ends; told to stop or to finish, it says its last word at once."""

    name: str
    says: list[Message]
    status: int = 0
    orders: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def messages(self) -> AsyncIterator[Message]:
        for message in self.says:
            try:
                await asyncio.wait_for(self.told.wait(), 1.0)
            except TimeoutError:
                yield message
            else:
                yield Finished(was_stopped="stop" in self.orders, punctuality=Punctuality())
                return

    def finish(self) -> None:
        self.orders.append("finish")
        self.told.set()

    def stop(self) -> None:
        self.orders.append("stop")
        self.told.set()

    async def exit_status(self) -> int:
        await asyncio.sleep(0)
        return self.status

    async def end_now(self) -> None:
        self.orders.append("end")


class World:
    """Starts fakes by a plan; remembers what the supervisor did."""

    def __init__(self, plan: Callable[[int], Fake]) -> None:
        self.plan = plan
        self.numbers = count()
        self.started: list[tuple[float, int, Fake]] = []
        self.settled: list[str] = []
        self.ledger_is_down = False
        self.asked: list[int] = []
        self.ended: list[int] = []
        self.lost: list[str] = []

    async def start(self, share: int) -> Worker:
        fake = self.plan(next(self.numbers))
        self.started.append((asyncio.get_running_loop().time(), share, fake))
        return fake

    async def settle(self, worker: str) -> None:
        if self.ledger_is_down:
            raise LedgerError("away")
        self.settled.append(worker)

    def supervisor(self, *shares: int) -> Supervisor:
        watcher = Watcher(
            asked=lambda contact, _: self.asked.append(contact),
            ended=lambda contact, _: self.ended.append(contact),
            lost=self.lost.append,
        )
        return Supervisor(SupervisorHands(start=self.start, settle=self.settle), shares=shares, watcher=watcher)


def busy(contact: int) -> Message:
    return Ended(contact=contact, end=CallEnd(disposition=Disposition.BUSY, outcome=None, grade="D"))


def healthy(number: int) -> Fake:
    return Fake(f"w{number}", [Asked(contact=number, outcome=Outcome.ALLOW), busy(number), DONE])


def test_one_worker_a_share_is_heard_and_their_punctuality_is_added_up() -> None:
    world = World(healthy)
    supervisor = world.supervisor(4, 3)
    run_virtually(supervisor.run())
    assert [share for _, share, _ in world.started] == [4, 3]
    assert (sorted(world.asked), sorted(world.ended)) == ([0, 1], [0, 1])
    assert supervisor.punctuality == Punctuality(ticks=200, late=2, worst_ms=5.0)
    assert not supervisor.was_stopped and world.lost == []


def dying_first(number: int) -> Fake:
    return Fake("w0", [busy(7)], status=-9) if number == 0 else healthy(number)


def test_a_worker_that_dies_is_told_of_settled_and_replaced_with_its_share() -> None:
    world = World(dying_first)
    run_virtually(world.supervisor(4, 3).run())
    assert world.lost == ["killed by SIGKILL 被信号 SIGKILL 终止"]
    assert world.settled == ["w0"]
    assert [(at, share) for at, share, _ in world.started] == [(0, 4), (0, 3), (1, 4)]


def test_a_ledger_that_is_away_leaves_the_dead_to_their_leases_and_the_run_goes_on() -> None:
    world = World(dying_first)
    world.ledger_is_down = True
    run_virtually(world.supervisor(4, 3).run())
    assert world.settled == [] and len(world.started) == 3


def test_workers_that_die_again_and_again_end_the_run_with_the_cause() -> None:
    """The second worker is told to finish: it does not hang up on anybody."""
    steady = Fake("steady", [busy(1)] * 1000)
    world = World(lambda number: steady if number == 1 else Fake(f"w{number}", [], status=3))
    with pytest.raises(WorkerError, match=r"5 workers died within 0:01:00, the last one: exit status 3"):
        run_virtually(world.supervisor(4, 3).run())
    assert [at for at, share, _ in world.started if share == 4] == [0, 0, 1, 3, 7]
    assert steady.orders[0] == "finish"


def test_an_error_that_a_worker_names_ends_the_run_as_it_is_and_nobody_is_started_anew() -> None:
    full = Fake("full", [Failed(code="storage", reason="the disk is full")], status=0)
    other = Fake("other", [busy(1)] * 1000)
    world = World([full, other].__getitem__)
    with pytest.raises(StorageError, match="the disk is full"):
        run_virtually(world.supervisor(1, 1).run())
    assert len(world.started) == 2 and other.orders[0] == "finish" and world.lost == []


def test_a_stop_reaches_every_worker_and_nobody_is_started_anew() -> None:
    world = World(lambda number: Fake(f"w{number}", [busy(1)] * 1000))
    supervisor = world.supervisor(1, 1)

    async def story() -> None:
        asyncio.get_running_loop().call_later(2.5, supervisor.stop)
        await supervisor.run()

    run_virtually(story())
    assert supervisor.was_stopped and len(world.started) == 2
    assert all(fake.orders[0] == "stop" for _, _, fake in world.started)


def test_a_worker_that_was_being_started_while_the_run_was_stopped_is_stopped_too() -> None:
    world = World(lambda number: Fake(f"w{number}", [busy(1)] * 1000))
    start = world.start

    async def slowly(share: int) -> Worker:
        await asyncio.sleep(5)
        return await start(share)

    world.start = slowly  # type: ignore[method-assign]

    async def story() -> None:
        asyncio.get_running_loop().call_later(2.5, supervisor.stop)
        await supervisor.run()

    supervisor = world.supervisor(1)
    run_virtually(story())
    assert [fake.orders[0] for _, _, fake in world.started] == ["stop"]


def test_a_worker_that_somebody_stopped_by_hand_is_replaced_and_did_not_die() -> None:
    stopped = Finished(was_stopped=True, punctuality=Punctuality())
    world = World(lambda number: Fake("w0", [stopped]) if number == 0 else healthy(number))
    run_virtually(world.supervisor(2).run())
    assert len(world.started) == 2 and world.lost == []


def test_whoever_is_interrupted_ends_its_workers() -> None:
    """A second Ctrl-C cancels the supervisor."""
    world = World(lambda number: Fake(f"w{number}", [busy(1)] * 1000))

    async def story() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.supervisor(1, 1).run(), 3)

    run_virtually(story())
    assert [fake.orders for _, _, fake in world.started] == [["end"], ["end"]]
