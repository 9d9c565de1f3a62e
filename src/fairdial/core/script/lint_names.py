"""Whether every name in a script leads to something that is written. Pure; `parse_script` takes no script in which one does not."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fairdial.core.script.branch import Branch, Split
from fairdial.core.script.finding import Finding, Path, meant
from fairdial.core.script.graph import branch_edges, reached
from fairdial.core.script.model import Answer, Go, Script


def lost_names(script: Script) -> Iterator[Finding]:
    """Every step, line and message that is named exists; branches come to a step; every question can be asked again."""
    targets = [*script.steps, *script.branches]
    for path, name in _named_targets(script):
        if name not in targets:
            yield _not_written("unknown-step", path, name, targets, "步骤", "step")
    for path, name in _named_messages(script):
        if name not in script.messages:
            yield _not_written("unknown-message", path, name, script.messages, "短信", "message")
    yield from _lost_branches(script)
    for path, line in _named_lines(script):
        if line not in script.lines:
            yield _not_written("unknown-line", path, line, script.lines, "话术句", "line")
    for step in script.talking():
        for key in ("say", "again"):
            if (step.line if key == "say" else step.again) is None:
                yield Finding(
                    rule="incomplete-step",
                    path=("steps", step.name),
                    zh=f"步骤 {step.name} 没有 {key}",
                    en=f"step {step.name} has no `{key}`",
                    fix_zh=f"写上 {key}: 句名,或者写 end 结束通话",
                    fix_en=f"write `{key}: LINE`, or `end` if the call ends here",
                )


def _lost_branches(script: Script) -> Iterator[Finding]:
    edges = branch_edges(script)
    for name, targets in edges.items():
        if any(name in reached(edges, target) for target in targets):
            yield Finding(
                rule="branch-circle",
                path=("branches", name),
                zh=f"分支 {name} 会绕回自己",
                en=f"branch {name} leads back to itself",
                fix_zh="让它指向步骤",
                fix_en="let it lead to steps",
                at_key=True,
            )
        if name in script.steps:
            yield Finding(
                rule="branch-name",
                path=("branches", name),
                zh=f"{name} 已经是一个步骤的名称",
                en=f"{name} is the name of a step already",
                fix_zh="换一个名称",
                fix_en="give it another name",
                at_key=True,
            )


def _not_written(rule: str, path: Path, name: str, known: Collection[str], zh: str, en: str) -> Finding:
    near_zh, near_en = meant(name, known)
    return Finding(
        rule=rule,
        path=path,
        zh=f"{zh} {name} 没有写",
        en=f"{en} {name} is named but not written",
        fix_zh=near_zh,
        fix_en=near_en,
    )


def _named_targets(script: Script) -> Iterator[tuple[Path, str]]:
    yield ("start",), script.start
    for branch in script.branches.values():
        for arm, target in branch.arms().items():
            yield arm_path(branch, arm), target
    yield ("silence", "then"), script.silence.then
    yield ("unclear", "then"), script.unclear.then
    for path, answer in answers_written(script):
        if isinstance(answer, Go):
            yield path, answer.step
    for step in script.steps.values():
        if step.slot:
            yield ("steps", step.name, "slot", "then"), step.slot.then


def arm_path(branch: Branch, arm: str) -> Path:
    """Where an arm is written."""
    if isinstance(branch, Split):
        return ("branches", branch.name, "split", arm)
    return ("branches", branch.name, "cases", arm) if arm in branch.cases else ("branches", branch.name, arm)


def _named_messages(script: Script) -> Iterator[tuple[Path, str]]:
    for step in script.steps.values():
        if step.send:
            yield ("steps", step.name, "send"), step.send
    for name, known in script.knowledge.items():
        if known.answer.send:
            yield ("knowledge", name, "send"), known.answer.send
    for path, answer in answers_written(script):
        if isinstance(answer, Answer) and answer.send:
            yield (*path, "send"), answer.send


def _named_lines(script: Script) -> Iterator[tuple[Path, str]]:
    yield ("silence", "say"), script.silence.line
    yield ("unclear", "say"), script.unclear.line
    yield ("stopping",), script.stopping
    yield from ((("tells", says.value), line) for says, line in script.tells.items())
    yield from ((("claims", line), line) for line in script.claims)
    for name, known in script.knowledge.items():
        if known.answer.line:
            yield ("knowledge", name, "answer"), known.answer.line
    for path, answer in answers_written(script):
        if isinstance(answer, Answer) and answer.line is not None:
            yield (*path, "answer"), answer.line
    for step in script.steps.values():
        here: Path = ("steps", step.name)
        named = (("say", step.line), ("again", step.again))
        yield from (((*here, key), line) for key, line in named if line is not None)
        if step.slot and step.slot.confirm:
            yield (*here, "slot", "confirm"), step.slot.confirm


def answers_written(script: Script) -> Iterator[tuple[Path, Go | Answer]]:
    """Every answer at the place it is written."""
    for meaning, answer in script.anywhere.items():
        yield ("anywhere", meaning.value), answer
    for step in script.steps.values():
        for meaning, answer in step.next.items():
            yield ("steps", step.name, "next", meaning.value), answer
