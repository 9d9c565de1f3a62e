"""Whether every step is reached, and a conversation that goes well ends. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.script.finding import Finding
from fairdial.core.script.graph import all_edges, ending_in, reached, willing_edges
from fairdial.core.script.length import shortest_s
from fairdial.core.script.model import Script


def lint_ways(script: Script) -> Iterator[Finding]:
    comes_to = reached(all_edges(script), script.start)
    for step in script.steps:
        if step not in comes_to:
            yield Finding(
                rule="unreachable-step",
                path=("steps", step),
                zh=f"没有哪一步会来到 {step}",
                en=f"no answer leads to step {step}",
                fix_zh="让某个回答指向它,或者删掉它",
                fix_en="let an answer lead to it, or remove it",
                at_key=True,
            )
    for name in script.branches:
        if name not in comes_to:
            yield Finding(
                rule="unreachable-branch",
                path=("branches", name),
                zh=f"没有哪一步会来到分支 {name}",
                en=f"nothing leads to branch {name}",
                fix_zh="把它的名称写在要分支的地方(start、next、then),或者删掉它",
                fix_en="write its name where the ways part (`start`, `next`, `then`), or remove it",
                at_key=True,
            )
    yield from _lint_exits(script)
    for name, ladder in (("silence", script.silence), ("unclear", script.unclear)):
        if not script.surely_ends(ladder.then):
            yield Finding(
                rule="ladder-goes-on",
                path=(name, "then"),
                zh=f"{name}.then 指向 {ladder.then},通话不会结束",
                en=f"{name}.then leads to {ladder.then}, and the call goes on",
                fix_zh="指向写有 end 的步骤",
                fix_en="lead to a step with `end`",
            )


def _lint_exits(script: Script) -> Iterator[Finding]:
    edges = willing_edges(script)
    endings = [step.name for step in script.steps.values() if step.ending and not step.ending.refusal]
    stuck = [step for step, targets in edges.items() if not targets]
    ends = ending_in(edges, [*endings, *stuck])
    for step in (step.name for step in script.talking()):
        if step in stuck:
            yield Finding(
                rule="dead-end",
                path=("steps", step),
                zh=f"{step} 问了,但没有哪个回答能往下走",
                en=f"{step} asks, and no answer leads on",
                fix_zh="在 next 里写 accept: 下一步",
                fix_en="write `accept: STEP` under its `next`",
                at_key=True,
            )
        elif step not in ends:
            yield Finding(
                rule="loop-without-exit",
                path=("steps", step),
                zh=f"从 {step} 往下走只会绕圈,愿意配合的人也听不到再见",
                en=f"from {step} the answers only lead in a circle; whoever answers willingly never comes to an end",
                fix_zh="让其中一个回答指向写有 end 的步骤",
                fix_en="let one of the answers lead to a step with `end`",
                at_key=True,
            )


def lint_length(script: Script) -> Iterator[Finding]:
    shortest = shortest_s(script)
    if shortest is not None and script.longest_s < shortest:
        yield Finding(
            rule="too-short",
            path=("longest_s",),
            zh=f"最长 {script.longest_s:g} 秒,但最短的一条路也要约 {shortest:.0f} 秒",
            en=f"is {script.longest_s:g} s, and the shortest way through takes about {shortest:.0f} s",
            fix_zh=f"写 {shortest:.0f} 以上,或者少说几句",
            fix_en=f"write more than {shortest:.0f}, or say less",
        )
