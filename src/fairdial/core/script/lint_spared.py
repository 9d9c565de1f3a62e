"""Whether people who are to be spared are: nothing is offered to them, and a goodbye is a goodbye. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Says
from fairdial.core.script.finding import Finding, Path
from fairdial.core.script.length import LONGEST_S, seconds
from fairdial.core.script.lint_names import answers_written
from fairdial.core.script.model import Answer, Go, Script, Step
from fairdial.core.script.offers import Offers

_MAY_BE_ASKED: Mapping[Meaning, tuple[str, str, frozenset[str]]] = {
    Meaning.WRONG_NUMBER: ("打错的号码", "a wrong number", frozenset({"fact"})),
    Meaning.THIRD_PARTY: ("不是本人的人", "somebody else", frozenset({"fact"})),
    Meaning.ASK_HUMAN: ("要找人工的人", "somebody who asks for a person", frozenset({"time"})),
    Meaning.BUSY: ("正忙的人", "somebody who is busy", frozenset({"time", "fact"})),
}
"""To whom nothing is offered, and the only kinds of questions they are asked: who, or when."""


def lint_spared(script: Script) -> Iterator[Finding]:
    offers = Offers(script)
    for path, answer in answers_written(script):
        meaning = Meaning(str(path[-1]))
        if meaning in _MAY_BE_ASKED and not _spares(script, offers, answer, _MAY_BE_ASKED[meaning][2]):
            zh, en, kinds = _MAY_BE_ASKED[meaning]
            asked = " / ".join(sorted(kinds))
            yield Finding(
                rule="offers-anyway",
                path=path,
                zh=f"对{zh}不能再邀约",
                en=f"nothing is offered to {en}",
                fix_zh=f"指向写有 end 的步骤,或者 question: {asked} 的步骤",
                fix_en=f"lead to a step with `end`, or one with `question: {asked}`",
            )
    yield from _lint_unwarned(script, offers)
    yield from _lint_goodbyes(script, offers)


def _spares(script: Script, offers: Offers, answer: Go | Answer, kinds: frozenset[str]) -> bool:
    return isinstance(answer, Go) and all(
        step.ending is not None or (step.question in kinds and not offers.made_at(step))
        for step in script.may_enter(answer.step)
    )


def _lint_unwarned(script: Script, offers: Offers) -> Iterator[Finding]:
    """Before it is said how to refuse, there are only confirming questions; whoever has just refused knows how."""
    waiting: list[tuple[Path, Step]] = [(("start",), step) for step in script.may_enter(script.start)]
    seen: set[str] = set()
    while waiting:
        path, step = waiting.pop()
        if step.ending or step.name in seen or step.line == script.tells.get(Says.WAY_TO_REFUSE):
            continue
        seen.add(step.name)
        if offers.made_at(step):
            yield Finding(
                rule="offers-unwarned",
                path=path,
                zh=f"还没说怎样拒绝,就来到邀约的步骤 {step.name}",
                en=f"comes to the offer of {step.name} before it was said how to refuse",
                fix_zh="先去说明怎样拒绝的那一步(tells.way_to_refuse)",
                fix_en="go first to the step that says how to refuse (`tells.way_to_refuse`)",
            )
            continue
        for written, heard, target in _ways(script, step):
            if heard is not Meaning.REFUSE_SOFT:
                waiting += [(written, entered) for entered in script.may_enter(target)]


def _ways(script: Script, step: Step) -> Iterator[tuple[Path, Meaning | None, str]]:
    """Every way on from a step: where it is written, what is heard (None: what was asked for), and where it leads."""
    for meaning in dict.fromkeys([*step.next, *script.anywhere]):
        answer = script.answer_to(step, meaning)
        if isinstance(answer, Go):
            here: Path = ("steps", step.name, "next") if meaning in step.next else ("anywhere",)
            yield (*here, meaning.value), meaning, answer.step
    if step.slot:
        yield ("steps", step.name, "slot", "then"), None, step.slot.then


def _lint_goodbyes(script: Script, offers: Offers) -> Iterator[Finding]:
    """Nobody can answer a goodbye: it offers nothing, asks nothing and is short."""
    goodbyes: list[tuple[Path, str]] = [(("stopping",), script.stopping)]
    goodbyes += [(("steps", s.name, "say"), s.line) for s in script.steps.values() if s.ending and s.line]
    for path, line in goodbyes:
        texts = script.lines[line]
        asks = any(mark in text for text in texts for mark in "??")
        if asks or offers.said_by(line) or max(seconds(script, text) for text in texts) > LONGEST_S:
            yield Finding(
                rule="pitch-in-goodbye",
                path=path,
                zh=f"{line} 是最后一句,不能邀约、提问,也不能超过 {LONGEST_S:.0f} 秒",
                en=f"{line} is the last thing said: it offers nothing, asks nothing, and takes at most {LONGEST_S:.0f} s",
                fix_zh="只说再见",
                fix_en="say goodbye only",
            )
