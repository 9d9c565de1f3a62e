"""A script as somebody reads it who wants to know what will be said: scene by scene, in the order of a conversation. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum
from itertools import zip_longest

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.branch import OTHERWISE, Branch, ByValue
from fairdial.core.script.condition import Between, Condition
from fairdial.core.script.graph import spoken_order
from fairdial.core.script.model import Answer, Ending, Go, Ladder, Script, Slot, Step, Stops
from fairdial.core.script.reading import read_aloud

HEARD: Mapping[Meaning, tuple[str, str]] = {
    Meaning.REFUSE_HARD: ("明确拒绝", "refuses for good"),
    Meaning.REFUSE_SOFT: ("婉拒", "declines politely"),
    Meaning.BUSY: ("正忙", "is busy"),
    Meaning.ACCEPT: ("同意", "says yes"),
    Meaning.DENY: ("否认", "says no"),
    Meaning.ASK_PRICE: ("问价格", "asks the price"),
    Meaning.ASK_IDENTITY: ("问是谁", "asks who calls"),
    Meaning.ASK_ROBOT: ("问是不是机器人", "asks if it is a robot"),
    Meaning.ASK_SOURCE: ("问号码来源", "asks where the number is from"),
    Meaning.ASK_REPEAT: ("请再说一遍", "asks to repeat"),
    Meaning.ASK_DETAIL: ("问详情", "asks for details"),
    Meaning.ASK_HUMAN: ("要人工", "asks for a person"),
    Meaning.WRONG_NUMBER: ("打错了", "says it is the wrong number"),
    Meaning.THIRD_PARTY: ("不是本人", "is somebody else"),
    Meaning.ASSISTANT: ("电话助理或语音信箱", "is a phone assistant or voicemail"),
    Meaning.VULNERABLE: ("不便继续的人", "should not be talked to further"),
    Meaning.GREETING: ("打招呼", "says hello"),
    Meaning.BACKCHANNEL: ("应声", "hums"),
    Meaning.OTHER: ("说别的", "says something else"),
    Meaning.UNCLEAR: ("听不清", "is not understood"),
}
"""Every meaning as a reviewer reads it, in Chinese and English."""


class WayKind(StrEnum):
    """What leads somewhere: something understood, an answer to what was asked, a question, nothing heard or understood, an arm."""

    ANSWER = "answer"
    SLOT = "slot"
    KNOWLEDGE = "knowledge"
    SILENCE = "silence"
    UNCLEAR = "unclear"
    ARM = "arm"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What somebody may do, what is said then (a line's wordings), and the scene that follows.

    Without one the question is asked again, or the call `ends`. `on` names it within its scene, as a rehearsal counts it.
    """

    kind: WayKind
    on: str
    zh: str
    en: str
    says: tuple[str, ...]
    to: str | None
    send: str | None = None
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One step: the lines it says by key (`say`, `again`, `confirm`), and where it leads. A branch says nothing."""

    name: str
    says: tuple[tuple[str, str, tuple[str, ...]], ...]
    """What a line is for, its name, its wordings."""
    ways: tuple[Way, ...]
    ending: Ending | None
    note_zh: str
    note_en: str
    send: str | None = None


def scenes(script: Script) -> tuple[Scene, ...]:
    """Every step and branch in the order of a conversation."""
    return tuple(_scene(script, at) if isinstance(at, Step) else _parting(script, at) for at in spoken_order(script))


def ways_anywhere(script: Script) -> tuple[Way, ...]:
    """What is answered at every step that does not say otherwise."""
    return (
        *_ways(script, script.anywhere),
        *(
            Way(
                kind=WayKind.KNOWLEDGE,
                on=f"knowledge {name}",
                zh=f"问“{'”“'.join(known.examples)}”",
                en=f"asks about {name}",
                says=script.lines[known.answer.line] if known.answer.line else (),
                to=None,
                send=known.answer.send,
            )
            for name, known in script.knowledge.items()
        ),
        _ladder(
            script,
            script.silence,
            (WayKind.SILENCE, "silence"),
            (f"沉默 {script.silence_after_s:g} 秒", f"is silent for {script.silence_after_s:g} s"),
        ),
        _ladder(script, script.unclear, (WayKind.UNCLEAR, "unclear ladder"), ("没听懂", "is not understood")),
        Way(
            kind=WayKind.STOP,
            on="stopping",
            zh=f"任务中止,或者通话满 {script.longest_s:g} 秒",
            en=f"the campaign is stopped, or the call has taken {script.longest_s:g} s",
            says=script.lines[script.stopping],
            to=None,
            ends=True,
        ),
    )


def transcript(script: Script) -> list[str]:
    """The script as lines of text: what is said and where it leads, and no names of lines."""
    out = [f"{script.title} · {script.company} · {script.purpose}"]
    for scene in scenes(script):
        out.append(f"[{scene.name}]{scene.note_zh and ' ' + scene.note_zh}")
        out += [f"  {_KEYS[key]}:{text}" for key, _, texts in scene.says for text in texts]
        out += [f"  {_told(way)}" for way in scene.ways]
        out += [f"  发短信 sends:{scene.send}"] if scene.send else []
        if scene.ending:
            out.append(f"  结束 ends:{_ended(scene.ending)}")
    out += ["[任何时候 anywhere]", *(f"  {_told(way)}" for way in ways_anywhere(script))]
    sections = (
        ("读作 reads", reads(script)),
        ("听懂 understands", understands(script)),
        ("通话以后 after the call", afterwards(script)),
    )
    for heading, rows in sections:
        out += [f"[{heading}]", *(f"  {what}:{text}" for what, text in rows)] if rows else []
    return out


def reads(script: Script) -> list[tuple[str, str]]:
    """Words that are read aloud otherwise than they are written, and every wording as it is then read."""
    words = [(word, read) for word, read in script.pronounce.items()]
    texts = (text for texts in script.lines.values() for text in texts)
    return words + [(t, read_aloud(t, script.pronounce)) for t in texts if any(word in t for word in script.pronounce)]


def understands(script: Script) -> list[tuple[str, str]]:
    """What the script's own sentences, and keys of the telephone, are understood as."""
    keys = [(HEARD[meaning][0], f"按 {key} key {key}") for key, meaning in script.keys.items()]
    return [*((HEARD[meaning][0], " / ".join(texts)) for meaning, texts in script.understand.items()), *keys]


