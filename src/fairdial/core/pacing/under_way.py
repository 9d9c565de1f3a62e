"""What becomes of a call that has been started: it arrives at a seat, or ends before.

It arrives when a person answers, where people answer; where the machine answers everybody, when somebody asks for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fairdial.core.pacing.hazard import Floats

_STEPS = 60
_GROUP = 4
"""Steps whose ends are taken together: arrivals are told apart by step, rates are learnt by group."""

_AHEAD = np.array([1.0, 2.0, 4.0, 6.0, 9.0, 13.0, 18.0, 26.0, 36.0])
"""Steps from now at which the floor is looked at."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Chances to have arrived.

    Attributes:
        ahead_s: The moments looked at, seconds from now: shape (moments,).
        by_age: Having arrived by then, by the whole steps a call is old: shape (steps + 1, moments).
        when: Of a call started now that arrives: where between the moments, sums to 1: shape (moments,).
        chance: Of a call started now to arrive at all.
        step_s: Seconds of a step.
    """

    ahead_s: Floats
    by_age: Floats
    when: Floats
    chance: float
    step_s: float

    def of(self, ages_s: Floats) -> Floats:
        """For each of these ages a row of `by_age`."""
        return self.by_age[np.minimum(ages_s / self.step_s, len(self.by_age) - 1).astype(np.intp)]


@dataclass(slots=True, kw_only=True)
class UnderWay:
    """Two hazards that compete, arriving and ending, by age; what was seen counts half after `half_life_s`.

    Attributes:
        step_s: Seconds of a step; 60 steps are told apart (1 s for ringing, some seconds for a talk before a hand-over).
        prior_chance: Of arriving, believed before anything is seen.
        prior_s: Until either, believed before anything is seen.
    """

    step_s: float
    prior_chance: float
    prior_s: float
    half_life_s: float
    _arrived: Floats = field(init=False)
    _ended: Floats = field(init=False)
    _spent: Floats = field(init=False)
    _at_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._arrived, self._ended, self._spent = np.zeros((3, _STEPS))

    def over(self, age_s: float, *, arrived: bool) -> None:
        """A call of this age has arrived, or has ended without."""
        (self._arrived if arrived else self._ended)[self._spend(self._spent, age_s)] += 1

    def fade(self, now_s: float) -> None:
        kept = 0.5 ** ((now_s - self._at_s) / self.half_life_s)
        self._at_s = now_s
        for seen in (self._arrived, self._ended, self._spent):
            seen *= kept

    def arrivals(self, living: Sequence[float] | Floats) -> Arrivals:
        """The chances as they are believed now.

        Args:
            living: Ages of the calls under way, in seconds.
        """
        spent = self._spent.copy()
        for age_s in living:
            self._spend(spent, age_s)
        arriving, ending = self._rates(spent)
        both = arriving + ending
        left = np.exp(-np.concatenate(([0.0], np.cumsum(both))))
        arrived = np.concatenate(([0.0], np.cumsum(left[:-1] * arriving / both * -np.expm1(-both))))
        steps = np.arange(_STEPS + 1)
        then = np.interp(steps[:, None] + _AHEAD, np.arange(len(arrived)), arrived)
        by_age = (then - arrived[: _STEPS + 1, None]) / left[: _STEPS + 1, None]
        fresh = by_age[0]
        return Arrivals(
            ahead_s=_AHEAD * self.step_s,
            by_age=by_age,
            when=np.diff(fresh, prepend=0.0) / fresh[-1],
            chance=float(fresh[-1]),
            step_s=self.step_s,
        )

    def _rates(self, spent: Floats) -> tuple[Floats, Floats]:
        """Arrivals and ends a step, as long as the longest look ahead from the highest age."""
        prior = 4.0
        believed = prior * np.array([self.prior_chance, 1 - self.prior_chance])
        seen = np.array([self._arrived.sum(), self._ended.sum()])
        overall = (seen + believed) / (spent.sum() + prior * self.prior_s / self.step_s)
        share = overall / overall.sum()
        grouped = np.stack([self._arrived, self._ended, spent]).reshape(3, -1, _GROUP).sum(2)
        rates = (grouped[:2] + prior * share[:, None]) / (grouped[2] + prior / overall.sum())
        longest = int(_AHEAD[-1])
        arriving, ending = np.pad(np.repeat(rates, _GROUP, axis=1), ((0, 0), (0, longest)), mode="edge")
        return arriving, ending

    def _spend(self, spent: Floats, age_s: float) -> int:
        age = age_s / self.step_s
        step = min(int(age), _STEPS - 1)
        spent[:step] += 1
        spent[step] += min(1.0, age - step)
        return step
