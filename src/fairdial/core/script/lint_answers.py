"""What people may answer at any time, and what must follow: a no is kept, and nobody is talked round. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.knowledge import asked
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Purpose
from fairdial.core.script.finding import Finding, Path
from fairdial.core.script.model import Answer, Go, Script, SlotType, Step
from fairdial.core.script.offers import Offers

HANDLED_ANYWHERE = (
    Meaning.REFUSE_HARD,
    Meaning.REFUSE_SOFT,
    Meaning.ASK_ROBOT,
    Meaning.ASK_SOURCE,
    Meaning.ASK_IDENTITY,
    Meaning.ASK_HUMAN,
    Meaning.ASSISTANT,
    Meaning.WRONG_NUMBER,
    Meaning.THIRD_PARTY,
    Meaning.VULNERABLE,
)
"""Answers every script must have a word for, at every step."""

_NEITHER = (Meaning.OTHER, Meaning.UNCLEAR, Meaning.GREETING, Meaning.BACKCHANNEL)
"""Neither a yes nor a no: to be asked once more, not to be offered something else."""

_ENDS = {
    Meaning.ASSISTANT: ("电话助理或语音信箱", "a phone assistant"),
    Meaning.VULNERABLE: ("不便继续的人", "a vulnerable person"),
}
"""To whom nothing more is said than a goodbye."""


def lint_answers(script: Script) -> Iterator[Finding]:
    yield from _lint_unhandled(script)
    yield from _lint_hard(script)
    yield from _lint_soft(script)
    yield from _lint_knowledge(script)


def _lint_unhandled(script: Script) -> Iterator[Finding]:
    for meaning in HANDLED_ANYWHERE:
        steps = [step.name for step in script.talking() if script.answer_to(step, meaning) is None]
        # Goodbyes and calls that are being stopped hear refusals too, and have no step of their own to answer with.
        if not steps and meaning is Meaning.REFUSE_HARD and meaning not in script.anywhere:
            steps = ["anywhere"]
        if steps:
            yield Finding(
                rule="unhandled",
                path=("anywhere",),
                zh=f"没有处理 {meaning}({'、'.join(steps[:3])}{' 等' if len(steps) > 3 else ''})",
                en=f"{meaning} is not handled (at {', '.join(steps[:3])}{' …' if len(steps) > 3 else ''})",
                fix_zh=f"在 anywhere 里写上 {meaning}: …",
                fix_en=f"write `{meaning}: …` under `anywhere`",
                at_key=True,
            )


def _lint_hard(script: Script) -> Iterator[Finding]:
    """A hard refusal leads to an ending that records it, with no persuasion between; some others end too."""
    written = {path: answer for path, _, answer in _answers(script, Meaning.REFUSE_HARD)}
    if (everywhere := script.anywhere.get(Meaning.REFUSE_HARD)) is not None:
        written["anywhere", Meaning.REFUSE_HARD.value] = everywhere
    for path, answer in written.items():
        targets = script.may_enter(answer.step) if isinstance(answer, Go) else ()
        if not targets or any(step.ending is None or step.ending.refusal != "hard" for step in targets):
            yield Finding(
                rule="argues-with-refusal",
                path=path,
                zh="明确拒绝必须直接结束并登记",
                en="a hard refusal must end the call and be recorded",
                fix_zh="指向写有 end: {refusal: hard} 的步骤",
                fix_en="lead to a step with `end: {refusal: hard}`",
            )
    for meaning, (zh, en) in _ENDS.items():
        for path, _, answer in _answers(script, meaning):
            if not (isinstance(answer, Go) and script.surely_ends(answer.step)):
                yield Finding(
                    rule="must-end",
                    path=path,
                    zh=f"对{zh}必须结束通话",
                    en=f"the call must end with {en}",
                    fix_zh="指向写有 end 的步骤",
                    fix_en="lead to a step with `end`",
                )


def _lint_soft(script: Script) -> Iterator[Finding]:
    """At most one tactful question follows a no, and the second no is final, whatever the question is called."""
    offers = Offers(script)
    found: dict[Finding, None] = {}
    for meaning in (Meaning.REFUSE_SOFT, Meaning.DENY):
        for path, step, answer in _answers(script, meaning):
            declines = meaning is Meaning.REFUSE_SOFT or step.question == "offer"
            if isinstance(answer, Answer):
                if declines:
                    told = _persuades(path, "婉拒之后回答再问,可以没完没了", "answers a no and asks again, without end")
                    found[told] = None
                continue
            if not declines and script.purpose is Purpose.SURVEY:  # 没修好 answers a survey's question
                continue
            for persuading in script.may_enter(answer.step):
                if persuading.ending is None:
                    found |= dict.fromkeys(_lint_second(script, offers, persuading, declines=declines))
    yield from found


def _lint_second(script: Script, offers: Offers, persuading: Step, *, declines: bool) -> Iterator[Finding]:
    """What follows the question that follows a no; after a no to a question of fact only another such no is looked at."""
    zh, en = f"{persuading.name} 已经挽留过一次", f"{persuading.name} has persuaded once already"
    for path, answer in _own(script, persuading, Meaning.DENY):
        if not (isinstance(answer, Go) and script.surely_ends(answer.step)):
            yield _persuades(path, zh, en)
    slot = persuading.slot
    if slot is not None and slot.type is SlotType.YES_NO and not script.surely_ends(slot.then):
        yield _persuades(("steps", persuading.name, "slot", "then"), zh, en)
    if not declines:
        return
    for path, answer in _own(script, persuading, Meaning.REFUSE_SOFT):
        if isinstance(answer, Go) and not script.surely_ends(answer.step):
            yield _persuades(path, zh, en)
    for meaning in _NEITHER:
        for path, answer in _own(script, persuading, meaning):
            if isinstance(answer, Go) and offers.may_follow(answer.step):
                yield _persuades(path, zh, en)


def _lint_knowledge(script: Script) -> Iterator[Finding]:
    """Every example of a question is understood as that question."""
    for name, known in script.knowledge.items():
        for place, example in enumerate(known.examples):
            found = asked(script.knowledge, example)
            if found is not known:
                yield Finding(
                    rule="ambiguous-question",
                    path=("knowledge", name, "asked", place),
                    zh=f"“{example}”和另一个问答的问法分不开",
                    en=f"{example} cannot be told from an example of another question",
                    fix_zh="改写,或者合并两个问答",
                    fix_en="write it otherwise, or make one question of the two",
                )


def _persuades(path: Path, zh: str, en: str) -> Finding:
    return Finding(
        rule="persuades-twice",
        path=path,
        zh=zh,
        en=en,
        fix_zh="第二次拒绝指向结束并登记的步骤",
        fix_en="lead the second no to an ending that records it",
    )


def _answers(script: Script, meaning: Meaning) -> Iterator[tuple[Path, Step, Go | Answer]]:
    """What follows a meaning, each place of the file once."""
    seen: set[Path] = set()
    for step in script.talking():
        for path, answer in _own(script, step, meaning):
            if path not in seen:
                seen.add(path)
                yield path, step, answer


def _own(script: Script, step: Step, meaning: Meaning) -> Iterator[tuple[Path, Go | Answer]]:
    """What a step does about a meaning, and where that is written."""
    if (answer := step.next.get(meaning)) is not None:
        yield ("steps", step.name, "next", meaning.value), answer
    elif (answer := script.anywhere.get(meaning)) is not None:
        yield ("anywhere", meaning.value), answer
