"""Many numbers told by a few. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How many values there are, the middle one, the one that nine of ten do not exceed, the largest."""

    count: int
    median: float
    ninth_decile: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    """Tell values by their order; zeros when there are none."""
    ordered = sorted(values)
    if not ordered:
        return Spread(count=0, median=0.0, ninth_decile=0.0, most=0.0)
    count = len(ordered)
    return Spread(
        count=count,
        median=round(ordered[(count - 1) // 2], 1),
        ninth_decile=round(ordered[-(-9 * count // 10) - 1], 1),
        most=round(ordered[-1], 1),
    )
