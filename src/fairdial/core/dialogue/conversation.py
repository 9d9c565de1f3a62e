"""The conversation: `advance(script, state, event) -> (state, actions)`.

Pure: no clock, no sound, no database. Actions come in the order in which the
hand must carry them out; `RecordRefusal` always precedes the goodbye, and the
hand waits until it is durable. An ended conversation accepts no event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.script.model import Answer, Go, Ladder, Script, Step
from fairdial.errors import CoreMisuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The person answered and the line is free to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceHeard:
    """The person said something; `over_speech` when the system was speaking."""

    text: str
    understood: Understood
    over_speech: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceElapsed:
    """Nobody has spoken for the script's `silence.after_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorStopped:
    """The campaign is being stopped; the call says goodbye."""


Event = Opened | SentenceHeard | SilenceElapsed | OperatorStopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play these lines of the script, one after another."""

    lines: tuple[str, ...]


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
class HangUp:
    """End the call once everything said so far has been played."""


Action = Say | Resume | RecordRefusal | ScheduleCallBack | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking:
    """The conversation is at one step of the script."""

    step: str
    persuasions: int = 0
    silences: int = 0
    unclear: int = 0
    interest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The conversation is over; what it left behind."""

    step: str
    grade: str
    outcome: str


State = Talking | Ended

_DECLINES = frozenset({Meaning.REFUSE_SOFT, Meaning.DENY})


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
    meaning = _in_context(step, event)
    if meaning in (Meaning.BACKCHANNEL, Meaning.GREETING) and event.over_speech:
        return state, (Resume(),)
    if meaning is Meaning.BACKCHANNEL:
        return state, ()
    answer = script.answer_to(step, meaning)
    if isinstance(answer, Go):
        return _go(script, state, answer.step, meaning, event.text)
    if isinstance(answer, Answer):
        return _answer(step, state, answer)
    if event.over_speech and meaning in (Meaning.UNCLEAR, Meaning.OTHER):
        return state, (Resume(),)
    if meaning is Meaning.GREETING:
        return state, (Say(lines=_lines(step.again)),)
    return _repeat(script, state, step, script.unclear)


def _in_context(step: Step, event: SentenceHeard) -> Meaning:
    """What a sentence means as an answer to this step's question.

    A filler answers a question of fact with yes, unless it fell into our own words. "不是" and
    "没有" deny a fact; said to an offer they decline it, unless the step has its own word for that.
    """
    meaning = event.understood.meaning
    if meaning is Meaning.BACKCHANNEL and step.question == "fact" and not event.over_speech:
        return Meaning.ACCEPT
    if meaning is Meaning.DENY and step.question == "offer" and Meaning.DENY not in step.next:
        return Meaning.REFUSE_SOFT
    return meaning


def _answer(step: Step, state: Talking, answer: Answer) -> tuple[State, tuple[Action, ...]]:
    asked_again = _lines(answer.line, step.again) if answer.line else _lines(step.line)
    return replace(state, unclear=0, interest=answer.interest or state.interest), (Say(lines=asked_again),)


def _repeat(script: Script, state: Talking, step: Step, ladder: Ladder) -> tuple[State, tuple[Action, ...]]:
    count = state.unclear + 1
    if count > ladder.times:
        return _enter(script, state, ladder.then, words="")
    return replace(state, unclear=count), (Say(lines=_lines(ladder.line, step.again)),)


def _go(script: Script, state: Talking, target: str, meaning: Meaning, words: str) -> tuple[State, tuple[Action, ...]]:
    """Follow an answer; declining counts, and nobody is persuaded twice."""
    step = script.steps[target]
    persuades = meaning in _DECLINES and step.ending is None
    if persuades and state.persuasions >= 1:
        return _enter(script, state, _refusal_step(script), words=words)
    if persuades:
        state = replace(state, persuasions=state.persuasions + 1)
    return _enter(script, state, target, words=words)


def _refusal_step(script: Script) -> str:
    go = script.anywhere[Meaning.REFUSE_HARD]
    if not isinstance(go, Go):
        raise CoreMisuse("a hard refusal must lead to an ending; lint the script first")
    return go.step


def _enter(script: Script, state: Talking, target: str, *, words: str) -> tuple[State, tuple[Action, ...]]:
    step = script.steps[target]
    if step.ending is None:
        moved = replace(state, step=target, unclear=0, interest=step.interest or state.interest)
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
