"""The course of one call as spans: a value made once the call is recorded.

Pure: times and the record in, spans out. Nothing of a person is in them: no number, no name, no words.
Times are seconds since the Unix epoch, on the clock of the process that made the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fairdial.core.call_record import CallRecord
from fairdial.core.wire import WireMessage

Value = str | int | float | bool

_AGAIN = (401, 407)
"""Answers after which the same INVITE goes out once more, with credentials (RFC 3261, 22)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """When something began and ended."""

    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the SIP messages of a call tell, in seconds since its INVITE; None for what did not happen."""

    reacted: float | None = None
    """The first ringing, session progress or final answer: the post-dial delay."""
    rang: float | None = None
    has_early_media: bool = False
    final: float | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """When a call's steps before and after its talk were taken; None for those that were not."""

    claimed: Took | None = None
    asked: Took | None = None
    spent: Took | None = None
    dialled_at: datetime | None = None
    """`spent.ended` on the ledger's clock, on which the record's times are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One stretch of a call; `moments` are what happened within it, by name."""

    name: str
    took: Took
    attributes: Mapping[str, Value] = field(default_factory=dict)
    moments: Mapping[str, float] = field(default_factory=dict)


def course_of(wire: Sequence[WireMessage]) -> Course:
    """Read a call's course off its SIP messages."""
    course = Course()
    for message in wire:
        status = re.match(r"\d{3}\b", message.what)
        if message.is_ours or not status or not message.of.endswith("INVITE"):
            continue
        code, at = int(status[0]), message.after_ms / 1000
        if code in _AGAIN or code == 100:
            continue
        course = replace(course, reacted=at if course.reacted is None else course.reacted)
        if code >= 200:
            return replace(course, final=at, status=code)
        course = replace(
            course,
            rang=at if course.rang is None else course.rang,
            has_early_media=course.has_early_media or message.has_sdp,
        )
    return course


def spans_of(steps: Steps, record: CallRecord, recorded: Took, about: Mapping[str, Value]) -> tuple[Span, ...]:
    """The spans of a recorded call, the whole call first, the others within it in their order."""
    before = [("claim", steps.claimed), ("gate", steps.asked), ("permit spent", steps.spent)]
    inner = [Span(name=name, took=took) for name, took in before if took is not None]
    sent = steps.spent.ended if steps.spent is not None else recorded.begun
    course = course_of(record.wire)

    def on_our_clock(moment: datetime) -> float:
        """Moments of the ledger's clock, which a rehearsal may have moved."""
        return sent + (moment - steps.dialled_at).total_seconds() if steps.dialled_at else recorded.begun

    over = on_our_clock(record.ended_at)
    answered = on_our_clock(record.answered_at) if record.answered_at is not None else None
    until = answered if answered is not None else over
    rang = min(sent + course.rang, until) if course.rang is not None else None
    status = record.sip_status or course.status
    invite: dict[str, Value] = {} if status is None else {"sip.status": status}
    inner.append(
        Span(name="invite", took=Took(begun=sent, ended=rang if rang is not None else until), attributes=invite)
    )
    if rang is not None:
        early: dict[str, Value] = {"early_media": course.has_early_media}
        inner.append(Span(name="ringing", took=Took(begun=rang, ended=until), attributes=early))
    moments: dict[str, float] = {}
    if answered is not None:
        moments["answered"] = answered
        if record.first_word_ms is not None:
            moments["first word"] = answered + record.first_word_ms / 1000
        if record.goodbye_ended_at is not None:
            moments["goodbye ended"] = on_our_clock(record.goodbye_ended_at)
        inner.append(
            Span(name="talk", took=Took(begun=answered, ended=max(answered, over)), attributes=_talked(record))
        )
    inner.append(Span(name="recorded", took=recorded))
    whole = Took(begun=min(span.took.begun for span in inner), ended=max(span.took.ended for span in inner))
    attributes: dict[str, Value] = {**about, "disposition": record.disposition, "grade": record.grade, **invite}
    if record.call_id is not None:
        attributes["sip.call_id"] = record.call_id
    if record.outcome is not None:
        attributes["outcome"] = record.outcome
    return (Span(name="call", took=whole, attributes=attributes, moments=moments), *inner)


def _talked(record: CallRecord) -> dict[str, Value]:
    gaps = [turn.gap_ms for turn in record.turns if turn.gap_ms is not None]
    told: dict[str, Value] = {"turns": len(record.turns)}
    return told | {"longest_gap_ms": max(gaps)} if gaps else told
