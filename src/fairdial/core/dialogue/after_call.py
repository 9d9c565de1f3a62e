"""What a finished call means: its grade and why, tags, needs, objections, what is owed, and a sentence that sums it up.

Pure: read from the moments of a conversation (`retrace`). It quotes the person, and is kept and shown only where their
words are. Three laws no script bends: a recorded refusal for good or a wrong number is F; a machine, and a person who
must be spared, is D.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from fairdial.core.dialogue.actions import HandOver, RecordRefusal, RecordSlot, Say, ScheduleCallBack, SendMessage
from fairdial.core.dialogue.events import KeyPressed, SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.reply import declines, known_in, meaning_in_context
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Talking, Waiting
from fairdial.core.dialogue.when import call_back_time
from fairdial.core.script.condition import Story
from fairdial.core.script.model import Script
from fairdial.core.script.speech import spoken_values
from fairdial.core.script.spoken import HEARD

MACHINE = "machine"
"""Outcome of a call that a phone assistant or a mailbox answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a grade or a tag was given: `by` is law, rule, tag, ending or interest; `words` are the person's."""

    by: str
    zh: str
    en: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Something the person brought up: `what` is a meaning, an entry of the knowledge or a kind of objection."""

    what: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A promised call; `at` is in the person's zone, None when the call's clock is not known."""

    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCall:
    grade: str
    why: Reason
    outcome: str | None
    tags: Mapping[str, Reason]
    needs: tuple[Mentioned, ...]
    objections: tuple[Mentioned, ...]
    answers: Mapping[str, str]
    call_back: CallBack | None
    hand_over: str | None
    messages: tuple[str, ...]
    summary: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; it holds the person's words."""
        plain = asdict(self)
        if self.call_back is not None:
            plain["call_back"]["at"] = self.call_back.at and self.call_back.at.isoformat()
        return plain


def after_call(script: Script, moments: Iterable[Moment]) -> AfterCall:
    """Read what came of a call from its moments, from the first to the last."""
    seen = tuple(moments)
    story = story_of(script, seen)
    refusals = (a for m in seen for a in m.actions if isinstance(a, RecordRefusal))
    refusal = max(refusals, key=lambda a: a.kind == "hard", default=None)  # one for good may follow a lesser one
    last = seen[-1].after if seen else None
    grade, why = _grade(script, story, refusal, last.grade if isinstance(last, Ended) else "D")
    owed = [] if refusal else [a for m in seen for a in m.actions if isinstance(a, SendMessage | HandOver)]
    found = AfterCall(
        grade=grade,
        why=why,
        outcome=story.outcome,
        tags={
            rule.tag: Reason(by="tag", zh=rule.tag, en=rule.tag, words=rule.when.words(story))
            for rule in script.tags
            if rule.when.holds(story)
        },
        needs=tuple(Mentioned(what=what, words=words) for what, words in story.asked.items() if what not in _ABOUT_US),
        objections=tuple(_objections(script, seen)),
        answers=story.answered,
        call_back=None if refusal else _call_back(seen),
        hand_over=next((a.to for a in owed if isinstance(a, HandOver)), None),
        messages=tuple(a.name for a in owed if isinstance(a, SendMessage)),
        summary="",
    )
    return _summed_up(script, found, refusal)


def story_of(script: Script, moments: Iterable[Moment]) -> Story:
    """What conditions are asked of."""
    reached, asked, heard, answered, outcome = (
        set[str](),
        dict[str, str](),
        dict[Meaning, str](),
        dict[str, str](),
        None,
    )
    for moment in moments:
        if not isinstance(moment.after, Waiting):
            reached.add(moment.after.step)
        if isinstance(moment.after, Ended):
            outcome = moment.after.outcome
        answered |= {a.name: a.value for a in moment.actions if isinstance(a, RecordSlot)}
        if (known := _answered_from_knowledge(script, moment)) is not None:
            asked.setdefault(known, _words(moment))
        elif (meaning := _meaning(script, moment)) is not None:
            heard.setdefault(meaning, _words(moment))
            if meaning.value.startswith("ask_"):
                asked.setdefault(meaning.value, _words(moment))
    return Story(reached=frozenset(reached), asked=asked, heard=heard, answered=answered, outcome=outcome)


_ABOUT_US = frozenset(
    {Meaning.ASK_IDENTITY, Meaning.ASK_ROBOT, Meaning.ASK_SOURCE, Meaning.ASK_REPEAT, Meaning.ASK_HUMAN}
)
"""Questions about the call itself, which are no need."""

_TOO_DEAR = re.compile("贵|价|钱|费|便宜|优惠")
_NO_TIME = re.compile("没时间|没空|忙|来不及|太远")


def _meaning(script: Script, moment: Moment) -> Meaning | None:
    """What was meant, if anything but an answer to the step's question for a day, a number or a choice."""
    if _is_answer(moment):
        return None
    match moment.event:
        case SentenceHeard() as sentence if isinstance(moment.before, Talking):
            return meaning_in_context(script.steps[moment.before.step], moment.before, sentence)
        case SentenceHeard(understood=understood):
            return understood.meaning
        case KeyPressed(key=key):
            return script.keys.get(key)
        case _:
            return None


