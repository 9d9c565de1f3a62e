"""Which sentences were taken for something else than was meant, in rehearsed calls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairdial.core.dialogue.actions import RecordSlot, Say
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Talking, Waiting
from fairdial.core.script.model import Script
from fairdial.rehearsal.rehearsed_call import Intended, RehearsedCall

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    person: str
    step: str
    said: str
    heard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Something meant and what it was taken for, how often, with up to three sentences."""

    intended: str
    understood: str
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstandings:
    """Sentences whose meaning is known, how many got another meaning, and how many another answer because of it.

    Another meaning that the script answers alike at that step does no harm and is no confusion.
    """

    sentences: int
    other_meaning: int
    misunderstood: int
    confusions: tuple[Confusion, ...]
    """The most frequent first."""


def misunderstandings(script: Script, calls: Iterable[RehearsedCall]) -> Misunderstandings:
    """Compare what was meant with what was made of it."""
    sentences = other = 0
    found: dict[tuple[str, str], list[Example]] = {}
    for call in calls:
        for _, moment, event, meant in _judged(call):
            sentences += 1
            other += meant.meaning is not None and event.understood.meaning is not meant.meaning
            if not _is_right(script, moment, event, meant):
                example = Example(person=call.person, step=_step(moment), said=meant.said, heard=event.text)
                found.setdefault((_told(meant), _taken(moment, event, meant)), []).append(example)
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return Misunderstandings(
        sentences=sentences,
        other_meaning=other,
        misunderstood=sum(len(examples) for examples in found.values()),
        confusions=tuple(
            Confusion(intended=meant, understood=taken, count=len(examples), examples=tuple(examples[:MOST_EXAMPLES]))
            for (meant, taken), examples in ordered
        ),
    )


def _judged(call: RehearsedCall) -> Iterator[tuple[int, Moment, SentenceHeard, Intended]]:
    for at, meant in sorted(call.intended.items()):
        moment = call.moments[at]
        if isinstance(moment.event, SentenceHeard) and (meant.meaning or meant.slot or meant.knowledge):
            yield at, moment, moment.event, meant


def _is_right(script: Script, moment: Moment, event: SentenceHeard, meant: Intended) -> bool:
    if meant.slot is not None:
        return _value(moment, meant.slot[0]) == meant.slot[1]
    if meant.knowledge is not None:
        said = [line for action in moment.actions if isinstance(action, Say) for line in action.lines]
        return said[:1] == [script.knowledge[meant.knowledge].answer.line]
    assert meant.meaning is not None
    return event.understood.meaning is meant.meaning or _is_answered_alike(script, moment, event, meant.meaning)


def _is_answered_alike(script: Script, moment: Moment, event: SentenceHeard, meant: Meaning) -> bool:
    """Whether what was meant would have been answered like what was understood."""
    taken = event.understood.meaning
    before = moment.before
    if isinstance(before, Ended):
        return Meaning.REFUSE_HARD not in (meant, taken)
    if isinstance(before, Waiting):
        return {meant, taken}.isdisjoint({Meaning.REFUSE_HARD, Meaning.ASSISTANT})
    if meant in (Meaning.BACKCHANNEL, Meaning.GREETING) and event.over_speech:
        return not any(isinstance(action, Say) for action in moment.actions)
    if before.pending is not None:
        return {meant, taken} <= {Meaning.ACCEPT, Meaning.BACKCHANNEL} or meant is taken
    step = script.steps[before.step]
    wanted = script.answer_to(step, meant)
    if wanted is None:
        return script.answer_to(step, taken) is None
    as_taken = Meaning.ACCEPT if taken is Meaning.BACKCHANNEL and step.question == "fact" else taken
    is_no = {meant, taken} == {Meaning.DENY, Meaning.REFUSE_SOFT} and step.question == "offer"
    return is_no or script.answer_to(step, as_taken) == wanted


def _value(moment: Moment, slot: str) -> str | None:
    """The value of a slot that a moment took in, for good or to be confirmed."""
    for action in moment.actions:
        if isinstance(action, RecordSlot) and action.name == slot:
            return action.value
    return moment.after.pending if isinstance(moment.after, Talking) else None


def _told(meant: Intended) -> str:
    if meant.slot is not None:
        return f"slot {meant.slot[0]}"
    return f"knowledge {meant.knowledge}" if meant.knowledge is not None else str(meant.meaning)


def _taken(moment: Moment, event: SentenceHeard, meant: Intended) -> str:
    value = _value(moment, meant.slot[0]) if meant.slot is not None else None
    return f"another value {value}" if value is not None else str(event.understood.meaning)


def _step(moment: Moment) -> str:
    return "" if isinstance(moment.before, Waiting) else moment.before.step
