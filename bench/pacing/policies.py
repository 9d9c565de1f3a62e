"""Ours, and those it is compared with, as the simulator asks them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.pacing.floor import Standing
from fairdial.core.pacing.predictive import Floor, Period, Predictive

BOUND = 0.03


@dataclass
class Deaf:
    """Is told of nothing."""

    def answered(self, age: float) -> None: ...

    def rang_out(self, age: float) -> None: ...

    def freed(self, age: float) -> None: ...


@dataclass
class Ours:
    """Asked each second and whenever a seat frees itself; knows neither rates nor their drift.

    What a decision costs is processor time, so that neighbours on the machine do not count.
    """

    detects_s: float = 0.0
    paces: Predictive = field(init=False)
    decisions: list[float] = field(default_factory=list)
    _freed: bool = True
    _asked: float = -1.0

    def __post_init__(self) -> None:
        self.paces = Predictive(detects_s=self.detects_s)

    def answered(self, age: float) -> None:
        self.paces.arrived(age)

    def rang_out(self, age: float) -> None:
        self.paces.ended(age)

    def freed(self, age: float) -> None:
        self._freed = True
        self.paces.freed(age)

    def calls(self, floor: Standing) -> int:
        if not self._freed and floor.now - self._asked < 1.0:
            return 0
        self._freed, self._asked = False, floor.now
        began = time.thread_time()
        count = self.paces.calls(
            Floor(
                now_s=floor.now,
                seats=floor.seats,
                under_way=floor.now - np.fromiter(floor.ringing.values(), np.float64, len(floor.ringing)),
                busy=floor.now - np.fromiter(floor.busy.values(), np.float64, len(floor.busy)),
                waiting=len(floor.waiting),
                periods=[Period(bound=BOUND, arrived=floor.answered, abandoned=floor.abandoned)],
            )
        )
        self.decisions.append(time.thread_time() - began)
        return count


@dataclass
class Progressive(Deaf):
    """A call for each seat that nobody is on the way to."""

    def calls(self, floor: Standing) -> int:
        return floor.seats - floor.in_use


@dataclass
class FixedRatio(Deaf):
    """So many ringing for each free seat; the ratio need not be whole, the calls are rounded."""

    ratio: float

    def calls(self, floor: Standing) -> int:
        free = floor.seats - len(floor.busy) - len(floor.waiting)
        return int(self.ratio * free + 0.5) - len(floor.ringing)


@dataclass
class LinesPerSeat(Deaf):
    """So many lines a seat, calls in talk among them, looked at every 2.5 s."""

    ratio: float
    _next: float = 0.0

    def calls(self, floor: Standing) -> int:
        if floor.now < self._next:
            return 0
        self._next = floor.now + 2.5
        return round(self.ratio * floor.seats) - floor.in_use


@dataclass
class Adaptive(Deaf):
    """VICIdial's adaptive modes as its PREDICTIVE.txt describes them, written anew.

    Every 15 s the dial level is multiplied by 1 + (difference / agents) × (1 + intensity), where the difference is the mean of
    ready agents less waiting calls over those seconds, plus a target; it lies between 1 and `most`. Once the day's
    drops pass the limit: HARD_LIMIT sets it to 1, AVERAGE halves it, TAPERED takes hours left / 10 of it. Lines are level ×
    agents, calls in talk among them, looked at every 2.5 s.
    """

    mode: str
    intensity: float = 0.0
    target: float = 0.0
    most: float = 3.0
    limit: float = BOUND
    shift_s: float = 8 * 3600.0
    _level: float = 1.0
    _seen: list[float] = field(default_factory=list)
    _next: float = 0.0
    _adapts: float = 15.0

    def calls(self, floor: Standing) -> int:
        if floor.now < self._next:
            return 0
        self._next = floor.now + 2.5
        self._seen.append(max(0, floor.seats - len(floor.busy)) - len(floor.waiting))
        if floor.now >= self._adapts and floor.seats:
            self._adapts += 15.0
            difference = sum(self._seen) / len(self._seen) + self.target
            self._seen.clear()
            self._level *= 1 + difference / floor.seats * (1 + self.intensity)
            if floor.abandoned > self.limit * floor.answered:
                hours_left = (self.shift_s - floor.now) / 3600
                self._level *= {"HARD_LIMIT": 0.0, "AVERAGE": 0.5, "TAPERED": hours_left / 10}[self.mode]
            self._level = min(self.most, max(1.0, self._level))
        return round(self._level * floor.seats) - floor.in_use


@dataclass
class Thresholds(Deaf):
    """So many ringing, by how many seats are taken; one table for each part of the shift."""

    tables: Sequence[Sequence[int]]
    part_s: float

    def calls(self, floor: Standing) -> int:
        table = self.tables[min(int(floor.now / self.part_s), len(self.tables) - 1)]
        taken = min(len(floor.busy) + len(floor.waiting), len(table) - 1)
        return table[taken] - len(floor.ringing)
