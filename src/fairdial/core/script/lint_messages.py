"""Messages and hand-overs: whom they may reach, and whether their text is known when they are owed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.reply import OWED_NOTHING
from fairdial.core.script.finding import Finding, Path, Severity, meant
from fairdial.core.script.graph import all_edges, reached
from fairdial.core.script.lint_names import answers_written
from fairdial.core.script.model import Answer, Go, Script, Slot
from fairdial.core.script.speech import VARIABLE


def lint_messages(script: Script) -> Iterator[Finding]:
    yield from _lint_refused(script)
    yield from _lint_texts(script)
    sent = {name for name, _ in _owed(script)}
    for name in script.messages.keys() - sent:
        yield Finding(
            rule="unused-message",
            path=("messages", name),
            zh=f"短信 {name} 从来不发",
            en=f"message {name} is never owed",
            fix_zh="删掉它,或者在某一步写 send",
            fix_en="remove it, or write `send` at a step",
            severity=Severity.WARNING,
            at_key=True,
        )


def _lint_refused(script: Script) -> Iterator[Finding]:
    """Whoever refuses is neither written to nor passed on to somebody else."""
    after: dict[str, Path] = {}
    for step in script.steps.values():
        if step.ending and step.ending.refusal:
            after[step.name] = ("steps", step.name)
    for path, answer in answers_written(script):
        if not _declines(script, path):
            continue
        if isinstance(answer, Answer) and answer.send:
            yield _sends_after_refusal((*path, "send"))
        if isinstance(answer, Go):
            after |= {step.name: ("steps", step.name) for step in script.may_enter(answer.step)}
    for name, path in after.items():
        step = script.steps[name]
        if step.send:
            yield _sends_after_refusal((*path, "send"))
        if step.ending and step.ending.hand_over:
            yield _sends_after_refusal((*path, "end", "hand_over"))


def _declines(script: Script, path: Path) -> bool:
    meaning = Meaning(str(path[-1]))
    is_offered = path[0] == "steps" and script.steps[str(path[1])].question == "offer"
    return meaning in OWED_NOTHING or (meaning is Meaning.DENY and is_offered)


def _sends_after_refusal(path: Path) -> Finding:
    return Finding(
        rule="sends-after-refusal",
        path=path,
        zh="拒绝、打错、电话助理之后不发短信、不交给别人",
        en="nobody who refuses, no wrong number and no machine is written to or handed over",
        fix_zh="删掉它",
        fix_en="remove it",
        at_key=True,
    )


def _lint_texts(script: Script) -> Iterator[Finding]:
    slots = script.slots()
    for name, text in script.messages.items():
        path: Path = ("messages", name, "text")
        for variable in dict.fromkeys(VARIABLE.findall(text)):
            if variable in slots:
                if not _is_answered_before(script, slots[variable], name):
                    yield Finding(
                        rule="unanswered-slot",
                        path=path,
                        zh=f"发 {name} 的时候可能还没有问到 {variable}",
                        en=f"{variable} may not have been answered when {name} is owed",
                        fix_zh=f"问到 {variable} 以后再发,或者不写它",
                        fix_en=f"send it after {variable} is answered, or leave it out",
                    )
            elif variable not in script.variables:
                near_zh, near_en = meant(variable, [*script.variables, *slots])
                yield Finding(
                    rule="undeclared-variable",
                    path=path,
                    zh=f"变量 {variable} 没有声明",
                    en=f"variable {variable} is not declared",
                    fix_zh=near_zh,
                    fix_en=near_en,
                )


def _is_answered_before(script: Script, slot: Slot, message: str) -> bool:
    """Whether no way leads to the message but over the answer: without that edge its step is not reached."""
    edges = {name: list(targets) for name, targets in all_edges(script).items()}
    for step in script.talking():
        if step.slot == slot:
            edges[step.name].remove(slot.then)
    return reached(edges, script.start).isdisjoint({step for name, step in _owed(script) if name == message})


def _owed(script: Script) -> Iterator[tuple[str, str]]:
    """Every message with each step at which it may be owed."""
    everywhere = [step.name for step in script.talking()]
    for step in script.steps.values():
        if step.send:
            yield step.send, step.name
    for known in script.knowledge.values():
        if known.answer.send:
            yield from ((known.answer.send, name) for name in everywhere)
    for path, answer in answers_written(script):
        if isinstance(answer, Answer) and answer.send:
            steps = everywhere if path[0] == "anywhere" else [str(path[1])]
            yield from ((answer.send, name) for name in steps)
