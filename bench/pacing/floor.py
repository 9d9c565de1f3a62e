"""A call floor as events: calls ring, people answer or not, talk, and hold when all seats are taken.

Common random numbers: the n-th call of a shift has the same answer, ring, talk and wrap under every policy. Abandoned is who
has heard nobody for `hold_s`. Times in seconds from the shift's beginning.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

Draws = Callable[[np.random.Generator, int], np.ndarray]
_BATCH = 20_000


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a shift is like; the policies do not know it.

    Attributes:
        answers: The chance that a person answers, at a time.
        talk_s: The mean of talk and wrap, at a time; `talk` draws around a mean of 1.
        rings, rings_out: Seconds of ringing of those who answer (with the wait for what tells a person from a machine), and of others.
        hold_s, detects_s: Who has heard nobody for `hold_s` after answering is abandoned; `detects_s` of it have passed when the
            person is told from a machine.
        seats_at: When how many seats are there, ascending; the first at 0.
    """

    name: str
    seats_at: Sequence[tuple[float, int]]
    answers: Callable[[float], float]
    talk_s: Callable[[float], float]
    talk: Draws
    rings: Draws
    rings_out: Draws
    hold_s: float = 2.0
    detects_s: float = 0.0
    shift_s: float = 8 * 3600.0


@dataclass(slots=True)
class Standing:
    """What a policy sees: when each call began to ring, each talk to take a seat, and the counts."""

    now: float = 0.0
    seats: int = 0
    ringing: dict[int, float] = field(default_factory=dict)
    busy: dict[int, float] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    answered: int = 0
    abandoned: int = 0
    dialled: int = 0

    @property
    def in_use(self) -> int:
        return len(self.ringing) + len(self.busy) + len(self.waiting)


class Policy(Protocol):
    def calls(self, floor: Standing) -> int: ...

    def answered(self, age: float) -> None: ...

    def rang_out(self, age: float) -> None: ...

    def freed(self, age: float) -> None: ...


@dataclass(frozen=True)
class Shift:
    """How a shift went: the share of seat time in talk, of answered people the share abandoned."""

    utilisation: float
    abandonment: float
    answered: int
    dialled: int


_RING, _TALK, _HOLD, _SEATS, _TICK = range(5)


def shift(scenario: Scenario, policy: Policy, *, seed: int, poll_s: float = 1.0) -> Shift:
    """One shift. A policy is asked after every event and each `poll_s`."""
    chance, rings, rings_out, talks = (np.random.default_rng((seed, part)) for part in range(4))
    floor, events, order = Standing(), [(poll_s, 0, _TICK, 0)], 1
    answers_of: dict[int, bool] = {}
    talk_of: dict[int, float] = {}
    drawn: list[list[float]] = [[], [], [], []]

    def later(at: float, kind: int, which: int) -> None:
        nonlocal order
        order += 1
        heapq.heappush(events, (at, order, kind, which))

    def dial() -> None:
        n = floor.dialled
        if n % _BATCH == 0:
            drawn[:] = [
                chance.random(_BATCH).tolist(), scenario.rings(rings, _BATCH).tolist(),
                scenario.rings_out(rings_out, _BATCH).tolist(), scenario.talk(talks, _BATCH).tolist(),
            ]  # fmt: skip
        lucky, ring, out, talk = (part[n % _BATCH] for part in drawn)
        answers_of[n] = lucky < scenario.answers(floor.now)
        talk_of[n] = talk * scenario.talk_s(floor.now)
        floor.ringing[n] = floor.now
        floor.dialled += 1
        later(floor.now + (ring if answers_of[n] else out), _RING, n)

    def sit(which: int) -> None:
        floor.busy[which] = floor.now
        later(floor.now + talk_of.pop(which), _TALK, which)

    def seat_the_waiting() -> None:
        while floor.waiting and len(floor.busy) < floor.seats:
            sit(floor.waiting.pop(0))

    for at, seats in scenario.seats_at:
        later(at, _SEATS, seats)
    talked = seat_time = 0.0
    while True:
        at, _, kind, which = heapq.heappop(events)
        passed = min(at, scenario.shift_s) - floor.now
        talked += len(floor.busy) * passed
        seat_time += max(floor.seats, len(floor.busy)) * passed
        if at >= scenario.shift_s:
            break
        floor.now = at
        if kind == _RING:
            age = at - floor.ringing.pop(which)
            if answers_of.pop(which):
                policy.answered(age)
                floor.answered += 1
                floor.waiting.append(which)
                later(at + scenario.hold_s - scenario.detects_s, _HOLD, which)
                seat_the_waiting()
            else:
                policy.rang_out(age)
                del talk_of[which]
        elif kind == _TALK:
            policy.freed(at - floor.busy.pop(which))
            seat_the_waiting()
        elif kind == _HOLD and which in floor.waiting:
            floor.waiting.remove(which)
            del talk_of[which]
            floor.abandoned += 1
        elif kind == _SEATS:
            floor.seats = which
            seat_the_waiting()
        elif kind == _TICK:
            later(at + poll_s, _TICK, 0)
        for _ in range(policy.calls(floor)):
            dial()
    return Shift(talked / seat_time, floor.abandoned / max(1, floor.answered), floor.answered, floor.dialled)
