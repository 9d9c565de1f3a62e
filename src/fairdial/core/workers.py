"""What is decided about workers: which runs one joins, how many calls each carries, whether a dead one is replaced.

Pure: ages of deaths in, what to do out; no clock, no processes. Shares always sum up to the line's capacity, and a
worker that dies again and again is not started for ever: each death cuts off as many people as it had calls.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fairdial.errors import CoreMisuse

LIMITS = ((5, timedelta(minutes=1)), (20, timedelta(hours=1)))
"""Deaths of a run's workers, all together, that end it: so many within so long. An engineering choice."""

PAUSES = (timedelta(0), timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4))
"""Before a dead worker is replaced: by its deaths of the last minute, so that a short trouble can pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Start a worker with the same share after a pause."""

    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """End the run: workers died so often within so long."""

    deaths: int
    within: timedelta


def shares(capacity: int, *, processes: int) -> tuple[int, ...]:
    """Spread a line's calls over processes as evenly as can be; larger shares first.

    Returns:
        Calls of each worker, each >= 1; no more workers than calls. Their sum is `capacity`.

    Raises:
        CoreMisuse: Capacity or processes is below 1.
    """
    if capacity < 1 or processes < 1:
        raise CoreMisuse(f"capacity and processes must be 1 or more, not {capacity} and {processes}")
    workers = min(capacity, processes)
    each, more = divmod(capacity, workers)
    return (each + 1,) * more + (each,) * (workers - more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run that somebody wants, of a campaign of this priority (higher comes first), and how many workers carry it."""

    id: int
    priority: int = 0
    carriers: int = 0


def to_join(
    wanted: Sequence[Wanted], *, carried: Collection[int], finished: Collection[int], most: int
) -> tuple[int, ...]:
    """Which runs a worker joins: those that nobody carries, then by priority, then those with the fewest carriers.

    Args:
        carried: Those it carries already, which count against `most`.
        finished: Those it has nothing left to do for; it goes back to one of them only when nobody carries it.
    """
    others = [one for one in wanted if one.id not in carried and not (one.carriers and one.id in finished)]
    ranked = sorted(others, key=lambda one: (one.carriers > 0, -one.priority, one.carriers, one.id))
    return tuple(one.id for one in ranked[: max(0, most - len(carried))])


def after_death(ages: Sequence[timedelta]) -> Replace | GiveUp:
    """Decide what follows the death of a worker.

    Args:
        ages: How long ago each worker of the run died, the one in question (zero) among them.

    Raises:
        CoreMisuse: Nobody died.
    """
    if not ages:
        raise CoreMisuse("nobody died")
    for deaths, within in LIMITS:
        if sum(age < within for age in ages) >= deaths:
            return GiveUp(deaths=deaths, within=within)
    _, lately = LIMITS[0]
    return Replace(after=PAUSES[sum(age < lately for age in ages) - 1])
