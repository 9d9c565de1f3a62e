"""How many calls to start now so that seats are seldom idle and hardly anybody who answers finds nobody.

Each call under way arrives with a chance that grows with its age, each talk ends with one; so the number of seats taken at a
moment to come has a mean and a variance, and the next call started has a chance to arrive when all are taken. Calls are
started while that chance stays below a limit. The limit is what is left of the bound on abandonment: it falls as people are
abandoned and rises as people are served, so that the bound holds although every estimate is wrong by something.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fairdial.core.pacing.arrivals import ARRIVED, ENDED, Arrivals, arrivals, under_way
from fairdial.core.pacing.lives import Floats, Lives

_BUSY_EDGES = np.array([0, 4, 8, 15, 25, 40, 60, 90, 130, 180, 240, 330, 450, 600, 900, 1800, 7200], dtype=np.float64)
_REFRESH_S = 5.0
"""Estimates are made anew this often, and read at every decision."""

_GAIN = 0.08
"""How much each person abandoned beyond the trajectory lowers the logarithm of the limit."""

_SPARE, _SPARE_DEVIATIONS = 3.0, 0.15
"""Persons by which the trajectory stays below the bound, and that many deviations of a count: what chance adds to a shift's end."""

_HIGHEST, _LOWEST = 0.25, 0.004
"""The limit is never above the one; it is at most the other when one more abandoned person would pass the bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span over which a bound on abandonment is kept: a shift, thirty days.

    Attributes:
        bound: The highest share of arrived persons who may be abandoned, 0 to 1; where law and tenant differ, the lower.
        arrived: Persons who have arrived in it.
        abandoned: Of them, those who found nobody within the hold.
    """

    bound: float
    arrived: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The floor as it stands.

    Attributes:
        now_s: Seconds, from any origin, never going back.
        seats: Humans who take calls or talk now.
        under_way: Ages of the calls started and not yet arrived or ended, in seconds.
        busy: Ages of the talks, after-call work included, in seconds.
        waiting: Persons who have arrived and hold.
        periods: Over which a bound is kept, each with what has happened in it; the strictest counts. None at all allows nobody
            to be abandoned.
        asked_for: Calls that seats have asked for (preview).
    """

    now_s: float
    seats: int
    under_way: Floats
    busy: Floats
    waiting: int
    periods: Sequence[Period]
    asked_for: int = 0


@dataclass(slots=True, kw_only=True)
class Predictive:
    """Paces one campaign; it is told of every end, and asked how many calls to start.

    Attributes:
        hold_s: How long a person who has answered may hear nobody before being abandoned.
        detects_s: How much of that has passed when a person is told from a machine and the call arrives.
        under_way: What is known of calls under way.
        busy: What is known of how long a seat is taken.
    """

    hold_s: float = 2.0
    detects_s: float = 0.0
    under_way: Lives = field(default_factory=lambda: under_way(step_s=1.0, chance=0.3, mean_s=10.0, half_life_s=1200.0))
    busy: Lives = field(default_factory=lambda: Lives(edges=_BUSY_EDGES, prior_s=90.0, half_life_s=2400.0, weight=8.0))
    _arrivals: Arrivals | None = field(init=False, default=None)
    _ends: Floats = field(init=False, default_factory=lambda: np.zeros(0))
    _until_s: float = field(init=False, default=-math.inf)

    def arrived(self, age_s: float) -> None:
        """A call of this age has reached a person who wants a seat."""
        self.under_way.ended(age_s, ARRIVED)

    def ended(self, age_s: float) -> None:
        """A call of this age has ended before."""
        self.under_way.ended(age_s, ENDED)

    def freed(self, age_s: float) -> None:
        """A seat is free again, taken for this long."""
        self.busy.ended(age_s)

    def limit(self, floor: Floor) -> float:
        """The highest chance of being abandoned that a call may be started with."""
        return min((_allows(period, floor.waiting) for period in floor.periods), default=0.0)

    def is_spent(self, floor: Floor) -> bool:
        """Whether one more abandoned person would pass a bound, so that next to nothing is risked."""
        return not floor.periods or any(_is_spent(period, floor.waiting) for period in floor.periods)

    def calls(self, floor: Floor) -> int:
        """How many to start now; at least one for each seat that nobody is on the way to."""
        idle = floor.seats - len(floor.busy) - floor.waiting - len(floor.under_way)
        limit = self.limit(floor)
        if floor.seats == 0 or limit == 0:
            return max(idle, 0)
        chances = self._chances(floor, self._known(floor))
        return max(int(np.searchsorted(chances, limit, side="right")), idle, 0)

    def _known(self, floor: Floor) -> Arrivals:
        if self._arrivals is None or floor.now_s >= self._until_s:
            self.under_way.fade(floor.now_s)
            self.busy.fade(floor.now_s)
            self._arrivals = arrivals(self.under_way, floor.under_way)
            steps = self.busy.rates(floor.busy)[0] * np.diff(self.busy.edges)
            self._ends = np.concatenate(([0.0], np.cumsum(steps)))
            self._until_s = floor.now_s + _REFRESH_S
        return self._arrivals

    def _chances(self, floor: Floor, known: Arrivals) -> Floats:
        """Of the first, the second, … call started now: to arrive when all seats are taken; ascending.

        A seat that frees itself while the person holds is in time. The number of seats taken is a sum of many
        independent yes and no, so close to normal; the logistic curve (by tanh) stands for the normal one.
        """
        patience_s = max(0.0, self.hold_s - self.detects_s)
        ages = np.concatenate((floor.busy, np.zeros(floor.waiting)))
        stays = np.exp(self._gone_by(ages[:, None]) - self._gone_by(ages[:, None] + known.ahead_s + patience_s))
        still_talks = np.exp(-self._gone_by(known.ahead_s / 2))
        comes = known.of(floor.under_way) * still_talks
        fresh = known.by_age[0] * still_talks
        mean = stays.sum(0) + comes.sum(0)
        variance = (stays * (1 - stays)).sum(0) + (comes * (1 - comes)).sum(0)
        most = math.ceil(floor.seats / max(known.chance, 0.05)) + 4
        more = np.arange(most)[:, None]
        deviations = (mean + more * fresh - floor.seats + 0.5) / np.sqrt(variance + more * fresh * (1 - fresh) + 0.05)
        taken: Floats = (0.5 + 0.5 * np.tanh(0.851 * deviations)) @ known.when
        return taken

    def _gone_by(self, age_s: Floats) -> Floats:
        """Expected ends of a talk up to an age; who talks beyond the last edge is taken to stay."""
        gone: Floats = np.interp(age_s, self.busy.edges, self._ends)
        return gone


def _is_spent(period: Period, waiting: int) -> bool:
    return period.abandoned + waiting + 1 > period.bound * period.arrived


def _allows(period: Period, waiting: int) -> float:
    """The highest chance of being abandoned that a period leaves."""
    if period.bound == 0:
        return 0.0
    allowed = period.bound * period.arrived
    beyond = period.abandoned + _SPARE + _SPARE_DEVIATIONS * math.sqrt(allowed) - allowed
    limit = min(_HIGHEST, 0.8 * period.bound * math.exp(min(700.0, -_GAIN * beyond)))
    return min(limit, _LOWEST) if _is_spent(period, waiting) else limit
