"""How soon something of a given age ends, learnt from what has been seen, the newest the most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class Hazard:
    """Ends per second by age, in steps of age within which the rate is constant (piecewise exponential).

    Each step's rate is the ends seen in it over the time spent in it, drawn towards the rate over all ages by `weight` ends;
    what was seen counts half after `half_life_s`. Lives that go on count with the age they have (right censoring), so that long
    ones are not missed.

    Attributes:
        edges: Where the steps begin and end, in seconds of age, ascending from 0.
        prior_s: The mean life believed before anything is seen, with the weight of `prior_ends`.
    """

    edges: Floats
    prior_s: float
    half_life_s: float
    prior_ends: float = 3.0
    weight: float = 8.0
    _ends: Floats = field(init=False)
    _spent: Floats = field(init=False)
    _at_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._ends = np.zeros(len(self.edges) - 1)
        self._spent = np.zeros(len(self.edges) - 1)

    def ended(self, age_s: float) -> None:
        """A life of this length is over."""
        step = self.step_of(age_s)
        self._ends[step] += 1
        self._spend(self._spent, step, age_s)

    def step_of(self, age_s: float) -> int:
        return min(int(np.searchsorted(self.edges, age_s, side="right")) - 1, len(self._ends) - 1)

    def fade(self, now_s: float) -> None:
        """Forget by the time that has passed since it was last told what time it is."""
        kept = 0.5 ** ((now_s - self._at_s) / self.half_life_s)
        self._at_s = now_s
        self._ends *= kept
        self._spent *= kept

    def cumulative(self, living: Sequence[float] | Floats = ()) -> Floats:
        """The expected number of ends up to each edge; a life of age a lasts t more with exp(H(a) − H(a + t)).

        Args:
            living: Ages of those that go on, in seconds.
        """
        spent = self._spent.copy()
        for age_s in living:
            self._spend(spent, self.step_of(age_s), age_s)
        overall = (self._ends.sum() + self.prior_ends) / (spent.sum() + self.prior_ends * self.prior_s)
        rates = (self._ends + self.weight) / (spent + self.weight / overall)
        return np.concatenate(([0.0], np.cumsum(rates * np.diff(self.edges))))

    def _spend(self, spent: Floats, step: int, age_s: float) -> None:
        spent[:step] += np.diff(self.edges[: step + 1])
        spent[step] += age_s - self.edges[step]
