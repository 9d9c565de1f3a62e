"""How a line or a caller number stands: its documents, and what its days came to. Pure: counts and instants in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=30)
"""Documents that end within this are told of: renewing them takes a carrier weeks."""


class Documents(StrEnum):
    """Whether the documents of a line or a number hold; the gate denies what is `missing` or `over`."""

    MISSING = "missing"
    HOLD = "hold"
    END_SOON = "end_soon"
    OVER = "over"


def documents(until: datetime | None, *, now: datetime) -> Documents:
    """How documents that hold until an instant stand now."""
    if until is None:
        return Documents.MISSING
    if until < now:
        return Documents.OVER
    return Documents.END_SOON if until - now <= SOON else Documents.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Calls of one day, line, caller number and region: dialled, ended since, and answered by somebody."""

    day: date
    line: str
    caller: str
    region: str | None
    dialled: int
    ended: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`what` is a day or a region; None is a region that is not known."""

    what: date | str | None
    dialled: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a line or a number was used for; `answer_rate` in [0, 1], None while nothing has ended."""

    dialled: int
    answer_rate: float | None
    days: tuple[Count, ...]
    regions: tuple[Count, ...]


def use_of(made: Iterable[Made], *, days: Sequence[date]) -> Use:
    """Join what was made: one count for each of `days`, and the regions, the most called first."""
    made = list(made)
    ended, answered = sum(one.ended for one in made), sum(one.answered for one in made)
    regions = [_count(region, [one for one in made if one.region == region]) for region in {m.region for m in made}]
    return Use(
        dialled=sum(one.dialled for one in made),
        answer_rate=answered / ended if ended else None,
        days=tuple(_count(day, [one for one in made if one.day == day]) for day in days),
        regions=tuple(sorted(regions, key=lambda one: (-one.dialled, str(one.what)))),
    )


def _count(what: date | str | None, of: Sequence[Made]) -> Count:
    return Count(what=what, dialled=sum(one.dialled for one in of), answered=sum(one.answered for one in of))
