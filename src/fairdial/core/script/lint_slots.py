"""Whether what a step asks for can be understood, and nothing is written that does nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.refusal import hard_refusal
from fairdial.core.policy.case import Purpose
from fairdial.core.script.finding import Finding, Path
from fairdial.core.script.model import Script, Slot, SlotType, Step
from fairdial.core.script.offers import Offers
from fairdial.core.script.protected import is_polite_no

_BOUNDED = (SlotType.NUMBER, SlotType.AMOUNT)


def lint_slots(script: Script) -> Iterator[Finding]:
    offers = Offers(script)
    seen: dict[str, str] = {}
    for step in script.steps.values():
        if step.ending is not None:
            yield from _lint_ending(script, step.name)
        if step.slot is None:
            continue
        path: Path = ("steps", step.name, "slot")
        if step.slot.name in script.variables or step.slot.name in seen:
            other = seen.get(step.slot.name, "variables")
            yield Finding(
                rule="slot-name",
                path=(*path, "name"),
                zh=f"{step.slot.name} 在 {other} 里已经用过",
                en=f"{step.slot.name} is used by {other} already",
                fix_zh="换一个名称",
                fix_en="give it another name",
            )
        seen[step.slot.name] = step.name
        yield from _lint_slot(step.slot, path)
        yield from _lint_refusals(script, offers, step, step.slot, path)


def _lint_slot(slot: Slot, path: Path) -> Iterator[Finding]:
    may_have = slot.type is SlotType.CHOICE or (slot.type is SlotType.YES_NO and slot.choices.keys() <= {"yes", "no"})
    if (slot.type is SlotType.CHOICE and not slot.choices) or (slot.choices and not may_have):
        yield Finding(
            rule="slot-choices",
            path=path,
            zh="choices 只属于 choice(必须有)和 yes_no(只能是 yes、no)",
            en="`choices` belongs to choice, which needs it, and to yes_no, for `yes` and `no` only",
            fix_zh="写上 choices,或者改 type",
            fix_en="write `choices`, or another type",
            at_key=True,
        )
    has_bounds = slot.least is not None or slot.most is not None
    is_empty = slot.least is not None and slot.most is not None and slot.least > slot.most
    if (has_bounds and slot.type not in _BOUNDED) or is_empty:
        yield Finding(
            rule="slot-bounds",
            path=path,
            zh="least 和 most 只属于 number 和 amount,而且 least 不大于 most",
            en="`least` and `most` belong to number and amount, and least is not above most",
            fix_zh="改掉它们",
            fix_en="change them",
            at_key=True,
        )
    words: dict[str, str] = {}
    for choice, said in slot.choices.items():
        for word in said:
            if words.setdefault(word, choice) != choice:
                yield Finding(
                    rule="slot-choices",
                    path=(*path, "choices", choice),
                    zh=f"“{word}”同时属于 {words[word]} 和 {choice}",
                    en=f"{word} belongs to {words[word]} and to {choice}",
                    fix_zh="只留在一个选项里",
                    fix_en="leave it in one of them",
                    at_key=True,
                )


def _lint_refusals(script: Script, offers: Offers, step: Step, slot: Slot, path: Path) -> Iterator[Finding]:
    """No refusal is an answer that goes on; only a question of fact may be answered with a polite no."""
    is_offer = step.question == "offer"
    if slot.type is SlotType.YES_NO and is_offer and not script.surely_ends(slot.then):
        yield _refusal(path, "邀约的“不”会当作回答,继续往下走", "takes a no to an offer for an answer and goes on")
    goes_on_alike = script.purpose is not Purpose.SURVEY and any(map(_takes_no, script.may_enter(slot.then)))
    may_decline = _asks_fact(step) and not offers.may_follow(slot.then) and not goes_on_alike
    for choice, words in slot.choices.items():
        for word in words:
            is_hard = hard_refusal(word) is not None
            if is_hard or (is_polite_no(word) and not (choice == "no" and may_decline)):
                here = (*path, "choices", choice)
                yield _refusal(here, f"“{word}”是拒绝,不能当作选项", f"{word} is a refusal, and no choice")


def _asks_fact(step: Step) -> bool:
    return step.slot is not None and step.slot.type is SlotType.YES_NO and step.question == "fact"


def _takes_no(step: Step) -> bool:
    """Whether a polite no is an answer here, as it may be once in a row: one after another they are a pitch."""
    return _asks_fact(step) and any(map(is_polite_no, step.slot.choices.get("no", ()) if step.slot else ()))


def _refusal(path: Path, zh: str, en: str) -> Finding:
    return Finding(
        rule="refusal-as-choice",
        path=path,
        zh=zh,
        en=en,
        fix_zh="删掉它,在 next 里写 refuse_soft 或 deny: 步骤",
        fix_en="remove it, and write `refuse_soft` or `deny: STEP` under `next`",
        at_key=True,
    )


def _lint_ending(script: Script, name: str) -> Iterator[Finding]:
    step = script.steps[name]
    asks = {"again": step.again, "next": step.next, "slot": step.slot, "question": step.question}
    if written := [key for key, value in asks.items() if value]:
        yield Finding(
            rule="ending-asks",
            path=("steps", name),
            zh=f"{name} 结束通话,{'、'.join(written)} 不起作用",
            en=f"{name} ends the call; its {', '.join(written)} would do nothing",
            fix_zh="删掉它们,或者删掉 end",
            fix_en="remove them, or remove `end`",
            at_key=True,
        )
