"""Which steps of a script rehearsed calls came to, and which ways out of them were taken. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fairdial.core.dialogue.actions import RecordSlot, Say
from fairdial.core.dialogue.events import KeyPressed, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Talking, Waiting
from fairdial.core.script.branch import ByValue, arm_of
from fairdial.core.script.model import Answer, Go, Script
from fairdial.rehearsal.rehearsed_call import RehearsedCall

ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Branch:
    """A way out: `at` a step, a branch or anywhere, `on` a meaning, slot, question, ladder or arm, `to` a step or the line said."""

    at: str
    on: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A case of a branch that nobody who was called has; `is_given` says whether anybody has a value of the variable.

    `source` is the field of the contact.
    """

    at: str
    of: str
    source: str
    case: str
    is_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A way out and how many calls took it, once or more often."""

    branch: Branch
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many calls came to each step and took each way; what none did."""

    steps: Mapping[str, int]
    ways: tuple[Taken, ...]
    never_steps: tuple[str, ...]
    branches: int
    taken: int
    never_branches: tuple[Branch, ...]
    unmet: tuple[Unmet, ...]


def coverage(script: Script, calls: Iterable[RehearsedCall]) -> Coverage:
    """Count what was visited; steps and ways stand in the script's order."""
    steps: Counter[str] = Counter()
    taken: Counter[Branch] = Counter()
    values: dict[str, set[str]] = {name: set() for name in script.variables}
    for call in calls:
        for name, value in call.facts.values.items():
            values.setdefault(name, set()).add(value)
        states = {moment.after.step for moment in call.moments if isinstance(moment.after, Talking | Ended)}
        steps.update(states)
        taken.update({way for moment in call.moments for way in _taken(script, moment)})
    branches = list(dict.fromkeys(_branches(script)))
    return Coverage(
        steps={name: steps[name] for name in script.steps},
        never_steps=tuple(name for name in script.steps if not steps[name]),
        ways=tuple(Taken(branch=branch, calls=taken[branch]) for branch in branches if taken[branch]),
        branches=len(branches),
        taken=sum(taken[branch] > 0 for branch in branches),
        never_branches=tuple(branch for branch in branches if not taken[branch]),
        unmet=tuple(_unmet(script, values)),
    )


def _unmet(script: Script, values: Mapping[str, Collection[str]]) -> Iterator[Unmet]:
    for branch in script.branches.values():
        variable = script.variables.get(branch.of) if isinstance(branch, ByValue) else None
        if not isinstance(branch, ByValue) or variable is None:
            continue
        met = values[branch.of]
        for case in branch.cases:
            if case not in met:
                yield Unmet(at=branch.name, of=branch.of, source=variable.source, case=case, is_given=bool(met))


def _branches(script: Script) -> Iterator[Branch]:
    for step in script.talking():
        yield from (Branch(at=step.name, on=meaning, to=_to(answer)) for meaning, answer in step.next.items())
        if step.slot:
            yield Branch(at=step.name, on=f"slot {step.slot.name}", to=step.slot.then)
    yield from (Branch(at=ANYWHERE, on=meaning, to=_to(answer)) for meaning, answer in script.anywhere.items())
    yield from (Branch(at=ANYWHERE, on=f"knowledge {k}", to=_to(v.answer)) for k, v in script.knowledge.items())
    yield Branch(at=ANYWHERE, on="silence", to=script.silence.then)
    yield Branch(at=ANYWHERE, on="unclear ladder", to=script.unclear.then)
    for branch in script.branches.values():
        yield from (Branch(at=branch.name, on=arm, to=target) for arm, target in branch.arms().items())


def _to(answer: Go | Answer) -> str:
    return answer.step if isinstance(answer, Go) else (answer.line or "again")


def _taken(script: Script, moment: Moment) -> Iterator[Branch]:
    """The ways a moment may have gone, told by what was understood and by where it led, with the arms they led through."""
    if isinstance(moment.before, Waiting):
        yield from _arms(script, moment, script.start)
    for way in _ways(script, moment):
        yield way
        yield from _arms(script, moment, way.to)


def _arms(script: Script, moment: Moment, target: str) -> Iterator[Branch]:
    """The arms that led from a name to where the moment went; none when the name is a line's."""
    if isinstance(moment.before, Ended) or isinstance(moment.after, Waiting) or target not in script.branches:
        return
    facts = moment.before.facts
    if script.resolve(target, facts.values, key=facts.key).name != moment.after.step:
        return
    while (branch := script.branches.get(target)) is not None:
        arm = arm_of(branch, facts.values, key=facts.key, script=script.name)
        target = branch.arms()[arm]
        yield Branch(at=branch.name, on=arm, to=target)


def _ways(script: Script, moment: Moment) -> Iterator[Branch]:
    before, event, after = moment.before, moment.event, moment.after
    if isinstance(before, Waiting) and isinstance(after, Ended):
        first = script.resolve(script.start, before.facts.values, key=before.facts.key)
        before = Talking(facts=before.facts, step=first.name)  # hung up on before the first word
    if not isinstance(before, Talking) or not isinstance(after, Talking | Ended):
        return
    facts = before.facts

    def came_to(target: str) -> bool:
        return script.resolve(target, facts.values, key=facts.key).name == after.step

    if isinstance(event, SilenceElapsed) and after.step != before.step:
        yield Branch(at=ANYWHERE, on="silence", to=script.silence.then)
    if not isinstance(event, SentenceHeard | KeyPressed):
        return
    step = script.steps[before.step]
    for action in moment.actions:
        if isinstance(action, RecordSlot) and step.slot:
            yield Branch(at=before.step, on=f"slot {action.name}", to=step.slot.then)
    said = [line for action in moment.actions if isinstance(action, Say) for line in action.lines]
    for name, known in script.knowledge.items():
        if said[:1] == [known.answer.line]:
            yield Branch(at=ANYWHERE, on=f"knowledge {name}", to=_to(known.answer))
    if came_to(script.unclear.then) and before.unclear >= script.unclear.times:
        yield Branch(at=ANYWHERE, on="unclear ladder", to=script.unclear.then)
    for meaning in _meanings(script, event):
        answer = script.answer_to(step, meaning)
        leads = answer is not None and (
            came_to(answer.step) and after != before
            if isinstance(answer, Go)
            else after.step == before.step and said[:1] == [answer.line or step.line]
        )
        if answer is not None and leads:
            yield Branch(at=before.step if meaning in step.next else ANYWHERE, on=meaning, to=_to(answer))


def _meanings(script: Script, event: SentenceHeard | KeyPressed) -> tuple[Meaning, ...]:
    """What a sentence can have been taken for at a step: a filler for a yes, a denial for a polite no."""
    meaning = script.keys.get(event.key) if isinstance(event, KeyPressed) else event.understood.meaning
    match meaning:
        case None:
            return ()
        case Meaning.BACKCHANNEL:
            return (Meaning.BACKCHANNEL, Meaning.ACCEPT)
        case Meaning.DENY:
            return (Meaning.DENY, Meaning.REFUSE_SOFT)
        case _:
            return (meaning,)
