"""When a campaign calls, how much, and how often again; and what holds it at a moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.retries import Retries
from fairdial.core.pacing.limits import Limit, Room
from fairdial.core.policy.case import STRICT, Window

ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an operator sets of a campaign.

    Attributes:
        hours: By the person's clock, inside the law's; empty for whatever the law allows.
        zone: IANA zone by which the campaign's days turn, for its daily limit.
        priority: 0 to 9; workers serve a higher one first.
        daily_limit: Calls dialled a day at most, `total_limit` over its life; None for no limit.
        best_time: Whether the hour of another try is chosen by when people answered before.
    """

    __pydantic_config__: ClassVar = STRICT
    starts_at: datetime | None = None
    stops_at: datetime | None = None
    hours: tuple[Window, ...] = ()
    zone: str = ZONE
    priority: int = 5
    daily_limit: int | None = None
    total_limit: int | None = None
    retries: Retries = field(default_factory=Retries)
    best_time: bool = False


class Holds(StrEnum):
    """What holds a whole campaign, so that nobody of it is asked for."""

    NOT_RUNNING = "not_running"
    NOT_STARTED = "not_started"
    STOPPED = "stopped"
    DAILY_LIMIT = "daily_limit"
    TOTAL_LIMIT = "total_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nobody of the campaign is asked for, until an instant, or until somebody changes it (None)."""

    by: Holds
    until: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody will be asked for any more unless the plan is changed; a pause is not the end."""
        return self.by in (Holds.STOPPED, Holds.TOTAL_LIMIT) and self.until is None


_LIMITS = {
    Holds.NOT_RUNNING: Limit.PAUSED,
    Holds.NOT_STARTED: Limit.WINDOW,
    Holds.STOPPED: Limit.WINDOW,
    Holds.DAILY_LIMIT: Limit.DAILY,
    Holds.TOTAL_LIMIT: Limit.TOTAL,
}


def held_room(held: Held) -> Room:
    """The room of a campaign that is held, for whoever asks what holds it."""
    limit = _LIMITS[held.by]
    return Room(
        lines=(),
        due=0,
        is_paused=limit is Limit.PAUSED,
        is_open=limit is not Limit.WINDOW,
        daily_left=0 if limit is Limit.DAILY else None,
        total_left=0 if limit is Limit.TOTAL else None,
        until={} if held.until is None else {limit: held.until},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a campaign has dialled: in all, on `day` of its zone, and permits that may still be."""

    total: int
    of_day: int
    day: date | None
    open: int


def room(plan: Plan, state: CampaignState, spent: Spent, now: datetime) -> Held | int | None:
    """How many contacts may be asked for now: what holds the campaign, a number above 0, or None for any number.

    A permit that may still be dialled counts as dialled, so that two workers cannot spend one place.
    """
    if state is not CampaignState.RUNNING:
        return Held(by=Holds.NOT_RUNNING)
    if plan.stops_at is not None and now >= plan.stops_at:
        return Held(by=Holds.STOPPED)
    if plan.starts_at is not None and now < plan.starts_at:
        return Held(by=Holds.NOT_STARTED, until=plan.starts_at)
    zone = ZoneInfo(plan.zone)
    today = now.astimezone(zone).date()
    left: list[tuple[int, Held]] = []
    if plan.total_limit is not None:
        left.append((plan.total_limit - spent.total, Held(by=Holds.TOTAL_LIMIT)))
    if plan.daily_limit is not None:
        midnight = datetime.combine(today + timedelta(days=1), time(0), zone).astimezone(UTC)
        dialled = spent.of_day if spent.day == today else 0
        left.append((plan.daily_limit - dialled, Held(by=Holds.DAILY_LIMIT, until=midnight)))
    for count, held in left:
        if count <= 0:
            return held
    free = [count - spent.open for count, _ in left]
    if not free:
        return None
    return max(min(free), 0) or Held(by=min(left, key=lambda one: one[0])[1].by, until=now + timedelta(seconds=1))
