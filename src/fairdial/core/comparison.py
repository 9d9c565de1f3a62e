"""How sure a share is, and a difference between two. Pure.

Wilson's score interval (Wilson 1927) and Newcombe's hybrid of two of them (Newcombe 1998, method 10); both hold for small
numbers and for shares near 0 and 1, where the textbook interval does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""Standard normal quantile of 0.975."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`hits` of `of`; `low` and `high` bound the share it was drawn from, with 95 % confidence. Of none, nothing is known."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.hits / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One share less another, in [-1, 1], with its 95 % interval; None when one of them is of none."""

    points: float | None
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return self.low > 0 or self.high < 0


def share(hits: int, of: int) -> Share:
    """Wilson's interval of a share."""
    if of == 0:
        return Share(hits=0, of=0, low=0.0, high=1.0)
    p, z2 = hits / of, Z95 * Z95
    centre = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(hits=hits, of=of, low=max(0.0, min(p, centre - half)), high=min(1.0, max(p, centre + half)))


def difference(one: Share, other: Share) -> Difference:
    """Newcombe's interval of `one - other`."""
    if one.share is None or other.share is None:
        return Difference(points=None, low=-1.0, high=1.0)
    points = one.share - other.share
    return Difference(
        points=points,
        low=points - sqrt((one.share - one.low) ** 2 + (other.high - other.share) ** 2),
        high=points + sqrt((one.high - one.share) ** 2 + (other.share - other.low) ** 2),
    )
