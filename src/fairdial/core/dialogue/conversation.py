"""The conversation: `advance(script, state, event) -> (state, actions)`.

Pure: no clock, no sound, no database. A call begins in `Waiting`; every event gets an answer, `Ended` included, and the
same events always get the same actions (`core/dialogue/retrace.py`). Actions come in the order in which the hand must
carry them out: `RecordRefusal` always precedes the goodbye, and the hand waits until it is durable. What is owed after
the call comes before what is said, once each, and never to somebody who refuses.
"""

from __future__ import annotations

from dataclasses import replace

from fairdial.core.dialogue.actions import Action, HangUp, Pause, RecordRefusal, Say
from fairdial.core.dialogue.events import (
    Event,
    FinishedSaying,
    GreetingOver,
    HungUp,
    KeyPressed,
    OperatorStopped,
    SentenceHeard,
    SilenceElapsed,
    SoundLost,
    TimeUp,
    VoiceSustained,
)
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.reply import REFUSES, at_step, enter, lines_of, reply, say
from fairdial.core.dialogue.state import HUNG_UP, SOUND_LOST, STOPPED, TIME_UP, Ended, State, Talking, Waiting
from fairdial.core.script.model import Script, Stops

_LATE = {**REFUSES, Meaning.WRONG_NUMBER: "wrong_number"}
"""What is recorded even when it falls into the goodbye."""

_BEFORE_OPENING = frozenset({Meaning.REFUSE_HARD, Meaning.VULNERABLE, Meaning.WRONG_NUMBER, Meaning.ASSISTANT})
"""What is heard before anything was said; any other first word is a greeting."""


def advance(script: Script, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """Answer one event."""
    match state:
        case Waiting():
            return _while_waiting(script, state, event)
        case Talking():
            return _while_talking(script, state, event)
        case Ended():
            return _while_leaving(script, state, event)


def _while_waiting(script: Script, state: Waiting, event: Event) -> tuple[State, tuple[Action, ...]]:
    step = at_step(script, state.facts, script.start)
    talking = Talking(facts=state.facts, step=step.name, interest=step.interest)
    match event:
        case GreetingOver() | SilenceElapsed():
            return say(talking, step.send, step.line)
        case SentenceHeard() if event.understood.meaning not in _BEFORE_OPENING:
            has_declined = event.understood.meaning is Meaning.REFUSE_SOFT
            return say(replace(talking, has_heard=True, persuasions=int(has_declined)), step.send, step.line)
        case VoiceSustained() | FinishedSaying():
            return state, ()
        case _:
            return _while_talking(script, talking, event)


def _while_talking(script: Script, state: Talking, event: Event) -> tuple[State, tuple[Action, ...]]:
    match event:
        case SentenceHeard():
            return reply(script, replace(state, silences=0, has_heard=True), event)
        case KeyPressed(key=key):
            return _on_key(script, state, key)
        case VoiceSustained(speech_ms=speech):
            interrupt = script.steps[state.step].interrupt
            stops = interrupt.by is Stops.VOICE and speech >= interrupt.after_ms
            return state, (Pause(),) if stops else ()
        case SilenceElapsed():
            return _on_silence(script, state)
        case OperatorStopped():
            return _left(state, STOPPED), (Say(lines=lines_of(script.stopping)),)
        case TimeUp():
            return _left(state, TIME_UP), (Say(lines=lines_of(script.stopping)),)
        case SoundLost():
            return _left(state, SOUND_LOST), (HangUp(),)
        case HungUp():
            return _left(state, HUNG_UP), ()
        case GreetingOver() | FinishedSaying():
            return state, ()


def _while_leaving(script: Script, state: Ended, event: Event) -> tuple[State, tuple[Action, ...]]:
    """Say goodbye undisturbed; a refusal counts even when it falls into it."""
    match event:
        case FinishedSaying() | TimeUp() | SoundLost():
            return state, (HangUp(),)
        case SentenceHeard(text=words, understood=Understood(meaning=meaning)):
            return _refused_late(state, meaning, words)
        case KeyPressed(key=key):
            return _refused_late(state, script.keys.get(key), key)
        case _:
            return state, ()


def _refused_late(state: Ended, meaning: Meaning | None, words: str) -> tuple[State, tuple[Action, ...]]:
    """Record a refusal that falls into the goodbye; one for good also after a lesser one."""
    kind = _LATE.get(meaning) if meaning else None
    is_new = kind == "hard" if state.refusal not in (None, "hard") else state.refusal is None
    if kind is None or not is_new:
        return state, ()
    return replace(state, refusal=kind), (RecordRefusal(kind=kind, words=words),)


def _left(state: Talking, outcome: str) -> Ended:
    """End a conversation that came to no end: graded by the interest shown, D when nothing was heard or shown."""
    return Ended(step=state.step, grade=(state.has_heard and state.interest) or "D", outcome=outcome)


def _on_key(script: Script, state: Talking, key: str) -> tuple[State, tuple[Action, ...]]:
    """A key says what the script lets it say; any other is no answer."""
    meaning = script.keys.get(key)
    if meaning is None:
        return state, ()
    said = SentenceHeard(text=key, understood=Understood(meaning=meaning, confidence=1.0, evidence="key"))
    return reply(script, replace(state, silences=0, has_heard=True), said)


def _on_silence(script: Script, state: Talking) -> tuple[State, tuple[Action, ...]]:
    count = state.silences + 1
    if count > script.silence.times:
        return enter(script, state, script.silence.then, words="")
    return replace(state, silences=count), (Say(lines=lines_of(script.silence.line)),)
