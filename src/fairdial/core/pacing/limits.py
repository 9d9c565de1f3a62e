"""How many calls to start now, and which limit holds the campaign to that number.

Pure: whoever dials counts what there is room for, asks `plan`, starts that many and shows `Plan.held_by`, so that a campaign
that starts fewer calls than it could always says why. The gate still speaks about each contact; what it permitted comes back
as one more room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Limit(StrEnum):
    """What holds a campaign, in the order in which it is named when several hold it equally."""

    PAUSED = "paused"
    """暂停: somebody, or a brake, has paused it."""
    WINDOW = "window"
    """时段: the campaign's own window is closed, or it has not begun."""
    TOTAL = "total"
    """总量: the campaign's calls in all are made."""
    DAILY = "daily"
    """日量: the campaign's calls of this day are made."""
    LIST = "list"
    """名单: nobody else on the list is due now."""
    GATE = "gate"
    """裁定: the gate did not permit more of those who were asked for."""
    NUMBERS = "numbers"
    """主叫号码: the caller numbers have been used as much as they may be."""
    SEATS = "seats"
    """坐席: more calls would reach persons for whom no seat is free."""
    CAMPAIGN = "campaign"
    """任务并发: as many calls as the campaign may have at once."""
    WORKER = "worker"
    """工作进程: the workers there are carry no more calls."""
    RATE = "rate"
    """呼叫速率: lines have free places, but no more calls may begin within this second."""
    LINES = "lines"
    """线路: every place of every line is taken, or the line is out of service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRoom:
    """What one line takes now; a line out of service has no free places.

    Attributes:
        free: Calls that may be added to those under way.
        starts: Calls that may begin now by its calls per second, as `starts_left` counts them; None where it has no such limit.
    """

    free: int
    starts: int | None = None

    @property
    def takes(self) -> int:
        return max(0, self.free if self.starts is None else min(self.free, self.starts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What there is room for at this moment, in calls; None is no such limit. Numbers below 0 count as 0.

    Attributes:
        lines: The campaign's lines.
        due: Contacts that may be asked for now.
        is_open: Whether the campaign's own window is open.
        permitted: Of those asked for and not yet started, those the gate permitted; None before it is asked.
        seats: What the pacing mode starts for the seats there are; None where the AI answers everybody.
        until: Of some limits, when they give way: the window opens, the next contact is due.
    """

    lines: Sequence[LineRoom]
    due: int
    is_paused: bool = False
    is_open: bool = True
    total_left: int | None = None
    daily_left: int | None = None
    permitted: int | None = None
    numbers: int | None = None
    seats: int | None = None
    campaign: int | None = None
    worker: int | None = None
    until: Mapping[Limit, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many calls to start now.

    Attributes:
        start: Calls, >= 0; each still needs its permit.
        held_by: The one limit without which more would start.
        room: What each limit that was given leaves, in calls.
        until: When the limit that holds gives way by itself, where that is known.
    """

    start: int
    held_by: Limit
    room: Mapping[Limit, int]
    until: datetime | None = None

    @property
    def is_starved(self) -> bool:
        """Whether places on the lines stay free."""
        return self.start < self.room[Limit.LINES]


def plan(room: Room) -> Plan:
    """The most calls that no limit forbids, and the limit that forbids one more."""
    takes = sum(line.takes for line in room.lines)
    places = sum(max(0, line.free) for line in room.lines)
    given = {
        Limit.PAUSED: 0 if room.is_paused else None,
        Limit.WINDOW: None if room.is_open else 0,
        Limit.TOTAL: room.total_left,
        Limit.DAILY: room.daily_left,
        Limit.LIST: room.due,
        Limit.GATE: room.permitted,
        Limit.NUMBERS: room.numbers,
        Limit.SEATS: room.seats,
        Limit.CAMPAIGN: room.campaign,
        Limit.WORKER: room.worker,
        Limit.RATE: takes if takes < places else None,
        Limit.LINES: places,
    }
    left = {limit: max(0, calls) for limit, calls in given.items() if calls is not None}
    held_by = min(left, key=left.__getitem__)  # the first of the smallest
    return Plan(start=left[held_by], held_by=held_by, room=left, until=(room.until or {}).get(held_by))


def starts_left(per_second: float, ages_s: Iterable[float]) -> int:
    """How many calls may begin now on a line of so many calls per second.

    Args:
        per_second: More than 0; 0.5 is a call each two seconds.
        ages_s: How long ago its latest calls began, of all workers, in seconds.
    """
    span_s = max(1.0, 1 / per_second)
    return max(0, int(per_second * span_s + 1e-9) - sum(age < span_s for age in ages_s))
