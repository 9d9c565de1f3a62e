"""What the conversation answers to a sentence, and where that leads.

Pure; part of `core.dialogue.conversation`. Refusals come before everything that is said, and what is owed after the call
before it, once each, and never to somebody who refuses.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fairdial.core.dialogue.actions import (
    Action,
    HandOver,
    HangUp,
    RecordRefusal,
    RecordSlot,
    Resume,
    Say,
    ScheduleCallBack,
    SendMessage,
)
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.knowledge import asked, is_question
from fairdial.core.dialogue.meaning import PROTECTING, Meaning
from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.slot_value import is_answer, is_few_without_no, slot_value
from fairdial.core.dialogue.sound_alike import ALIKE
from fairdial.core.dialogue.state import Ended, Facts, State, Talking
from fairdial.core.script.model import Answer, Go, Known, Ladder, Script, Slot, SlotType, Step, Stops
from fairdial.core.script.speech import spoken_values
from fairdial.errors import CoreMisuse

REFUSES = {Meaning.REFUSE_HARD: "hard", Meaning.VULNERABLE: "vulnerable"}
"""What ends the call and is recorded whatever the script says: a refusal for good, and somebody who must be spared."""

OWED_NOTHING = frozenset(
    {Meaning.REFUSE_HARD, Meaning.REFUSE_SOFT, Meaning.WRONG_NUMBER, Meaning.ASSISTANT, Meaning.VULNERABLE}
)
"""After these nobody is written to or handed over, whatever the script says."""

_NOD = re.compile("[嗯哦噢喔啊唔]{0,2}[对是好行]{1,3}[的啊呀]?")
_ANSWERABLE_MS = 1500
"""A question is answered before its end, hardly earlier than this; a nod before that is to what was said until then."""


def reply(script: Script, state: Talking, event: SentenceHeard) -> tuple[State, tuple[Action, ...]]:
    """Answer one sentence."""
    step = script.steps[state.step]
    meaning = meaning_in_context(step, state, event)
    is_heard = meaning in PROTECTING or declines(step, meaning)
    if event.over_speech and step.interrupt.by is Stops.NEVER and not is_heard:
        return state, (Resume(),)
    if is_nod(event):
        return state, (Resume(),)
    if step.slot and is_answer(step.slot, meaning, event.text):
        value = slot_value(step.slot, event.text, meaning, now=event.at)
        if (taken := _on_slot(script, state, step.slot, meaning, value)) is not None:
            return taken
    if (known := known_in(script, event, meaning)) is not None:
        return _answer(step, state, known.answer)
    if meaning in (Meaning.BACKCHANNEL, Meaning.GREETING) and event.over_speech:
        return state, (Resume(),)
    if meaning is Meaning.BACKCHANNEL:
        return state, ()
    answer = script.answer_to(step, meaning)
    if (kind := REFUSES.get(meaning)) is not None:
        is_ending = answer is not None and not _goes_on(script, state, answer)
        target = answer.step if isinstance(answer, Go) and is_ending else _refusal_step(script)
        return enter(script, state, target, words=event.text, refusal=kind)
    is_no = declines(step, meaning)
    is_owed = not is_no and meaning not in OWED_NOTHING
    if answer is not None and is_no and _goes_on(script, state, answer):
        if state.persuasions >= 1:
            return enter(script, state, _refusal_step(script), words=event.text, refusal="hard")
        state = replace(state, persuasions=state.persuasions + 1)
    if isinstance(answer, Go):
        return enter(script, state, answer.step, words=event.text, is_owed=is_owed)
    if isinstance(answer, Answer):
        return _answer(step, state, answer if is_owed else replace(answer, send=None))
    if event.over_speech and meaning in (Meaning.UNCLEAR, Meaning.OTHER):
        return state, (Resume(),)
    if meaning is Meaning.GREETING:
        return replace(state, pending=None), (Say(lines=lines_of(step.again)),)
    return _repeat(script, state, step, script.unclear)


def is_nod(event: SentenceHeard) -> bool:
    """Whether 对, 好的 or the like only says that the person listens: what they could answer has not been asked yet."""
    is_early = event.over_speech and event.unsaid_ms >= _ANSWERABLE_MS
    return is_early and event.understood.meaning is Meaning.ACCEPT and bool(_NOD.fullmatch(normalise(event.text)))


def known_in(script: Script, event: SentenceHeard, meaning: Meaning) -> Known | None:
    """The script's own question that was asked.

    What is always heard comes first; but a polite no has to be more than a negation in a question the script knows
    word for word: 要不要带文具.
    """
    if meaning is Meaning.REFUSE_SOFT and is_question(event.text):
        return asked(script.knowledge, event.text, at_least=ALIKE)
    if meaning in PROTECTING:
        return None
    return asked(script.knowledge, event.text) or script.knowledge.get(event.known or "")


def meaning_in_context(step: Step, state: Talking, event: SentenceHeard) -> Meaning:
    """What a sentence means as an answer to this step's question.

    A filler answers a question of fact with yes, unless it fell into our own words. "不是" and
    "没有" deny a fact; said to an offer they decline it, unless the step has its own word for that. Where something
    is asked for, a few words in which nothing says no are a value that was misheard (六分 as 右粉), no polite no.
    """
    meaning = event.understood.meaning
    asks_fact = step.question == "fact" or state.pending is not None
    if meaning is Meaning.BACKCHANNEL and asks_fact and not event.over_speech:
        return Meaning.ACCEPT
    if meaning is Meaning.REFUSE_SOFT and step.slot is not None and is_few_without_no(event.text):
        return Meaning.UNCLEAR
    if meaning is Meaning.DENY and step.question == "offer" and state.pending is None and Meaning.DENY not in step.next:
        return Meaning.REFUSE_SOFT
    return meaning


def declines(step: Step, meaning: Meaning) -> bool:
    """Whether an answer declines what is offered, without refusing for good."""
    return meaning is Meaning.REFUSE_SOFT or (meaning is Meaning.DENY and step.question == "offer")


def _goes_on(script: Script, state: Talking, answer: Go | Answer) -> bool:
    return isinstance(answer, Answer) or at_step(script, state.facts, answer.step).ending is None


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
        return enter(script, state, script.unclear.then, words="")
    spoken = spoken_values(slot).get(value)
    read_back = ((slot.name, spoken),) if spoken is not None else ()
    return replace(state, pending=value, unclear=count), (Say(lines=lines_of(slot.confirm), values=read_back),)


def _fill(script: Script, state: Talking, slot: Slot, value: str) -> tuple[State, tuple[Action, ...]]:
    moved, actions = enter(script, state, slot.then, words="")
    return moved, (RecordSlot(name=slot.name, value=value), *actions)


def _answer(step: Step, state: Talking, answer: Answer) -> tuple[State, tuple[Action, ...]]:
    said = (answer.line, step.again) if answer.line else (step.line,)
    moved = replace(state, unclear=0, interest=answer.interest or state.interest, pending=None)
    return say(moved, answer.send, *said)


def _repeat(script: Script, state: Talking, step: Step, ladder: Ladder) -> tuple[State, tuple[Action, ...]]:
    count = state.unclear + 1
    if count > ladder.times:
        return enter(script, state, ladder.then, words="")
    return replace(state, unclear=count, pending=None), (Say(lines=lines_of(ladder.line, step.again)),)


def _refusal_step(script: Script) -> str:
    go = script.anywhere.get(Meaning.REFUSE_HARD)
    if not isinstance(go, Go):
        raise CoreMisuse("a hard refusal must lead to an ending; lint the script first")
    return go.step


def enter(
    script: Script, state: Talking, target: str, *, words: str, refusal: str | None = None, is_owed: bool = True
) -> tuple[State, tuple[Action, ...]]:
    """Go to a step; an ending records the refusal first, its own or the one that led to it.

    `is_owed` is False when a no led there: then nothing is sent and nobody takes over.
    """
    step = at_step(script, state.facts, target)
    if step.ending is None:
        moved = replace(state, step=step.name, unclear=0, interest=step.interest or state.interest, pending=None)
        return say(moved, step.send if is_owed else None, step.line)
    actions: list[Action] = []
    if kind := refusal or step.ending.refusal:
        actions.append(RecordRefusal(kind=kind, words=words))
    if step.ending.outcome == "call_later":
        actions.append(ScheduleCallBack(words=words))
    if is_owed and kind is None:
        if step.send and step.send not in state.owed:
            actions.append(SendMessage(name=step.send))
        if step.ending.hand_over:
            actions.append(HandOver(to=step.ending.hand_over))
    actions.append(Say(lines=lines_of(step.line)) if step.line else HangUp())
    ended = Ended(
        step=step.name,
        grade=step.ending.grade,
        outcome=step.ending.outcome,
        refusal=kind,
    )
    return ended, tuple(actions)


def at_step(script: Script, facts: Facts, target: str) -> Step:
    """The step a name leads to for this person."""
    return script.resolve(target, facts.values, key=facts.key)


def say(state: Talking, message: str | None, *lines: str | None) -> tuple[Talking, tuple[Action, ...]]:
    """Say lines, after noting the message that is owed on the way; each is owed once."""
    said = Say(lines=lines_of(*lines))
    if message is None or message in state.owed:
        return state, (said,)
    return replace(state, owed=state.owed | {message}), (SendMessage(name=message), said)


def lines_of(*names: str | None) -> tuple[str, ...]:
    """The lines that are there."""
    return tuple(name for name in names if name)
