"""When people answer, learnt from one's own calls: counts in, odds of an answer at an instant out. Pure numbers.

Cells are hours of the week on the person's clock. A cell that was tried little says little: it is shrunk towards the same
hour of all days, that towards the whole; the person's region towards everybody. Small empirical Bayes with fixed weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fairdial.core.campaign.retries import Odds

WEIGHT = 50.0
"""Calls that a cell's prior counts as: with so many of its own, a cell is believed half."""

LEAST = 200
"""Calls in all below which nothing is known and no hour is preferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Calls dialled in one hour of the week on the person's clock (Monday is 0), and those answered.

    `near` are those of the person's own region and kind of number; they are part of `dialled`.
    """

    weekday: int
    hour: int
    dialled: int
    answered: int
    near_dialled: int = 0
    near_answered: int = 0


def learn(cells: Iterable[Cell], zone: ZoneInfo) -> Odds | None:
    """The odds that a call is answered at an instant, in [0, 1]; None when too little was tried to say.

    Source:
        Shrinkage of a binomial rate towards a prior mean m worth n calls: (answered + n·m) / (dialled + n).
    """
    known = list(cells)
    dialled = sum(cell.dialled for cell in known)
    if dialled < LEAST:
        return None
    whole = sum(cell.answered for cell in known) / dialled
    by_hour = {
        hour: _shrunk(
            sum(c.answered for c in known if c.hour == hour), sum(c.dialled for c in known if c.hour == hour), whole
        )
        for hour in range(24)
    }
    odds: dict[tuple[int, int], float] = {}
    for cell in known:
        everybody = _shrunk(cell.answered, cell.dialled, by_hour[cell.hour])
        odds[cell.weekday, cell.hour] = _shrunk(cell.near_answered, cell.near_dialled, everybody)

    def at(instant: datetime) -> float:
        local = instant.astimezone(zone)
        return odds.get((local.weekday(), local.hour), by_hour[local.hour])

    return at


def _shrunk(answered: int, dialled: int, prior: float) -> float:
    return (answered + WEIGHT * prior) / (dialled + WEIGHT)
