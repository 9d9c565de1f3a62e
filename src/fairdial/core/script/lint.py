"""What a script must say and do before anybody may approve it (DESIGN.md, promise 6).

Pure: reads a script value, returns findings; an empty answer means none.
docs/why/script.md says why each is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.contacts.levels import is_within, level_of
from fairdial.core.policy.case import Level
from fairdial.core.script.branch import ByValue
from fairdial.core.script.finding import Finding, Path, Severity, meant
from fairdial.core.script.length import LONGEST_S, seconds
from fairdial.core.script.lint_answers import lint_answers
from fairdial.core.script.lint_branches import lint_branches
from fairdial.core.script.lint_examples import lint_examples
from fairdial.core.script.lint_grading import lint_grading
from fairdial.core.script.lint_messages import lint_messages
from fairdial.core.script.lint_opening import lint_opening
from fairdial.core.script.lint_pronounce import lint_pronounce
from fairdial.core.script.lint_slots import lint_slots
from fairdial.core.script.lint_spared import lint_spared
from fairdial.core.script.lint_texts import lint_texts
from fairdial.core.script.lint_way_out import lint_way_out
from fairdial.core.script.lint_ways import lint_length, lint_ways
from fairdial.core.script.model import Script
from fairdial.core.script.speech import MOST_READ_BACK, VARIABLE, phrases, spoken_values
from fairdial.core.script.texts import line_texts


def lint(script: Script) -> tuple[Finding, ...]:
    """Find what is missing or unsafe in a script."""
    return (
        *lint_opening(script),
        *lint_way_out(script),
        *lint_answers(script),
        *lint_spared(script),
        *lint_ways(script),
        *lint_branches(script),
        *lint_slots(script),
        *lint_examples(script),
        *lint_messages(script),
        *lint_grading(script),
        *lint_length(script),
        *lint_texts(script),
        *lint_pronounce(script),
        *_lint_variables(script),
        *_lint_lines(script),
    )


def lint_levels(script: Script, at_most: Level) -> tuple[Finding, ...]:
    """Variables above the level that may be used for the script's purpose."""
    return tuple(
        Finding(
            rule="level-above-purpose",
            path=("variables", v.name, "level"),
            zh=f"变量 {v.name} 的级别 {v.level} 高于目的 {script.purpose} 允许的 {at_most}",
            en=f"variable {v.name} is {v.level}; for {script.purpose} only attributes up to {at_most} may be used",
            fix_zh="不要说这个变量",
            fix_en="leave this variable out",
            cite="docs/why/gate.md",
        )
        for v in script.variables.values()
        if not is_within(Level(v.level), at_most)
    )


def _lint_variables(script: Script) -> Iterator[Finding]:
    slots = script.slots()
    used = {branch.of for branch in script.branches.values() if isinstance(branch, ByValue)}
    for text in script.messages.values():
        used.update(VARIABLE.findall(text))
    for path, text in line_texts(script):
        for phrase in phrases(text):
            names = VARIABLE.findall(phrase)
            used.update(names)
            if len(names) > 1:
                yield Finding(
                    rule="several-variables",
                    path=path,
                    zh=f"一个短语只能有一个变量:{phrase}",
                    en=f"one variable a phrase: {phrase}",
                    fix_zh="用逗号分成两个短语",
                    fix_en="put a comma between them",
                )
            for name in names:
                if name not in script.variables and name not in slots:
                    near_zh, near_en = meant(name, [*script.variables, *slots])
                    yield Finding(
                        rule="undeclared-variable",
                        path=path,
                        zh=f"变量 {name} 没有声明",
                        en=f"variable {name} is not declared",
                        fix_zh=near_zh,
                        fix_en=near_en,
                    )
                elif name in slots and not spoken_values(slots[name]):
                    yield Finding(
                        rule="not-read-back",
                        path=path,
                        zh=f"{name} 的值超过 {MOST_READ_BACK} 个或者没有边界,不能提前录音",
                        en=f"{name} has more than {MOST_READ_BACK} values or no bounds, and cannot be rendered ahead",
                        fix_zh=f"确认句请对方再说一遍;只有 number 能读出来,而且 least 到 most 最多 {MOST_READ_BACK} 个值",
                        fix_en=f"let the line ask for it once more; of numbers at most {MOST_READ_BACK}, `least` to `most`, are read back",
                    )
    for variable in script.variables.values():
        if variable.name not in used:
            yield _warning(
                "unused-variable",
                ("variables", variable.name),
                f"变量 {variable.name} 没有用到",
                f"variable {variable.name} is neither spoken nor asked by a branch",
                "删掉它:没有值的客户会因此打不了",
                "remove it: whoever has no value for it cannot be called",
            )
        if not is_within(level_of(variable.source), Level(variable.level)):
            yield Finding(
                rule="variable-level",
                path=("variables", variable.name, "level"),
                zh=f"{variable.source} 的级别是 {level_of(variable.source)},不能写成 {variable.level}",
                en=f"{variable.source} is {level_of(variable.source)}, and cannot be declared {variable.level}",
                fix_zh=f"写 {level_of(variable.source)}",
                fix_en=f"write {level_of(variable.source)}",
            )


def _lint_lines(script: Script) -> Iterator[Finding]:
    for path, text in line_texts(script):
        if (length := seconds(script, text)) > LONGEST_S:
            yield _warning(
                "long-line",
                path,
                f"约 {length:.0f} 秒,超过 {LONGEST_S:.0f} 秒",
                f"takes about {length:.0f} s, more than {LONGEST_S:.0f} s",
                "缩短,或者中间问一句",
                "shorten it, or ask something in between",
            )
    said = set(script.said_lines())
    for line in script.lines:
        if line not in said:
            yield _warning(
                "unused-line",
                ("lines", line),
                f"{line} 从来不说",
                f"{line} is never said",
                "删掉它,或者让某一步说它",
                "remove it, or let a step say it",
            )


def _warning(rule: str, path: Path, zh: str, en: str, fix_zh: str, fix_en: str) -> Finding:
    return Finding(
        rule=rule, path=path, zh=zh, en=en, fix_zh=fix_zh, fix_en=fix_en, severity=Severity.WARNING, at_key=True
    )