def _is_answer(moment: Moment) -> bool:
    """Whether the sentence was taken as the value of a slot, or as one that waits to be confirmed."""
    match moment:
        case Moment(before=Talking(pending=before), after=Talking(pending=str() as after)) if after != before:
            return True
        case _:
            return any(isinstance(action, RecordSlot) for action in moment.actions)


def _words(moment: Moment) -> str:
    match moment.event:
        case SentenceHeard(text=text):
            return text
        case KeyPressed(key=key):
            return key
        case _:
            return ""


def _answered_from_knowledge(script: Script, moment: Moment) -> str | None:
    """The entry of the knowledge that this moment answered, if it did."""
    if not isinstance(moment.before, Talking) or not isinstance(moment.event, SentenceHeard):
        return None
    meaning = meaning_in_context(script.steps[moment.before.step], moment.before, moment.event)
    known = known_in(script, moment.event, meaning)
    said = [action.lines[:1] for action in moment.actions if isinstance(action, Say)]
    if known is None or (known.answer.line,) not in said:
        return None
    return next(name for name, entry in script.knowledge.items() if entry is known)


def _objections(script: Script, moments: tuple[Moment, ...]) -> Iterator[Mentioned]:
    for moment in moments:
        if not isinstance(moment.before, Talking) or (meaning := _meaning(script, moment)) is None:
            continue
        step, words = script.steps[moment.before.step], _words(moment)
        is_busy = meaning is Meaning.BUSY and meaning not in step.next  # to a step that asks for it, it is an answer
        if is_busy or declines(step, meaning):
            is_busy = is_busy or _NO_TIME.search(words) is not None
            yield Mentioned(what="price" if _TOO_DEAR.search(words) else "time" if is_busy else "declined", words=words)


def _call_back(moments: tuple[Moment, ...]) -> CallBack | None:
    before = ""
    for moment in moments:
        for action in moment.actions:
            if isinstance(action, ScheduleCallBack):
                said = before + action.words  # 晚点吧, and then 明天上午: both count, as for the hand that keeps it
                now = moment.event.at if isinstance(moment.event, SentenceHeard) else None
                return CallBack(words=said, at=call_back_time(said, now=now) if now is not None else None)
        before = _words(moment) or before
    return None


def _grade(script: Script, story: Story, refusal: RecordRefusal | None, otherwise: str) -> tuple[str, Reason]:
    if refusal is not None and refusal.kind in ("hard", "wrong_number"):
        zh, en = ("打错了", "a wrong number") if refusal.kind == "wrong_number" else ("明确拒绝", "refused for good")
        return "F", Reason(by="law", zh=zh, en=en, words=(refusal.words,) if refusal.words else ())
    if Meaning.ASSISTANT in story.heard or story.outcome == MACHINE:
        return "D", Reason(by="law", zh="电话助理或语音信箱", en="a machine answered")
    if refusal is not None and refusal.kind == "vulnerable":
        return "D", Reason(by="law", zh="不便继续的人", en="somebody who must be spared")
    for rule in script.grading:
        if rule.when.holds(story):
            return rule.grade, Reason(by="rule", zh=rule.why, en=rule.why, words=rule.when.words(story))
    if story.outcome in {step.ending.outcome for step in script.steps.values() if step.ending}:
        return otherwise, Reason(by="ending", zh=f"结果是 {story.outcome}", en=f"ended as {story.outcome}")
    return otherwise, Reason(by="interest", zh="没有说完,按表现的意向", en="came to no end; the interest shown")


_OBJECTIONS = {"price": "嫌价格", "time": "没有时间", "declined": "婉拒"}
_ENDED = {
    "hung_up": "对方先挂断",
    "stopped": "任务中止",
    "sound_lost": "声音中断",
    "time_up": "通话超时",
    None: "没有结果",
}


def _summed_up(script: Script, found: AfterCall, refusal: RecordRefusal | None) -> AfterCall:
    """The same with its sentence: what came of it, what was brought up, what follows."""
    parts = [f"{found.grade} 级:{found.why.zh}"]
    if found.why.by != "ending" and refusal is None:
        parts.append(_ENDED.get(found.outcome, f"结果是 {found.outcome}"))
    if found.needs:
        parts.append(f"问到{'、'.join(_asked(need) for need in found.needs)}")
    if found.objections:
        parts.append(";".join(f"{_OBJECTIONS[o.what]}(“{o.words}”)" for o in found.objections))
    slots = script.slots()
    if found.answers:
        read = (f"{name} 是 {spoken_values(slots[name]).get(value, value)}" for name, value in found.answers.items())
        parts.append(f"回答:{'、'.join(read)}")
    follows = []
    if found.call_back is not None:
        at = f"{found.call_back.at:%m月%d日 %H:%M}" if found.call_back.at else f"“{found.call_back.words}”"
        follows.append(f"约定 {at} 再打")
    follows += [f"交给{found.hand_over}"] if found.hand_over else []
    follows += [f"发短信 {name}" for name in found.messages]
    parts.append("接下来:" + "、".join(follows) if follows else "不用再做什么" if refusal is None else "不再联系")
    return replace(found, summary="。".join(parts) + "。")


def _asked(need: Mentioned) -> str:
    label = HEARD[Meaning(need.what)][0].removeprefix("问") if need.what in set(Meaning) else need.what
    return f"{label}(“{need.words}”)" if need.words else label
