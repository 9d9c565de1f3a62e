"""What a script must say before anybody may approve it (DESIGN.md, promise 6).

Pure: reads a script value, returns findings; an empty answer means none.
"""

from __future__ import annotations

from dataclasses import dataclass

from fairdial.core.contacts.levels import is_within, level_of
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Level, Says
from fairdial.core.script.model import Answer, Go, Script
from fairdial.core.script.speech import VARIABLE, phrases

HANDLED_ANYWHERE = (
    Meaning.REFUSE_HARD,
    Meaning.REFUSE_SOFT,
    Meaning.ASK_ROBOT,
    Meaning.ASK_SOURCE,
    Meaning.ASK_IDENTITY,
    Meaning.ASK_HUMAN,
    Meaning.ASSISTANT,
    Meaning.WRONG_NUMBER,
)
"""Answers every script must have a word for, at every step."""

ARTIFICIAL = ("人工智能", "合成")
"""Words the opening carries (标识办法, GB 45438-2025: an AI word and a synthesis word)."""

WAYS_OUT = ("不要再打", "别再打", "不想再接到")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    place: str
    problem_zh: str
    problem_en: str


def lint(script: Script) -> tuple[Finding, ...]:
    """Find what is missing or unsafe in a script."""
    return (*_lint_opening(script), *_lint_answers(script), *_lint_variables(script), *_lint_endings(script))


def _lint_opening(script: Script) -> list[Finding]:
    """What promise 6 asks for is told, by a line that holds the words; who and what speaks, by the opening itself."""
    step = script.steps[script.start]
    told = {says: script.lines.get(line, "") for says, line in script.tells.items()}
    opening = script.lines.get(step.line or "", "")
    wanted = (
        (Says.CALLER, script.company in opening, "没有说明是谁来电", "does not say who calls"),
        (
            Says.ARTIFICIAL_VOICE,
            all(w in opening for w in ARTIFICIAL),
            "没有说明声音由人工智能合成",
            "does not say that the voice is artificial",
        ),
        (Says.PURPOSE, bool(told.get(Says.PURPOSE)), "没有说明为什么来电", "does not say why it calls"),
        (
            Says.WAY_TO_REFUSE,
            any(way in told.get(Says.WAY_TO_REFUSE, "") for way in WAYS_OUT),
            "没有说明怎样拒绝",
            "does not say how to refuse",
        ),
    )
    return [
        Finding(
            place="opening" if says in _FIRST else "lines",
            problem_zh=f"{zh}(tells.{says})",
            problem_en=f"{en} (tells.{says})",
        )
        for says, is_told, zh, en in wanted
        if says not in told or not is_told
    ]


_FIRST = (Says.CALLER, Says.ARTIFICIAL_VOICE)


def _lint_answers(script: Script) -> list[Finding]:
    return [
        Finding(place=step.name, problem_zh=f"没有处理 {meaning}", problem_en=f"{meaning} is not handled")
        for step in script.steps.values()
        if step.ending is None
        for meaning in HANDLED_ANYWHERE
        if script.answer_to(step, meaning) is None
    ]


def _lint_variables(script: Script) -> list[Finding]:
    findings = []
    for key, text in script.lines.items():
        for phrase in phrases(text):
            names = VARIABLE.findall(phrase)
            if len(names) > 1:
                findings.append(
                    Finding(
                        place=key,
                        problem_zh=f"一个短语只能有一个变量:{phrase}",
                        problem_en=f"one variable a phrase: {phrase}",
                    )
                )
            findings += [
                Finding(place=key, problem_zh=f"变量 {n} 没有声明", problem_en=f"variable {n} is not declared")
                for n in names
                if n not in script.variables
            ]
    return [*findings, *_lint_levels(script)]


def _lint_levels(script: Script) -> list[Finding]:
    """A variable is at least as sensitive as the field it is read from."""
    return [
        Finding(
            place=f"variables.{variable.name}",
            problem_zh=f"{variable.source} 的级别是 {level_of(variable.source)},不能写成 {variable.level}",
            problem_en=f"{variable.source} is {level_of(variable.source)}, and cannot be declared {variable.level}",
        )
        for variable in script.variables.values()
        if not is_within(level_of(variable.source), Level(variable.level))
    ]


def _lint_endings(script: Script) -> list[Finding]:
    """A hard refusal leads to an ending that records it, with no persuasion between."""
    findings = []
    for step in script.steps.values():
        answer = script.answer_to(step, Meaning.REFUSE_HARD)
        if step.ending is not None or answer is None:
            continue
        target = script.steps[answer.step] if isinstance(answer, Go) else None
        if isinstance(answer, Answer) or target is None or target.ending is None or not target.ending.refusal:
            findings.append(
                Finding(
                    place=step.name,
                    problem_zh="明确拒绝必须直接结束并登记",
                    problem_en="a hard refusal must end the call and be recorded",
                )
            )
    return findings
