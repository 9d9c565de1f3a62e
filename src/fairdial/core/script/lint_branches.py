"""Whether a branch parts anything: by a variable that exists, into arms that differ and can be taken. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.script.branch import Branch, ByValue
from fairdial.core.script.finding import Finding, meant
from fairdial.core.script.lint_names import arm_path
from fairdial.core.script.model import Script


def lint_branches(script: Script) -> Iterator[Finding]:
    for branch in script.branches.values():
        if isinstance(branch, ByValue) and branch.of not in script.variables:
            near_zh, near_en = meant(branch.of, script.variables)
            yield Finding(
                rule="undeclared-variable",
                path=("branches", branch.name, "of"),
                zh=f"变量 {branch.of} 没有声明",
                en=f"variable {branch.of} is not declared",
                fix_zh=near_zh,
                fix_en=near_en,
            )
        if len(set(branch.arms().values())) < 2:
            yield Finding(
                rule="single-arm",
                path=("branches", branch.name),
                zh=f"分支 {branch.name} 只有一个去处",
                en=f"branch {branch.name} leads to one place only",
                fix_zh="写上另一个去处,或者直接写那一步",
                fix_en="give it another arm, or name the step itself",
                at_key=True,
            )
        yield from _lint_settled(script, branch)


def _lint_settled(script: Script, branch: Branch) -> Iterator[Finding]:
    """An arm that leads to a branch of the same variable: which arm of that one is taken stands already."""
    if not isinstance(branch, ByValue):
        return
    for arm, target in branch.arms().items():
        inner = script.branches.get(target)
        if isinstance(inner, ByValue) and inner.of == branch.of:
            yield Finding(
                rule="unreachable-arm",
                path=arm_path(branch, arm),
                zh=f"{target} 又按 {branch.of} 分,值已经定了,有的分支永远走不到",
                en=f"{target} asks for {branch.of} again, whose value is settled; some of its arms are never taken",
                fix_zh="把两个分支合成一个",
                fix_en="make one branch of the two",
            )
