"""A campaign's own calling hours, by the person's clock. Pure.

Hours only narrow: what the law closes stays closed, because the gate asks for both. No hours at all means any hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from fairdial.core.policy.case import EVERY_DAY, Day, Window

LOOK_DAYS = 14
"""How far ahead an open hour is looked for; every window names a weekday, so a week would do but for holidays."""

DAYTIME = (Window(start=time(9), end=time(20)),)
"""Where another time of day is looked for when the campaign has no hours of its own."""


class Part(StrEnum):
    """A part of the day: before noon, noon to six, from six on."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_BOUNDS = ((Part.MORNING, time(0), time(12)), (Part.AFTERNOON, time(12), time(18)), (Part.EVENING, time(18), time.max))


def part_of(at: datetime, zone: ZoneInfo) -> Part:
    """The part of the person's day that an instant lies in."""
    clock = at.astimezone(zone).time()
    return next(part for part, _, end in _BOUNDS if clock < end or end == time.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An open stretch within one part of one day; instants in UTC, `end` excluded."""

    start: datetime
    end: datetime
    part: Part


def spans(hours: Sequence[Window], since: datetime, zone: ZoneInfo) -> Iterator[Span]:
    """Open stretches from an instant on, in order, each within one part of a day; `hours` is not empty."""
    first = since.astimezone(zone).date()
    for offset in range(LOOK_DAYS + 1):
        day = first + timedelta(days=offset)
        for window in sorted((w for w in hours if day_name(day.weekday()) in w.days), key=lambda w: w.start):
            for part, begins, ends in _BOUNDS:
                opens, closes = max(window.start, begins), min(window.end, ends)
                if opens >= closes:
                    continue
                start = max(datetime.combine(day, opens, zone).astimezone(UTC), since)
                end = datetime.combine(day, closes, zone).astimezone(UTC)
                if start < end:
                    yield Span(start=start, end=end, part=part)


def next_open(hours: Sequence[Window], at: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant from `at` on within the hours; None when no day of them has any."""
    if not hours:
        return at
    return next((span.start for span in spans(hours, at, zone)), None)


def day_name(weekday: int) -> Day:
    """The packs' word for a weekday; Monday is 0."""
    return EVERY_DAY[weekday]
