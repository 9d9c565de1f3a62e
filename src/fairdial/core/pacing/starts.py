"""When calls may start on a line of so many calls per second: slots one after the other, never two at once. Pure.

The generic cell rate algorithm with no burst: `slots(wanted, pace)` allots the next free slots of a line from when its next
one is free, and no further ahead than `AHEAD_S`, so that a permit that waits for its slot does not expire. The hands keep
that one instant.

Source:
    ITU-T I.371 (2004), Annex A.1 (virtual scheduling), with a tolerance of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from fairdial.errors import CoreMisuse

AHEAD_S = 5.0
"""Seconds that slots are allotted ahead, at most; a quarter of a permit's life."""

_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast calls may start on a line.

    Attributes:
        per_second: Calls per second; None where the line has no such limit.
        next_in_s: Seconds until its next slot is free; negative or 0 when it is free now.
    """

    per_second: float | None = None
    next_in_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """`count` slots, the first in `first_in_s` seconds, each `every_s` after the one before."""

    count: int
    first_in_s: float = 0.0
    every_s: float = 0.0

    def wait_s(self, index: int) -> float:
        """Seconds until the slot of this index, from 0."""
        return self.first_in_s + index * self.every_s

    @property
    def next_in_s(self) -> float:
        """Seconds until the slot after the last of these."""
        return self.wait_s(self.count)


def slots(wanted: int, pace: Pace) -> Slots:
    """The slots of `wanted` calls, or of as many as may wait.

    A next slot further ahead than any is ever allotted comes from a clock that was set back; it is free now.

    Raises:
        CoreMisuse: The rate is not above 0.
    """
    if pace.per_second is None:
        return Slots(count=max(0, wanted))
    if pace.per_second <= 0:
        raise CoreMisuse(f"{pace.per_second} calls per second is not above 0")
    every = 1 / pace.per_second
    first = max(0.0, pace.next_in_s)
    if first > max(AHEAD_S, every) + every + _ROUNDING_S:
        first = 0.0
    fit = floor((AHEAD_S - first) / every + _ROUNDING_S) + 1 if first <= AHEAD_S else 0
    return Slots(count=min(max(0, wanted), fit), first_in_s=first, every_s=every)
