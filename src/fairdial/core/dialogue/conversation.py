"""The conversation: `advance(script, state, event) -> (state, actions)`.

Pure: no clock, no sound, no database. Actions come in the order in which the
hand must carry them out; `RecordRefusal` always precedes the goodbye, and the
hand waits until it is durable. An ended conversation accepts no event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fairdial.core.dialogue.knowledge import asked
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.slot_value import is_answer, slot_value
from fairdial.core.script.model import Answer, Go, Ladder, Script, Slot, SlotType, Step, Stops
from fairdial.core.script.speech import spoken_values
from fairdial.errors import CoreMisuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The person answered and the line is free to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceHeard:
    """The person said something; `over_speech` when the system was speaking.

    `at` is in the person's zone; days they name are counted from it, and without it none is understood.
    """

    text: str
    understood: Understood
    over_speech: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceElapsed:
    """Nobody has spoken for the script's `silence.after_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorStopped:
    """The campaign is being stopped; the call says goodbye."""


Event = Opened | SentenceHeard | SilenceElapsed | OperatorStopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play these lines of the script, one after another; `values` are answers they read back, by slot."""

    lines: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Go on with what was being said when the person made a sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefusal:
    """Write a refusal and wait until it is durable. `kind`: hard, soft or wrong_number."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCallBack:
    """The person named a later time, in their own words."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSlot:
    """The person answered what was asked; `value` as `slot_value` writes it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call once everything said so far has been played."""


Action = Say | Resume | RecordRefusal | ScheduleCallBack | RecordSlot | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking:
    """The conversation is at one step of the script; `pending` is an answer that waits to be confirmed."""

    step: str
    persuasions: int = 0
    silences: int = 0
    unclear: int = 0
    interest: str | None = None
    pending: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The conversation is over; what it left behind."""

    step: str
    grade: str
    outcome: str


State = Talking | Ended

_ALWAYS_HEARD = frozenset(
    {
        Meaning.REFUSE_HARD,
        Meaning.REFUSE_SOFT,
        Meaning.WRONG_NUMBER,
        Meaning.THIRD_PARTY,
        Meaning.VULNERABLE,
        Meaning.ASSISTANT,
        Meaning.ASK_HUMAN,
    }
)
"""What is heard even over words that may not be interrupted."""


def opened(script: Script) -> tuple[Talking, tuple[Action, ...]]:
    """Begin: the state and the first words."""
    step = script.steps[script.start]
    return Talking(step=step.name, interest=step.interest), (Say(lines=_lines(step.line)),)


