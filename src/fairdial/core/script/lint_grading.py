"""Whether what is asked of finished calls can hold: names that exist, values a slot can have, rules that are reached. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.state import HUNG_UP, SOUND_LOST, STOPPED, TIME_UP
from fairdial.core.script.condition import Between, Condition
from fairdial.core.script.finding import Finding, Path, meant
from fairdial.core.script.model import Script, Slot, SlotType

ASKS = frozenset(meaning.value for meaning in Meaning if meaning.value.startswith("ask_"))
"""Questions that are understood in every script."""

WITHOUT_ENDING = frozenset({HUNG_UP, STOPPED, SOUND_LOST, TIME_UP})
"""Outcomes of calls that came to no ending of the script."""

_NUMBERS = (SlotType.NUMBER, SlotType.AMOUNT)


def lint_grading(script: Script) -> Iterator[Finding]:
    earlier: list[Condition] = []
    for place, rule in enumerate(script.grading):
        yield from _lint_condition(script, rule.when, ("grading", place, "when"))
        if rule.when in earlier:
            yield _useless(("grading", place), "前面的规则条件相同,这一条永远轮不到", "an earlier rule asks the same")
        earlier.append(rule.when)
    for place, tag in enumerate(script.tags):
        yield from _lint_condition(script, tag.when, ("tags", place, "when"))


def _lint_condition(script: Script, when: Condition, path: Path) -> Iterator[Finding]:
    if when.is_empty():
        yield _useless(path, "没有条件,总是成立", "asks nothing and always holds")
    endings = {step.ending.outcome for step in script.steps.values() if step.ending}
    yield from _unknown("unknown-step", (*path, "reached"), when.reached, script.steps, "步骤", "step")
    yield from _unknown(
        "unknown-question", (*path, "asked"), when.asked, ASKS | script.knowledge.keys(), "问题", "question"
    )
    yield from _unknown(
        "unknown-outcome", (*path, "outcome"), when.outcome, endings | WITHOUT_ENDING, "结果", "outcome"
    )
    slots = script.slots()
    yield from _unknown("unknown-slot", (*path, "answered"), when.answered.keys(), slots, "要问到的信息", "slot")
    for name, wanted in when.answered.items():
        if name in slots:
            yield from _lint_wanted(slots[name], wanted, (*path, "answered", name))


def _lint_wanted(slot: Slot, wanted: frozenset[str] | Between, path: Path) -> Iterator[Finding]:
    if isinstance(wanted, Between):
        is_bounded = wanted != Between()
        if is_bounded and slot.type not in _NUMBERS:
            yield _unknown_answer(
                path, "least、most", f"问 {slot.type}", f"asks for {slot.type}", "写 {} 或值", "write `{}` or values"
            )
        elif wanted.least is not None and wanted.most is not None and wanted.least > wanted.most:
            yield _unknown_answer(path, "least", "大于 most", "is above `most`", "对调", "exchange them")
        return
    for value in sorted(wanted):
        if not _is_possible(slot, value):
            zh, en = (
                meant(value, _values(slot)) if _values(slot) else ("写 {},或者 least、most", "write `{}` or bounds")
            )
            yield _unknown_answer(path, value, f"不是 {slot.name} 的值", f"is no value of {slot.name}", zh, en)


def _values(slot: Slot) -> Collection[str]:
    return ("yes", "no") if slot.type is SlotType.YES_NO else tuple(slot.choices)


def _is_possible(slot: Slot, value: str) -> bool:
    if slot.type is SlotType.NUMBER:
        is_within = value.isdecimal() and (slot.least is None or int(value) >= slot.least)
        return is_within and (slot.most is None or int(value) <= slot.most)
    return value in _values(slot)


def _unknown(
    rule: str, path: Path, names: Collection[str], known: Collection[str], zh: str, en: str
) -> Iterator[Finding]:
    for name in sorted(names):
        if name not in known:
            near_zh, near_en = meant(name, known)
            yield Finding(
                rule=rule, path=path, zh=f"没有 {name} 这个{zh}", en=f"there is no {en} {name}", fix_zh=near_zh, fix_en=near_en
            )  # fmt: skip


def _unknown_answer(path: Path, value: str, zh: str, en: str, fix_zh: str, fix_en: str) -> Finding:
    return Finding(
        rule="unknown-answer", path=path, zh=f"{value} {zh}", en=f"{value} {en}", fix_zh=fix_zh, fix_en=fix_en
    )


def _useless(path: Path, zh: str, en: str) -> Finding:
    return Finding(
        rule="useless-rule",
        path=path,
        zh=zh,
        en=en,
        fix_zh="写上条件,或者删掉它",
        fix_en="write what is asked, or remove it",
    )
