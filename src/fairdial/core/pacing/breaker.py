"""When a line is taken out, probed and taken back: `judge(breaker, set-ups, now)` and `probed(breaker, answered, now)`. Pure.

States: closed (calls flow) → open (none, until an instant) → half-open (a few real calls) → closed, or open again for
twice as long. Whoever asks writes the answer down for every worker; docs/why/lines.md has the figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from fairdial.core.pacing.set_up import Fault, SetUp


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


ROW = 5
"""Set-ups in a row that failed by the line's fault."""

WINDOW, SHARE = 20, 0.5
"""Or such a share of so many."""

ONE_WAY_ROW = 3
QUIET_ROW, USUAL_SHARE = 10, 0.5
"""So many without early media on a line that had it in this share of what came before."""

SLOW_ROW, SLOW_MS, SLOWER = 10, 8000, 2.0
"""Median post-dial delay of so many calls, and how much slower than before. 8 s: ITU-T E.721's mean for long distance."""

FALSE_ROW = 6
LEAST_USUAL = 20
"""Set-ups that tell what is usual; with fewer nothing is."""

FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=15)
TRIALS = 3
"""Real calls that a half-open line must carry well."""

TRIAL_PATIENCE = timedelta(minutes=3)
"""Trials that have not ended within this are made again: their worker died, or their contacts were denied."""

READ_BACK = timedelta(hours=6)
"""What is older tells nothing of a line now."""

MOST_READ = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """How a line stands.

    Attributes:
        since: When this state began; None of a line that was never weighed. Only what was dialled after it is weighed.
        until: Until when an open line rests; then it is probed.
        faults: Why it is not closed, the weightiest first.
        openings: How often it was opened since it was last closed; each doubles the rest.
        trials: Real calls given out of `TRIALS` while half-open.
    """

    state: State = State.CLOSED
    since: datetime | None = None
    until: datetime | None = None
    faults: tuple[Fault, ...] = ()
    openings: int = 0
    trials: int = 0

    @property
    def trials_left(self) -> int:
        return max(0, TRIALS - self.trials) if self.state is State.HALF_OPEN else 0

    def is_due(self, now: datetime) -> bool:
        """Whether it is open and has rested."""
        return self.state is State.OPEN and (self.until is None or self.until <= now)


def judge(breaker: Breaker, set_ups: Sequence[SetUp], *, now: datetime) -> Breaker:
    """Weigh what has ended on a line, the oldest first; the same breaker when nothing changes."""
    since = breaker.since
    recent = [one for one in set_ups if since is None or one.dialled_at >= since]
    match breaker.state:
        case State.CLOSED:
            faults = faults_of(recent)
            return _opened(breaker, faults, recent, now) if faults else breaker
        case State.OPEN:
            return _longer(breaker, set_ups)
        case State.HALF_OPEN:
            return _tried(breaker, recent, now)


def probed(breaker: Breaker, *, answered: bool, now: datetime) -> Breaker:
    """A probe of an open line came back: let a few real calls out, or let it rest longer."""
    if breaker.state is not State.OPEN:
        return breaker
    if not answered:
        faults = (*[one for one in breaker.faults if one is not Fault.NO_PROBE], Fault.NO_PROBE)
        return replace(breaker, until=now + _rest(breaker.openings), openings=breaker.openings + 1, faults=faults)
    faults = tuple(one for one in breaker.faults if one is not Fault.NO_PROBE)
    return replace(breaker, state=State.HALF_OPEN, since=now, until=None, trials=0, faults=faults)


def faults_of(set_ups: Sequence[SetUp]) -> tuple[Fault, ...]:
    """What is wrong with a line by the set-ups given, the oldest first; nothing when it may carry on."""
    found = [*_hard(set_ups)]
    answered = [one for one in set_ups if one.was_answered]
    if _all_last(answered, ONE_WAY_ROW, lambda one: one.is_one_way):
        found.append(Fault.ONE_WAY)
    quick = answered[-FALSE_ROW:]
    if _all_last(answered, FALSE_ROW, lambda one: one.is_false_answer) and len({one.person for one in quick}) > 1:
        found.append(Fault.FALSE_ANSWER)
    if _went_quiet(set_ups):
        found.append(Fault.NO_EARLY_MEDIA)
    if _went_slow(set_ups):
        found.append(Fault.SLOW)
    return tuple(dict.fromkeys(found))