def afterwards(script: Script) -> list[tuple[str, str]]:
    """What is done with a finished call: messages that may be owed, grades and tags, in that order."""
    return [
        *((f"短信 message {name}", text) for name, text in script.messages.items()),
        *((f"等级 grade {rule.grade}", f"{_asked_of(rule.when)}({rule.why})") for rule in script.grading),
        *((f"标签 tag {rule.tag}", _asked_of(rule.when)) for rule in script.tags),
    ]


def spoken_diff(before: Script | None, after: Script) -> list[str]:
    """What will be said that was not before (`+`), and what no longer (`-`); empty when nothing changes."""
    if before is not None and before.hash == after.hash:
        return []  # the order in which a file names things is none of what is said
    old = transcript(before) if before else []
    return [
        line for line in unified_diff(old, transcript(after), lineterm="", n=1) if not line.startswith(("---", "+++"))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is said or done otherwise; `at` is the step, or the part of the script, None what there was not."""

    at: str
    before: str | None
    after: str | None


def spoken_changes(before: Script | None, after: Script) -> tuple[Change, ...]:
    """The same, place by place: what stood there and what stands there now."""
    if before is not None and before.hash == after.hash:
        return ()
    old, new = _placed(transcript(before) if before else []), _placed(transcript(after))
    found: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone, come = old[a:b], new[c:d]
        for place in dict.fromkeys([at for at, _ in gone] + [at for at, _ in come]):
            were, are = ([line for at, line in lines if at == place] for lines in (gone, come))
            found += [Change(at=place, before=x, after=y) for x, y in zip_longest(were, are)]
    return tuple(found)


def _placed(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Every line with the heading it stands under; the first line is the script's own."""
    at, out = "script", []
    for number, line in enumerate(lines):
        if number and line.startswith("["):
            at = line[1:].partition("]")[0]
        out.append((at, line.strip()))
    return out


_KEYS = {"say": "说", "again": "再问", "confirm": "确认"}


def _scene(script: Script, step: Step) -> Scene:
    named = (("say", step.line), ("again", step.again), ("confirm", step.slot.confirm if step.slot else None))
    asked = [_asked(step.slot)] if step.slot else []
    zh, en = _note(step)
    return Scene(
        name=step.name,
        says=tuple((key, line, script.lines[line]) for key, line in named if line),
        ways=(*asked, *_ways(script, step.next)),
        ending=step.ending,
        note_zh=zh,
        note_en=en,
        send=step.send,
    )


def _parting(script: Script, branch: Branch) -> Scene:
    """A branch, read as a scene in which nobody speaks."""
    if isinstance(branch, ByValue):
        told = [(arm, _case(branch.of, arm)) for arm in branch.arms()]
        note_zh, note_en = f"(按 {branch.of} 分)", f"(by {branch.of})"
    else:
        whole = sum(branch.shares.values())
        told = [(arm, (f"{arm} 组,{n}/{whole}", f"arm {arm}, {n} of {whole}")) for arm, n in branch.shares.items()]
        note_zh, note_en = "(对照分组)", "(shared out for comparison)"
    arms = branch.arms()
    ways = (Way(kind=WayKind.ARM, on=arm, zh=zh, en=en, says=(), to=arms[arm]) for arm, (zh, en) in told)
    return Scene(name=branch.name, says=(), ways=tuple(ways), ending=None, note_zh=note_zh, note_en=note_en)


def _case(variable: str, value: str) -> tuple[str, str]:
    if value == OTHERWISE:
        return f"{variable} 是其他值或者没有", f"{variable} is anything else, or unknown"
    return f"{variable} 是“{value}”", f"{variable} is {value}"


def _asked_of(when: Condition) -> str:
    """A condition as somebody reads it; what is written one after another all holds."""
    named = (("到过", when.reached), ("问过", when.asked), ("听到过", when.heard), ("结果是", when.outcome))
    parts = [f"{zh} {' 或 '.join(sorted(names))}" for zh, names in named if names]
    return ";".join([*parts, *(f"{slot} {_wanted(wanted)}" for slot, wanted in when.answered.items())])


def _wanted(wanted: frozenset[str] | Between) -> str:
    if not isinstance(wanted, Between):
        return f"是 {' 或 '.join(sorted(wanted))}"
    bounds = (("至少", wanted.least), ("至多", wanted.most))
    return "、".join(f"{zh} {n}" for zh, n in bounds if n is not None) or "有回答"


def _note(step: Step) -> tuple[str, str]:
    by = step.interrupt
    if by.by is Stops.WORDS:
        return "(听懂了才停)", "(stops for words)"
    if by.by is Stops.NEVER:
        return "(只有拒绝能打断)", "(stops for a refusal only)"
    is_usual = by == type(by)()
    return ("", "") if is_usual else (f"(说满 {by.after_ms} 毫秒才停)", f"(stops after {by.after_ms} ms)")


def _asked(slot: Slot) -> Way:
    return Way(
        kind=WayKind.SLOT,
        on=f"slot {slot.name}",
        zh=f"答出 {slot.name}({slot.type})",
        en=f"answers {slot.name} ({slot.type})",
        says=(),
        to=slot.then,
    )


def _ways(script: Script, answers: Mapping[Meaning, Go | Answer]) -> tuple[Way, ...]:
    return tuple(
        Way(
            kind=WayKind.ANSWER,
            on=meaning,
            zh=HEARD[meaning][0],
            en=HEARD[meaning][1],
            says=script.lines[answer.line] if isinstance(answer, Answer) and answer.line else (),
            to=answer.step if isinstance(answer, Go) else None,
            send=answer.send if isinstance(answer, Answer) else None,
        )
        for meaning, answer in answers.items()
    )


def _ladder(script: Script, ladder: Ladder, named: tuple[WayKind, str], told: tuple[str, str]) -> Way:
    (kind, on), (zh, en) = named, told
    return Way(
        kind=kind,
        on=on,
        zh=f"{zh}({ladder.times} 次为限)",
        en=f"{en} ({ladder.times} times)",
        says=script.lines[ladder.line],
        to=ladder.then,
    )


def _told(way: Way) -> str:
    said = f":{_joined(way.says)}" if way.says else ""
    sends = f",发短信 {way.send}" if way.send else ""
    leads = f"[{way.to}]" if way.to else "结束通话" if way.ends else "再问一遍"
    return f"{way.zh}{said} → {leads}{sends}"


def _joined(texts: Sequence[str]) -> str:
    return " / ".join(texts)


def _ended(ending: Ending) -> str:
    refusal = f",登记拒绝 records a refusal ({ending.refusal})" if ending.refusal else ""
    to = f",交给 hands over to {ending.hand_over}" if ending.hand_over else ""
    return f"{ending.grade} {ending.outcome}{refusal}{to}"
