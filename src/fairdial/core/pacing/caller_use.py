"""How much a caller number may be used now: below the level at which carriers flag it, and less when it is ill thought of. Pure.

A number that may not be used holds its calls; nothing here names another. The figures are engineering choices, for
carriers and labelling services publish none (docs/why/lines.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fairdial.core.policy.brake import surely_at_least

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REST = timedelta(minutes=30)
"""A number that has had its hour rests this long before its next call."""

AREA_SHARE = 0.5
"""Of its hour, a number calls one area with this share at most: a burst into one place is what carriers look for."""


class CallerKind(StrEnum):
    """What a number is to the person who sees it."""

    MOBILE = "mobile"
    FIXED = "fixed"
    SERVICE = "service"
    """95, 96 and 400 numbers, and others registered for calling many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLimits:
    """Calls with one number within any hour and any 24 hours; None has no limit. `area_share` is of the hour's."""

    hourly: int | None
    daily: int | None
    area_share: float = AREA_SHARE

    @property
    def area_hourly(self) -> int | None:
        return None if self.hourly is None else max(1, round(self.hourly * self.area_share))


USUAL = {
    CallerKind.MOBILE: CallerLimits(hourly=16, daily=64),
    CallerKind.FIXED: CallerLimits(hourly=20, daily=80),
    CallerKind.SERVICE: CallerLimits(hourly=200, daily=1500, area_share=1.0),
}
"""What a number of each kind may be used for on carrier lines unless the operator says otherwise."""

UNLIMITED = CallerLimits(hourly=None, daily=None)
"""Numbers on practice lines: nobody there flags them."""


class Repute(StrEnum):
    """What the network and the people called let us see of a number's name."""

    GOOD = "good"
    WATCHED = "watched"
    POOR = "poor"


class Sign(StrEnum):
    """What says that a number is ill thought of."""

    COMPLAINTS = "complaints"
    BLOCKED = "blocked"
    SHORT_CALLS = "short_calls"
    DECLINED = "declined"
    ANSWER_RATE = "answer_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How calls with a number were taken within some days; `usual_answer_rate` is of the tenant's other numbers, None when few."""

    ended: int = 0
    answered: int = 0
    short: int = 0
    declined: int = 0
    blocked: int = 0
    complaints: int = 0
    usual_answer_rate: float | None = None


SURE_Z = 3.0
"""As for the brakes (docs/why/brakes.md): a share counts when it is sure."""

POOR_SHORT, POOR_DECLINED = 0.15, 0.15
"""Of the answered, hung up at once; of the ended, declined or blocked. Three quarters of where the brakes stop."""

FALLEN = 0.5
"""An answer rate surely below this share of what the tenant's other numbers have: people see a label."""


def standing(seen: Response) -> tuple[Repute, tuple[Sign, ...]]:
    """How a number stands, with the names of what says so; one sign makes it watched, two or a complaint make it poor."""
    signs = []
    if seen.complaints:
        signs.append(Sign.COMPLAINTS)
    if seen.blocked:
        signs.append(Sign.BLOCKED)
    if surely_at_least(seen.short, seen.answered, z=SURE_Z) > POOR_SHORT:
        signs.append(Sign.SHORT_CALLS)
    if surely_at_least(seen.declined, seen.ended, z=SURE_Z) > POOR_DECLINED:
        signs.append(Sign.DECLINED)
    if seen.usual_answer_rate:
        surely_unanswered = surely_at_least(seen.ended - seen.answered, seen.ended, z=SURE_Z)
        if seen.ended and 1 - surely_unanswered < FALLEN * seen.usual_answer_rate:
            signs.append(Sign.ANSWER_RATE)
    if not signs:
        return Repute.GOOD, ()
    is_poor = len(signs) > 1 or bool(seen.complaints)
    return (Repute.POOR if is_poor else Repute.WATCHED), tuple(signs)


def limits_for(limits: CallerLimits, stands: Repute) -> CallerLimits:
    """A number that is ill thought of gets half."""
    if stands is not Repute.POOR:
        return limits
    halved = [None if one is None else one // 2 for one in (limits.hourly, limits.daily)]
    return CallerLimits(hourly=halved[0], daily=halved[1], area_share=limits.area_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerUse:
    """Calls given to a number within the last hour and 24 hours, those not dialled yet included.

    Attributes:
        by_area: Of the hour's, by the region of the people called; None is a region not known.
        hour_frees_at, day_frees_at: When the oldest of each falls out; None when there is none.
        rests_until: Set when its hour was full.
    """

    hour: int = 0
    day: int = 0
    by_area: Mapping[str | None, int] | None = None
    hour_frees_at: datetime | None = None
    day_frees_at: datetime | None = None
    rests_until: datetime | None = None


class Full(StrEnum):
    """Why a number is not used now."""

    RESTING = "number_rests"
    HOUR = "number_hour"
    AREA = "number_area"
    DAY = "number_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Calls a number may still make to an area now; when none, why and until when."""

    calls: int
    why: Full | None = None
    until: datetime | None = None
    begins_rest: bool = False
    """Its hour has just been filled: from now on it rests."""


PLENTY = 1_000_000
"""Room of a number without limits."""


def room(use: CallerUse, limits: CallerLimits, *, area: str | None, now: datetime) -> Room:
    """How often a number may still be used for an area now."""
    if limits.daily is not None and use.day >= limits.daily:
        return Room(calls=0, why=Full.DAY, until=use.day_frees_at or now + HOUR)
    if use.rests_until is not None and use.rests_until > now:
        return Room(calls=0, why=Full.RESTING, until=use.rests_until)
    if limits.hourly is not None and use.hour >= limits.hourly:
        until = max(now + REST, use.hour_frees_at or now)
        return Room(calls=0, why=Full.HOUR, until=until, begins_rest=True)
    in_area, most = (use.by_area or {}).get(area, 0), limits.area_hourly
    if most is not None and in_area >= most:
        return Room(calls=0, why=Full.AREA, until=use.hour_frees_at or now + REST)
    left = [
        PLENTY if limit is None else limit - used
        for limit, used in ((limits.daily, use.day), (limits.hourly, use.hour))
    ]
    return Room(calls=min([*left, PLENTY if most is None else most - in_area]))
