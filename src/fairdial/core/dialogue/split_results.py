"""What came of the arms of a script's splits: people, goodbyes, grades and refusals, each with its interval. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fairdial.core.comparison import Difference, Share, difference, share
from fairdial.core.dialogue.actions import RecordRefusal
from fairdial.core.dialogue.after_call import after_call
from fairdial.core.dialogue.events import Event
from fairdial.core.dialogue.retrace import Moment, retrace
from fairdial.core.dialogue.state import Ended, Facts, Talking, Waiting
from fairdial.core.script.branch import Split, arm_of
from fairdial.core.script.graph import Edges, all_edges, branch_edges, reached
from fairdial.core.script.model import Script

MEASURES = ("to_end", "grade_ab", "refused")
"""Came to one of the script's goodbyes; was graded A or B; recorded a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One call at one split: the person's key, the arm, and which measures it meets."""

    split: str
    arm: str
    key: str
    meets: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One arm: its people, each counted by their latest call; `against` compares it with the first arm."""

    arm: str
    people: int
    shares: Mapping[str, Share]
    against: Mapping[str, Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitResult:
    split: str
    arms: tuple[ArmResult, ...]


def taken_in(script: Script, facts: Facts, events: Iterable[Event]) -> Iterator[Taken]:
    """The splits one call came to, and what became of it there."""
    moments = tuple(retrace(script, facts, events))
    after = after_call(script, moments)
    goodbyes = {step.ending.outcome for step in script.steps.values() if step.ending}
    meets = {
        "to_end": after.outcome in goodbyes,
        "grade_ab": after.grade in ("A", "B"),
        "refused": any(isinstance(action, RecordRefusal) for moment in moments for action in moment.actions),
    }
    edges = all_edges(script) if script.branches else {}
    came_to = {name for moment in moments for name in _parted_at(script, moment, edges)}
    for split in script.branches.values():
        if isinstance(split, Split) and split.name in came_to:
            arm = arm_of(split, facts.values, key=facts.key, script=script.name)
            yield Taken(split=split.name, arm=arm, key=facts.key, meets=meets)


def split_results(calls: Iterable[Taken]) -> tuple[SplitResult, ...]:
    """What came of every split, in alphabetical order; `calls` are in the order in which they were made."""
    latest = {(call.split, call.key): call for call in calls}
    by_arm: dict[str, dict[str, list[Taken]]] = {}
    for call in latest.values():
        by_arm.setdefault(call.split, {}).setdefault(call.arm, []).append(call)
    return tuple(SplitResult(split=split, arms=_arms(arms)) for split, arms in sorted(by_arm.items()))


def _arms(arms: Mapping[str, list[Taken]]) -> tuple[ArmResult, ...]:
    shares = {
        arm: {measure: share(sum(c.meets[measure] for c in calls), len(calls)) for measure in MEASURES}
        for arm, calls in sorted(arms.items())
    }
    first = next(iter(shares))
    return tuple(
        ArmResult(
            arm=arm,
            people=len(arms[arm]),
            shares=found,
            against={} if arm == first else {m: difference(found[m], shares[first][m]) for m in MEASURES},
        )
        for arm, found in shares.items()
    )


def _parted_at(script: Script, moment: Moment, edges: Edges) -> Iterator[str]:
    """The branches a moment came through: those its step leads to, that lead this person where it went."""
    match moment:
        case Moment(before=Waiting(facts=facts), after=Talking(step=to)):
            targets: Collection[str] = [script.start]
        case Moment(before=Talking(facts=facts, step=at), after=Talking(step=to) | Ended(step=to)) if at != to:
            targets = edges[at]
        case _:
            return
    for name in script.branches:
        is_named = any(name in reached(branch_edges(script), target) for target in targets)
        if is_named and script.resolve(name, facts.values, key=facts.key).name == to:
            yield name
