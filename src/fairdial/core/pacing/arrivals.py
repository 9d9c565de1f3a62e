"""What becomes of a call that has been started: it arrives at a seat, or ends before.

It arrives when a person answers, where people answer; where the machine answers everybody, when somebody asks for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairdial.core.pacing.lives import Floats, Lives

STEPS, _GROUP = 60, 4
"""Arrivals are told apart by step; rates are learnt by groups of steps."""

_AHEAD = np.array([1.0, 2.0, 4.0, 6.0, 9.0, 13.0, 18.0, 26.0, 36.0])
"""Steps from now at which the floor is looked at."""

ARRIVED, ENDED = 0, 1
"""Ways in which being under way is over."""


def under_way(*, step_s: float, chance: float, mean_s: float, half_life_s: float) -> Lives:
    """Calls under way, nothing of them seen yet.

    Args:
        step_s: Seconds of a step: 1 for ringing, some for a talk before a hand-over.
        chance: To arrive, believed at first.
        mean_s: Until either, believed at first.
    """
    edges = step_s * np.arange(0, STEPS + 1, _GROUP, dtype=np.float64)
    return Lives(edges=edges, shares=(chance, 1 - chance), prior_s=mean_s, half_life_s=half_life_s)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Chances to have arrived.

    Attributes:
        ahead_s: The moments looked at, seconds from now: shape (moments,).
        by_age: Having arrived by then, by the whole steps a call is old: shape (steps + 1, moments).
        when: Of a call started now that arrives: where between the moments, sums to 1: shape (moments,).
        chance: Of a call started now to arrive by the last moment.
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


def arrivals(calls: Lives, living: Floats) -> Arrivals:
    """The chances as they are believed now.

    Args:
        calls: As `under_way` makes them.
        living: Ages of the calls under way, in seconds.
    """
    step_s = float(calls.edges[1]) / _GROUP
    by_step = np.repeat(calls.rates(living) * step_s, _GROUP, axis=1)
    arriving, ending = np.pad(by_step, ((0, 0), (0, int(_AHEAD[-1]))), mode="edge")
    both = arriving + ending
    left = np.exp(-np.concatenate(([0.0], np.cumsum(both))))
    arrived = np.concatenate(([0.0], np.cumsum(left[:-1] * arriving / both * -np.expm1(-both))))
    then = np.interp(np.arange(STEPS + 1)[:, None] + _AHEAD, np.arange(len(arrived)), arrived)
    by_age = (then - arrived[: STEPS + 1, None]) / left[: STEPS + 1, None]
    fresh = by_age[0]
    return Arrivals(
        ahead_s=_AHEAD * step_s,
        by_age=by_age,
        when=np.diff(fresh, prepend=0.0) / fresh[-1],
        chance=float(fresh[-1]),
        step_s=step_s,
    )
