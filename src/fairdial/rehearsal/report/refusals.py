"""Whether refusals were honoured in rehearsed calls. Pure.

A violation is something the conversation did although it had understood; a refusal that was meant and not understood
is the ears' failing and is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fairdial.core.dialogue.actions import RecordRefusal, Say
from fairdial.core.dialogue.events import Event, KeyPressed, SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended
from fairdial.core.script.model import Script
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.report.spread import Spread, spread

MOST_EXAMPLES = 10


class Wrong(StrEnum):
    NOT_RECORDED = "not_recorded"
    RECORDED_TOO_LATE = "recorded_too_late"
    WENT_ON = "went_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A refusal that was understood and not honoured: never recorded, spoken before it was, or talked past."""

    wrong: Wrong
    call: str
    person: str
    heard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence as it was said, heard and taken, and the call it was said in."""

    call: str
    person: str
    said: str
    heard: str
    understood: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What became of refusals.

    Attributes:
        calls: Calls in which somebody meant a refusal for good.
        recorded_calls: Those of them in which one was recorded.
        sentences: Refusals for good that were said.
        understood: Those of them that were understood as such.
        recorded: Refusals written, by kind.
        missed: Refusals for good that were not understood, ten at most.
        unmeant: Refusals written after a sentence that meant none, ten at most; `unmeant_count` of them.
        seconds_after_hard: Our speech from the first refusal for good to the end, the goodbye included.
        seconds_after_soft: The same from the first polite no.
    """

    calls: int
    recorded_calls: int
    sentences: int
    understood: int
    recorded: Mapping[str, int]
    missed: tuple[Sentence, ...]
    unmeant_count: int
    unmeant: tuple[Sentence, ...]
    violations: tuple[Violation, ...]
    seconds_after_hard: Spread
    seconds_after_soft: Spread


Speech = Callable[[RehearsedCall, Say], float]
"""Seconds that something takes to say on a call."""

_MEANT_BY = {
    "hard": frozenset({Meaning.REFUSE_HARD, Meaning.REFUSE_SOFT, Meaning.DENY}),
    "wrong_number": frozenset({Meaning.WRONG_NUMBER, Meaning.THIRD_PARTY, Meaning.DENY, Meaning.REFUSE_HARD}),
    "vulnerable": frozenset({Meaning.VULNERABLE}),
}


def refusals(script: Script, calls: Sequence[RehearsedCall], speech: Speech) -> Refusals:
    """Judge every refusal of these calls."""
    meant = [(call, _meant(call, Meaning.REFUSE_HARD)) for call in calls]
    refused = [(call, moments) for call, moments in meant if moments]
    said = [(call, at) for call, places in refused for at in places]
    missed = [
        _sentence(script, call, at)
        for call, at in said
        if _understood(script, call.moments[at].event) is not Meaning.REFUSE_HARD
    ]
    unmeant = [_sentence(script, call, at) for call in calls for at in _unmeant(call)]
    soft = [(call, places) for call in calls if (places := _meant(call, Meaning.REFUSE_SOFT))]
    return Refusals(
        calls=len(refused),
        recorded_calls=sum(any(_records(moment) for moment in call.moments) for call, _ in refused),
        sentences=len(said),
        understood=len(said) - len(missed),
        recorded=dict(
            sorted(Counter(action.kind for call in calls for m in call.moments for action in _records(m)).items())
        ),
        missed=tuple(missed[:MOST_EXAMPLES]),
        unmeant_count=len(unmeant),
        unmeant=tuple(unmeant[:MOST_EXAMPLES]),
        violations=tuple(violation for call in calls for violation in _violations(script, call)),
        seconds_after_hard=spread(_seconds(call, places[0], speech) for call, places in refused),
        seconds_after_soft=spread(_seconds(call, places[0], speech) for call, places in soft),
    )


def _meant(call: RehearsedCall, meaning: Meaning) -> list[int]:
    return [at for at, intended in sorted(call.intended.items()) if intended.meaning is meaning]


def _records(moment: Moment) -> list[RecordRefusal]:
    return [action for action in moment.actions if isinstance(action, RecordRefusal)]


def _understood(script: Script, event: Event) -> Meaning | None:
    """What was made of a sentence or a key; None for any other event."""
    match event:
        case SentenceHeard(understood=understood):
            return understood.meaning
        case KeyPressed(key=key):
            return script.keys.get(key)
        case _:
            return None


def _heard(event: Event) -> str:
    match event:
        case SentenceHeard(text=words) | KeyPressed(key=words):
            return words
        case _:
            return ""


def _violations(script: Script, call: RehearsedCall) -> Iterator[Violation]:
    for at, moment in enumerate(call.moments):
        wrong = _wrong(script, call.moments, at)
        if wrong is not None:
            yield Violation(wrong=wrong, call=call.facts.key, person=call.person, heard=_heard(moment.event))


def _wrong(script: Script, moments: Sequence[Moment], at: int) -> Wrong | None:
    """What is wrong about the answer to one moment, if it is a refusal."""
    moment = moments[at]
    kinds = [type(action) for action in moment.actions]
    if RecordRefusal in kinds and Say in kinds[: kinds.index(RecordRefusal)]:
        return Wrong.RECORDED_TOO_LATE
    if _understood(script, moment.event) is not Meaning.REFUSE_HARD:
        return None
    if not any(_records(earlier) for earlier in moments[: at + 1]):
        return Wrong.NOT_RECORDED
    speaks_later = any(isinstance(action, Say) for later in moments[at + 1 :] for action in later.actions)
    if not isinstance(moment.after, Ended) or kinds.count(Say) > 1 or speaks_later:
        return Wrong.WENT_ON
    return None


def _unmeant(call: RehearsedCall) -> Iterator[int]:
    for at, moment in enumerate(call.moments):
        meant = call.intended.get(at)
        for action in _records(moment):
            if meant is not None and meant.meaning not in _MEANT_BY.get(action.kind, _MEANT_BY["hard"]):
                yield at


def _sentence(script: Script, call: RehearsedCall, at: int) -> Sentence:
    event = call.moments[at].event
    return Sentence(
        call=call.facts.key,
        person=call.person,
        said=call.intended[at].said,
        heard=_heard(event),
        understood=str(_understood(script, event) or ""),
    )


def _seconds(call: RehearsedCall, since: int, speech: Speech) -> float:
    said = (action for moment in call.moments[since:] for action in moment.actions if isinstance(action, Say))
    return sum(speech(call, action) for action in said)