def fault_share(set_ups: Sequence[SetUp]) -> float:
    """How much of the last `WINDOW` set-ups failed by the line's fault, in [0, 1]; 0 when there is none."""
    window = set_ups[-WINDOW:]
    faulty = sum(one.hard_fault is not None or one.is_one_way or one.is_false_answer for one in window)
    return faulty / len(window) if window else 0.0


def _hard(set_ups: Sequence[SetUp]) -> list[Fault]:
    if set_ups and set_ups[-1].retry_after_s and set_ups[-1].hard_fault:
        return [Fault.ASKED_TO_WAIT]
    window = [one.hard_fault for one in set_ups[-WINDOW:]]
    faults = [one for one in window if one is not None]
    is_row = len(window) >= ROW and all(window[-ROW:])
    if is_row or (len(window) == WINDOW and len(faults) >= SHARE * WINDOW):
        return [fault for fault, _ in Counter(faults).most_common()]
    return []


def _all_last(set_ups: Sequence[SetUp], count: int, is_so: Callable[[SetUp], bool]) -> bool:
    return len(set_ups) >= count and all(is_so(one) for one in set_ups[-count:])


def _went_quiet(set_ups: Sequence[SetUp]) -> bool:
    """Announcements and ring-back came, and now none does."""
    reached = [one for one in set_ups if one.post_dial_ms is not None]
    before, last = reached[:-QUIET_ROW], reached[-QUIET_ROW:]
    if len(before) < LEAST_USUAL or any(one.has_early_media for one in last):
        return False
    return sum(one.has_early_media for one in before) >= USUAL_SHARE * len(before)


def _went_slow(set_ups: Sequence[SetUp]) -> bool:
    delays = [one.post_dial_ms for one in set_ups if one.post_dial_ms is not None]
    before, last = delays[:-SLOW_ROW], delays[-SLOW_ROW:]
    if len(before) < LEAST_USUAL:
        return False
    return median(last) >= max(SLOW_MS, SLOWER * median(before))


def _opened(breaker: Breaker, faults: tuple[Fault, ...], recent: Sequence[SetUp], now: datetime) -> Breaker:
    until = max([now + _rest(breaker.openings), *_asked_until(recent)])
    return Breaker(state=State.OPEN, since=now, until=until, faults=faults, openings=breaker.openings + 1)


def _rest(openings: int) -> timedelta:
    return min(FIRST_REST * float(2 ** min(openings, 10)), LONGEST_REST)


def _asked_until(set_ups: Sequence[SetUp]) -> list[datetime]:
    return [one.ended_at + timedelta(seconds=one.retry_after_s) for one in set_ups if one.retry_after_s]


def _longer(breaker: Breaker, set_ups: Sequence[SetUp]) -> Breaker:
    """Calls that were under way may still be told to stay away for longer."""
    asked = max(_asked_until(set_ups), default=None)
    if asked is None or (breaker.until is not None and asked <= breaker.until):
        return breaker
    return replace(breaker, until=asked)


def _tried(breaker: Breaker, recent: Sequence[SetUp], now: datetime) -> Breaker:
    bad = [fault for one in recent if (fault := _fault_of_trial(one, breaker)) is not None]
    if bad:
        return _opened(breaker, tuple(dict.fromkeys(bad)), recent, now)
    if len(recent) >= TRIALS:
        return Breaker(state=State.CLOSED, since=now)
    if breaker.trials and breaker.since is not None and now - breaker.since >= TRIAL_PATIENCE:
        return replace(breaker, since=now, trials=0)
    return breaker


def _fault_of_trial(one: SetUp, breaker: Breaker) -> Fault | None:
    """What one trial shows to be wrong still; the line is on trial, so one is enough."""
    if one.hard_fault:
        return one.hard_fault
    if one.is_one_way:
        return Fault.ONE_WAY
    if one.is_false_answer:
        return Fault.FALSE_ANSWER
    is_slow = Fault.SLOW in breaker.faults and one.post_dial_ms is not None and one.post_dial_ms >= SLOW_MS
    return Fault.SLOW if is_slow else None
