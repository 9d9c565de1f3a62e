"""Over which line and with which number a contact is called: `route(contacts, lines, callers, now) -> Route | Held` each. Pure.

A contact's number follows from the contact and the campaign's numbers, never from how they stand: no block, complaint or limit
moves a call to another number. A suspension moves nothing to another line either: the gate is asked, and speaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fairdial.core.pacing.breaker import Breaker, State
from fairdial.core.pacing.caller_use import CallerLimits, CallerUse, Full, room

SOON = timedelta(seconds=1)
"""After which a place on a full line is asked for again."""

LATER = timedelta(minutes=30)
"""After which what depends on nobody knows what is asked again."""

_GRADE = 0.1
"""Lines whose shares of faults lie this near are equally healthy, and the cheaper one is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerState:
    """A caller number of the campaign.

    Attributes:
        region: Where it is registered, as regions of contacts are written; None for the whole country.
        lines: Lines it may be shown on; None for any.
    """

    number: str
    region: str | None = None
    lines: frozenset[str] | None = None
    limits: CallerLimits
    use: CallerUse = field(default_factory=CallerUse)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """A line of the campaign.

    Attributes:
        is_permitted: Its documents hold and it is let for the purpose; a suspension is no matter here.
        regions: Which it reaches; None for all.
        unavailable: Regions it does not reach now.
        free: Calls it may still start, over all workers.
        cost: Of a minute, in any unit that is the same for all lines.
        fault_share: Of its last set-ups, in [0, 1].
    """

    name: str
    is_permitted: bool = True
    regions: frozenset[str] | None = None
    unavailable: frozenset[str] = frozenset()
    breaker: Breaker = field(default_factory=Breaker)
    free: int
    cost: float = 0.0
    fault_share: float = 0.0

    def reaches(self, region: str | None) -> bool:
        if region is None:
            return self.regions is None
        return region not in self.unavailable and (self.regions is None or region in self.regions)

    @property
    def is_out(self) -> bool:
        return self.breaker.state is State.OPEN or (
            self.breaker.state is State.HALF_OPEN and not self.breaker.trials_left
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCall:
    """A claimed contact; `tried` are lines that refused it in this run before its phone rang."""

    contact_id: int
    region: str | None
    tried: frozenset[str] = frozenset()


class Why(StrEnum):
    """Why a contact is held back."""

    LINES_OUT = "lines_out"
    LINES_FULL = "lines_full"
    LINES_BARRED = "lines_barred"
    NO_LINE_REACHES = "no_line_reaches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The line and the number to ask the gate for; `is_trial` when the line is half-open."""

    line: str
    caller: str
    is_trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Not asked for now. `rests` names a number whose hour has just been filled."""

    why: Why | Full
    until: datetime
    rests: str | None = None


def caller_of(contact: ToCall, callers: Sequence[CallerState]) -> CallerState:
    """The number this contact is shown, today and tomorrow, however the numbers stand.

    Those registered where the contact is come before those of the whole country, and these before any. Among them the highest
    score wins (rendezvous hashing): a number that is added takes its share from each, one that is removed gives to each.

    Source:
        D. Thaler and C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM ToN 6 (1998) 1-14.
    """
    near = [one for one in callers if one.region is not None and one.region == contact.region]
    fitting = near or [one for one in callers if one.region is None] or list(callers)
    return max(fitting, key=lambda one: (_score(contact.contact_id, one.number), one.number))


def _score(contact_id: int, number: str) -> bytes:
    return hashlib.blake2b(f"{contact_id}/{number}".encode(), digest_size=8).digest()


def route(
    contacts: Sequence[ToCall], *, lines: Sequence[LineState], callers: Sequence[CallerState], now: datetime
) -> dict[int, Route | Held]:
    """Where each contact goes, in order; what one takes is gone for the next.

    Args:
        lines: Those of the campaign in the operator's order, which breaks ties; at least one.
        callers: Those of the campaign; at least one.
    """
    open_lines = {line.name: line for line in lines}
    numbers = {caller.number: caller for caller in callers}
    routes: dict[int, Route | Held] = {}
    for contact in contacts:
        caller = numbers[caller_of(contact, callers).number]
        found = _one(contact, caller, list(open_lines.values()), now)
        routes[contact.contact_id] = found
        if isinstance(found, Route):
            open_lines[found.line] = _taken(open_lines[found.line])
            numbers[caller.number] = _used(caller, contact.region, now)
    return routes


def blocked_until(lines: Sequence[LineState], callers: Sequence[CallerState], *, now: datetime) -> datetime | None:
    """Until when no contact of the campaign can go anywhere, whoever it is; None when some may."""
    rooms = [room(replace(caller.use, by_area=None), caller.limits, area=None, now=now) for caller in callers]
    if rooms and all(one.why is not None for one in rooms):
        return min(one.until or now + LATER for one in rooms)
    if all(line.is_out or line.free <= 0 or not line.is_permitted for line in lines):
        return now + SOON
    return None


def _one(contact: ToCall, caller: CallerState, lines: Sequence[LineState], now: datetime) -> Route | Held:
    left = room(caller.use, caller.limits, area=contact.region, now=now)
    if left.why is not None:
        return Held(why=left.why, until=left.until or now + LATER, rests=caller.number if left.begins_rest else None)
    able = [line for line in lines if caller.lines is None or line.name in caller.lines]
    reaching = [line for line in able if line.reaches(contact.region)]
    if not reaching:
        return Held(why=Why.NO_LINE_REACHES, until=now + LATER)
    permitted = [line for line in reaching if line.is_permitted]
    if not permitted:
        is_barred_to_all = not any(
            line.is_permitted for line in lines
        )  # then nobody is claimed until a line is put right
        return Held(why=Why.LINES_BARRED, until=now + (SOON if is_barred_to_all else LATER))
    untried = [line for line in permitted if line.name not in contact.tried] or permitted
    working = [line for line in untried if not line.is_out]
    if not working:
        return Held(why=Why.LINES_OUT, until=_back(untried, now))
    with_room = [line for line in working if line.free > 0]
    if not with_room:
        return Held(why=Why.LINES_FULL, until=now + SOON)
    best = min(with_room, key=_rank)
    return Route(line=best.name, caller=caller.number, is_trial=best.breaker.state is State.HALF_OPEN)


def _rank(line: LineState) -> tuple[bool, int, float]:
    """A line on trial first: without real calls it never comes back, and it gets few; then health, then cost."""
    return line.breaker.state is not State.HALF_OPEN, int(line.fault_share / _GRADE + 1e-9), line.cost


def _back(lines: Sequence[LineState], now: datetime) -> datetime:
    """When the first of these lines may be back."""
    until = [line.breaker.until for line in lines if line.breaker.state is State.OPEN and line.breaker.until]
    return max(now + SOON, min(until)) if len(until) == len(lines) else now + SOON


def _taken(line: LineState) -> LineState:
    breaker = line.breaker
    if breaker.state is State.HALF_OPEN:
        breaker = replace(breaker, trials=breaker.trials + 1)
    return replace(line, free=line.free - 1, breaker=breaker)


def _used(caller: CallerState, area: str | None, now: datetime) -> CallerState:
    use = caller.use
    by_area = {**(use.by_area or {})}
    by_area[area] = by_area.get(area, 0) + 1
    frees = {
        "hour_frees_at": use.hour_frees_at or now + timedelta(hours=1),
        "day_frees_at": use.day_frees_at or now + timedelta(days=1),
    }
    return replace(caller, use=replace(use, hour=use.hour + 1, day=use.day + 1, by_area=by_area, **frees))
