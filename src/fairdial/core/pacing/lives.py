"""How soon something of a given age ends, and in which way, learnt from what has been seen, the newest the most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class Lives:
    """Ends per second by age and way (competing risks), in steps of age within which a rate is constant.

    Each rate is the ends seen in a step over the time spent in it, drawn towards what all ages have in common by `weight`
    ends; what was seen counts half after `half_life_s`. Lives that go on count with the age they have (right censoring), so
    that long ones are not missed.

    Attributes:
        edges: Where the steps begin and end, in seconds of age, ascending from 0; the last step goes on for ever.
        shares: Of each way, believed before anything is seen; they sum to 1.
        prior_s: The mean life believed then, with the weight of `prior_ends`.
    """

    edges: Floats
    shares: tuple[float, ...] = (1.0,)
    prior_s: float
    half_life_s: float
    prior_ends: float = 4.0
    weight: float = 4.0
    _ends: Floats = field(init=False)
    _spent: Floats = field(init=False)
    _widths: Floats = field(init=False)
    _at_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._ends = np.zeros((len(self.shares), len(self.edges) - 1))
        self._spent = np.zeros(len(self.edges) - 1)
        self._widths = np.append(np.diff(self.edges[:-1]), np.inf)

    def ended(self, age_s: float, way: int = 0) -> None:
        """A life of this length is over, in this way."""
        step = int(np.searchsorted(self.edges, age_s, side="right")) - 1
        self._ends[way, min(step, len(self._spent) - 1)] += 1
        self._spent += self._in_steps(age_s)

    def fade(self, now_s: float) -> None:
        """Forget by the time that has passed since it was last told what time it is."""
        kept = 0.5 ** ((now_s - self._at_s) / self.half_life_s)
        self._at_s = now_s
        self._ends *= kept
        self._spent *= kept

    def rates(self, living: Sequence[float] | Floats = ()) -> Floats:
        """Ends per second: shape (ways, steps).

        Args:
            living: Ages of those that go on, in seconds.
        """
        spent = self._spent + self._in_steps(np.asarray(living, np.float64)[:, None]).sum(0)
        believed = self.prior_ends * np.array(self.shares)
        overall = (self._ends.sum(1) + believed) / (spent.sum() + self.prior_ends * self.prior_s)
        share = overall / overall.sum()
        found: Floats = (self._ends + self.weight * share[:, None]) / (spent + self.weight / overall.sum())
        return found

    def _in_steps(self, age_s: float | Floats) -> Floats:
        """How long a life of this age was in each step."""
        spent: Floats = np.clip(age_s - self.edges[:-1], 0.0, self._widths)
        return spent