def advance(script: Script, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """Answer one event.

    Raises:
        CoreMisuse: The conversation has already ended.
    """
    if isinstance(state, Ended):
        raise CoreMisuse(f"the conversation ended at step {state.step}")
    match event:
        case Opened():
            return opened(script)
        case SilenceElapsed():
            return _on_silence(script, state)
        case OperatorStopped():
            ended = Ended(step=state.step, grade=state.interest or "D", outcome="stopped")
            return ended, (Say(lines=_lines(script.stopping)), HangUp())
        case SentenceHeard():
            return _on_sentence(script, replace(state, silences=0), event)


def grade_without_ending(state: State, *, has_heard: bool) -> str:
    """Grade a call the person left: by the interest shown so far, D when nothing was."""
    if isinstance(state, Ended):
        return state.grade
    return (state.interest or "D") if has_heard else "D"


def _lines(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)


def _on_silence(script: Script, state: Talking) -> tuple[State, tuple[Action, ...]]:
    count = state.silences + 1
    if count > script.silence.times:
        return _enter(script, state, script.silence.then, words="")
    return replace(state, silences=count), (Say(lines=_lines(script.silence.line)),)


def _on_sentence(script: Script, state: Talking, event: SentenceHeard) -> tuple[State, tuple[Action, ...]]:
    step = script.steps[state.step]
    meaning = _in_context(step, state, event)
    if event.over_speech and step.interrupt.by is Stops.NEVER and meaning not in _ALWAYS_HEARD:
        return state, (Resume(),)
    if step.slot and is_answer(step.slot, meaning, event.text):
        value = slot_value(step.slot, event.text, meaning, now=event.at)
        if (taken := _on_slot(script, state, step.slot, meaning, value)) is not None:
            return taken
    if meaning not in _ALWAYS_HEARD and (known := asked(script.knowledge, event.text)) is not None:
        return _answer(step, state, known.answer)
    if meaning in (Meaning.BACKCHANNEL, Meaning.GREETING) and event.over_speech:
        return state, (Resume(),)
    if meaning is Meaning.BACKCHANNEL:
        return state, ()
    answer = script.answer_to(step, meaning)
    if answer is not None and _declines(step, meaning) and _goes_on(script, answer):
        if state.persuasions >= 1:
            return _enter(script, state, _refusal_step(script), words=event.text)
        state = replace(state, persuasions=state.persuasions + 1)
    if isinstance(answer, Go):
        return _enter(script, state, answer.step, words=event.text)
    if isinstance(answer, Answer):
        return _answer(step, state, answer)
    if event.over_speech and meaning in (Meaning.UNCLEAR, Meaning.OTHER):
        return state, (Resume(),)
    if meaning is Meaning.GREETING:
        return replace(state, pending=None), (Say(lines=_lines(step.again)),)
    return _repeat(script, state, step, script.unclear)


def _in_context(step: Step, state: Talking, event: SentenceHeard) -> Meaning:
    """What a sentence means as an answer to this step's question.

    A filler answers a question of fact with yes, unless it fell into our own words. "不是" and
    "没有" deny a fact; said to an offer they decline it, unless the step has its own word for that.
    """
    meaning = event.understood.meaning
    asks_fact = step.question == "fact" or state.pending is not None
    if meaning is Meaning.BACKCHANNEL and asks_fact and not event.over_speech:
        return Meaning.ACCEPT
    if meaning is Meaning.DENY and step.question == "offer" and state.pending is None and Meaning.DENY not in step.next:
        return Meaning.REFUSE_SOFT
    return meaning


def _declines(step: Step, meaning: Meaning) -> bool:
    return meaning is Meaning.REFUSE_SOFT or (meaning is Meaning.DENY and step.question == "offer")


def _goes_on(script: Script, answer: Go | Answer) -> bool:
    return isinstance(answer, Answer) or script.steps[answer.step].ending is None


def _on_slot(
    script: Script, state: Talking, slot: Slot, meaning: Meaning, value: str | None
) -> tuple[State, tuple[Action, ...]] | None:
    """Take in an answer to what the step asks; None when the sentence is about something else.

    An answer that has to be confirmed is kept until the person says yes, or says the same once more.
    """
    is_confirmed = state.pending is not None and (
        value == state.pending or (meaning is Meaning.ACCEPT and (value is None or slot.type is SlotType.YES_NO))
    )
    if is_confirmed:
        return _fill(script, state, slot, str(state.pending))
    if state.pending is not None and meaning is Meaning.DENY and (value is None or slot.type is SlotType.YES_NO):
        return _repeat(script, state, script.steps[state.step], script.unclear)
    if value is None:
        return None
    if slot.confirm is None:
        return _fill(script, state, slot, value)
    count = state.unclear + (state.pending is not None)
    if count > script.unclear.times:
        return _enter(script, state, script.unclear.then, words="")
    spoken = spoken_values(slot).get(value)
    read_back = ((slot.name, spoken),) if spoken is not None else ()
    return replace(state, pending=value, unclear=count), (Say(lines=_lines(slot.confirm), values=read_back),)


def _fill(script: Script, state: Talking, slot: Slot, value: str) -> tuple[State, tuple[Action, ...]]:
    moved, actions = _enter(script, state, slot.then, words="")
    return moved, (RecordSlot(name=slot.name, value=value), *actions)


def _answer(step: Step, state: Talking, answer: Answer) -> tuple[State, tuple[Action, ...]]:
    said = _lines(answer.line, step.again) if answer.line else _lines(step.line)
    moved = replace(state, unclear=0, interest=answer.interest or state.interest, pending=None)
    return moved, (Say(lines=said),)


def _repeat(script: Script, state: Talking, step: Step, ladder: Ladder) -> tuple[State, tuple[Action, ...]]:
    count = state.unclear + 1
    if count > ladder.times:
        return _enter(script, state, ladder.then, words="")
    return replace(state, unclear=count, pending=None), (Say(lines=_lines(ladder.line, step.again)),)


def _refusal_step(script: Script) -> str:
    go = script.anywhere[Meaning.REFUSE_HARD]
    if not isinstance(go, Go):
        raise CoreMisuse("a hard refusal must lead to an ending; lint the script first")
    return go.step


def _enter(script: Script, state: Talking, target: str, *, words: str) -> tuple[State, tuple[Action, ...]]:
    step = script.steps[target]
    if step.ending is None:
        moved = replace(state, step=target, unclear=0, interest=step.interest or state.interest, pending=None)
        return moved, (Say(lines=_lines(step.line)),)
    actions: list[Action] = []
    if step.ending.refusal:
        actions.append(RecordRefusal(kind=step.ending.refusal, words=words))
    if step.ending.outcome == "call_later":
        actions.append(ScheduleCallBack(words=words))
    if step.line:
        actions.append(Say(lines=_lines(step.line)))
    actions.append(HangUp())
    return Ended(step=target, grade=step.ending.grade, outcome=step.ending.outcome), tuple(actions)
