"""Where a conversation can go: which steps are reached, and from which of them it ends.

Pure, over plain graphs: a step's name to the names of the steps that may follow it; a branch is a node as a step is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.branch import Branch
from fairdial.core.script.model import Go, Script, Step

Edges = Mapping[str, Collection[str]]

LEAVES = frozenset({Meaning.REFUSE_HARD, Meaning.REFUSE_SOFT, Meaning.WRONG_NUMBER, Meaning.ASSISTANT})
"""Answers by which somebody gets away: a script from which they are the only way out keeps people talking."""


def reached(edges: Edges, start: str) -> frozenset[str]:
    """The steps that can be reached from one, itself among them."""
    return _spread(edges, [start])


def ending_in(edges: Edges, goals: Iterable[str]) -> frozenset[str]:
    """The steps from which one of the goals can be reached, the goals among them."""
    back: dict[str, list[str]] = {}
    for step, targets in edges.items():
        for target in targets:
            back.setdefault(target, []).append(step)
    return _spread(back, goals)


def _spread(edges: Edges, begin: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting += edges.get(step, ())
    return frozenset(found)


def all_edges(script: Script) -> dict[str, list[str]]:
    """Every way a conversation may go."""
    ladders = [script.silence.then, script.unclear.then]
    return branch_edges(script) | {
        step.name: [*_asked(step), *(target for _, target in _answers(script, step)), *ladders]
        for step in script.talking()
    }


def willing_edges(script: Script) -> dict[str, list[str]]:
    """Where a conversation goes with somebody who answers what the step asks, and neither refuses nor is silent."""
    return branch_edges(script) | {
        step.name: [
            *_asked(step),
            *(target for meaning, target in _answers(script, step) if _is_willing(step, meaning)),
        ]
        for step in script.talking()
    }


def _is_willing(step: Step, meaning: Meaning) -> bool:
    return meaning in (Meaning.ACCEPT, Meaning.DENY) or (meaning in step.next and meaning not in LEAVES)


def spoken_order(script: Script) -> list[Step | Branch]:
    """The steps and branches as a conversation comes to them, unreachable ones last."""
    edges = all_edges(script)
    order: dict[str, None] = {}
    waiting = [script.start]
    while waiting:
        step = waiting.pop(0)
        if step not in order:
            order[step] = None
            waiting += edges.get(step, ())
    nodes: dict[str, Step | Branch] = {**script.branches, **script.steps}
    return [nodes[name] for name in [*order, *(name for name in nodes if name not in order)]]


def branch_edges(script: Script) -> dict[str, list[str]]:
    """Where each branch may lead."""
    return {name: [*branch.arms().values()] for name, branch in script.branches.items()}


def _asked(step: Step) -> list[str]:
    return [step.slot.then] if step.slot else []


def _answers(script: Script, step: Step) -> Iterator[tuple[Meaning, str]]:
    """Where answers lead, the step's own first, as they are written."""
    for meaning in dict.fromkeys([*step.next, *script.anywhere]):
        answer = script.answer_to(step, meaning)
        if isinstance(answer, Go):
            yield meaning, answer.step
