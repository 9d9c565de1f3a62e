"""When a contact is tried again, or why never: the tries so far and how the last ended in, one answer out. Pure.

One table from cause to rule and one budget over all of them: rules do not stack. The last try of the budget is kept for a
person who asked to be called back, so that a promise made in talk can be kept. What surely rang nowhere spends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, Disposition
from fairdial.core.campaign.hours import DAYTIME, Span, next_open, part_of, spans
from fairdial.core.policy.case import STRICT, Window

CHOICE = timedelta(days=3)
"""The best hour is looked for among those of so many days from the first that is open."""

DELAY_COST = 0.97
"""What an hour of the next day is worth beside the same of today."""


class Cause(StrEnum):
    """How a try ended, as far as trying again is concerned.

    `own_line`: our line let the call not out, so no phone rang; `network`: the network failed it or said nothing;
    `cut_short`: we ended it ourselves before its end.
    """

    SERVED = "served"
    CALL_BACK = "call_back"
    CUT_SHORT = "cut_short"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    CALL_REMINDER = "call_reminder"
    REJECTED = "rejected"
    BARRED = "barred"
    FORWARDED = "forwarded"
    POWERED_OFF = "powered_off"
    UNREACHABLE = "unreachable"
    SUSPENDED = "suspended"
    INVALID_NUMBER = "invalid_number"
    NETWORK = "network"
    OWN_LINE = "own_line"
    CANCELLED = "cancelled"


_OF_DISPOSITION = {
    Disposition.ANSWERED: Cause.SERVED,
    Disposition.CALLER_ARREARS: Cause.OWN_LINE,
    Disposition.NOT_DIALLED: Cause.OWN_LINE,
    Disposition.FAILED: Cause.NETWORK,
}
_OF_OUTCOME = {
    "call_later": Cause.CALL_BACK,
    "stopped": Cause.CUT_SHORT,
    NETWORK_SILENT: Cause.NETWORK,
    LINE_REFUSED: Cause.OWN_LINE,
}


def cause_of(disposition: Disposition, outcome: str | None) -> Cause:
    """The cause that a call's end is; what it came to in talk or on the network says more than how it was answered."""
    if outcome in _OF_OUTCOME:
        return _OF_OUTCOME[outcome]
    return _OF_DISPOSITION.get(disposition) or Cause(disposition.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """After so many minutes, at most so many times, `elsewhen` in another part of the day; at most 0 is never again."""

    __pydantic_config__: ClassVar = STRICT
    after_min: float = 0
    at_most: int = 0
    elsewhen: bool = False


_H, _DAY = 60, 24 * 60
DEFAULTS: Mapping[Cause, Rule] = {
    Cause.SERVED: Rule(),
    Cause.REJECTED: Rule(),
    Cause.BARRED: Rule(),
    Cause.INVALID_NUMBER: Rule(),
    Cause.CALL_BACK: Rule(after_min=_H, at_most=2),
    Cause.CUT_SHORT: Rule(after_min=10, at_most=1),
    Cause.BUSY: Rule(after_min=15, at_most=2),
    Cause.NO_ANSWER: Rule(after_min=3 * _H, at_most=2, elsewhen=True),
    Cause.VOICEMAIL: Rule(after_min=_DAY, at_most=1, elsewhen=True),
    Cause.CALL_REMINDER: Rule(after_min=_DAY, at_most=1, elsewhen=True),
    Cause.FORWARDED: Rule(after_min=_DAY, at_most=1, elsewhen=True),
    Cause.POWERED_OFF: Rule(after_min=3 * _H, at_most=2, elsewhen=True),
    Cause.UNREACHABLE: Rule(after_min=2 * _H, at_most=2, elsewhen=True),
    Cause.SUSPENDED: Rule(after_min=30 * _DAY, at_most=1),
    Cause.NETWORK: Rule(after_min=15, at_most=2),
    Cause.OWN_LINE: Rule(after_min=15, at_most=3),
    Cause.CANCELLED: Rule(after_min=30, at_most=1),
}
"""An engineering choice, no law: 空号 never again, 停机 after thirty days, a call-back asked for when it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """The rules of a campaign, where they differ from `DEFAULTS`, and how many tries a contact gets in all."""

    __pydantic_config__: ClassVar = STRICT
    budget: int = 4
    rules: Mapping[Cause, Rule] = field(default_factory=dict)

    def rule(self, cause: Cause) -> Rule:
        return self.rules.get(cause, DEFAULTS[cause])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A call that was dialled, and how it ended."""

    at: datetime
    cause: Cause


class Rank(IntEnum):
    """Who goes first among those due; see `campaign_contact.rank`."""

    PROMISED = 0
    TRIED = 1
    NEW = 2


class Ended(StrEnum):
    """Why a contact is never called again by its campaign."""

    SERVED = "served"
    NEVER_AGAIN = "never_again"
    CAUSE_SPENT = "cause_spent"
    BUDGET_SPENT = "budget_spent"
    NO_HOUR_LEFT = "no_hour_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The contact is due at `at`, because of `cause`; the gate is asked then, and may say no."""

    at: datetime
    rank: Rank
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The campaign does not call the contact again."""

    why: Ended
    cause: Cause


Odds = Callable[[datetime], float]
"""How likely somebody answers at an instant, in [0, 1]; see `best_time`."""


def next_try(
    retries: Retries,
    tries: Sequence[Tried],
    *,
    ended: datetime,
    zone: ZoneInfo,
    hours: Sequence[Window] = (),
    promised: datetime | None = None,
    stops_at: datetime | None = None,
    odds: Odds | None = None,
) -> Again | Over:
    """When a contact is due next, now that a call of theirs has ended.

    Args:
        tries: Every call dialled, oldest first, with the one that ended last; at least one.
        ended: When that one ended; delays begin here.
        zone: The person's.
        hours: The campaign's own; empty for any hour.
        promised: The time the person asked to be called at in that call.
        stops_at: The campaign's end; nobody is due after it.

    Raises:
        ValueError: There is no try.
    """
    if not tries:
        raise ValueError("nothing was tried: a contact that was never dialled is due, not retried")
    cause = tries[-1].cause
    rule = retries.rule(cause)
    if cause is Cause.SERVED:
        return Over(why=Ended.SERVED, cause=cause)
    if rule.at_most == 0:
        return Over(why=Ended.NEVER_AGAIN, cause=cause)
    spent = sum(one.cause is not Cause.OWN_LINE for one in tries)
    if spent >= retries.budget - (cause is not Cause.CALL_BACK):
        return Over(why=Ended.BUDGET_SPENT, cause=cause)
    if sum(one.cause is cause for one in tries) > rule.at_most:
        return Over(why=Ended.CAUSE_SPENT, cause=cause)
    earliest = ended + timedelta(minutes=rule.after_min)
    if cause is Cause.CALL_BACK:
        at = next_open(hours, max(promised or earliest, ended), zone)
    else:
        at = _when(rule, tries, earliest, zone, hours, odds)
    if at is None or (stops_at is not None and at >= stops_at):
        return Over(why=Ended.NO_HOUR_LEFT, cause=cause)
    return Again(at=at, rank=Rank.PROMISED if cause is Cause.CALL_BACK else Rank.TRIED, cause=cause)


def _when(
    rule: Rule, tries: Sequence[Tried], earliest: datetime, zone: ZoneInfo, hours: Sequence[Window], odds: Odds | None
) -> datetime | None:
    """The first open instant from `earliest` on; where the rule wants another part of the day, in the one tried least.

    The part tried last counts twice: among equals it is another one's turn.
    """
    if not rule.elsewhen:
        return next_open(hours, earliest, zone)
    opens = list(spans(hours or DAYTIME, earliest, zone))
    if not opens:
        return None
    tried = Counter([*(part_of(one.at, zone) for one in tries), part_of(tries[-1].at, zone)])
    fewest = min(tried[span.part] for span in opens)
    fitting = [span for span in opens if tried[span.part] == fewest]
    return fitting[0].start if odds is None else best_instant(fitting, odds, zone)


def best_instant(opens: Sequence[Span], odds: Odds, zone: ZoneInfo) -> datetime:
    """The start of the hour in which an answer is likeliest, within `CHOICE` of the first; later days count a little less."""
    first = opens[0].start
    instants = [at for span in opens if span.start < first + CHOICE for at in _hours_of(span, zone)]
    return max(instants, key=lambda at: (odds(at) * DELAY_COST ** ((at - first) / timedelta(days=1)), first - at))


def _hours_of(span: Span, zone: ZoneInfo) -> list[datetime]:
    """The span's start and each full hour of the person's clock within it."""
    local = span.start.astimezone(zone)
    full = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + timedelta(hours=1)
    found = [span.start]
    while full < span.end:
        found.append(full)
        full += timedelta(hours=1)
    return found
