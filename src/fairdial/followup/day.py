"""What a day's report shows, ready to be set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fairdial.core.comparison import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One number with what it says; `is_kept` is None where it is no promise but a count."""

    name: str
    count: int
    is_kept: bool | None
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """`counts`: dialled, answered, spoke, refused, complaints."""

    name: str
    counts: Sequence[int]
    answer_rate: Share
    refusal_rate: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    tenant: str
    day: date
    promises: Sequence[Promise]
    by_hour: Sequence[DayRow]
    by_campaign: Sequence[DayRow]
    taken_by: str
    taken_at: str
    is_over: bool
    trace: str
