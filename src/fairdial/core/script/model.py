"""The script: what is said, what may be answered, where each answer leads.

Pure values, made by `core.script.parse`. A script is identified by the hash of
its content, so that a word that changes makes another script.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Level, Purpose, Says
from fairdial.core.script.branch import Branch, arm_of
from fairdial.core.script.condition import GradeRule, TagRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """An answer that leads to another step, or to a branch."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is given before the step's question is asked again; `send` names a message that is owed then."""

    line: str | None
    interest: str | None
    send: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A question of the script's own, by what people say who ask it, and the line that answers it."""

    examples: tuple[str, ...]
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What an ending step leaves behind; `refusal` is written before its line is spoken.

    `hand_over` says who takes the person over.
    """

    grade: str
    outcome: str
    refusal: str | None
    hand_over: str | None = None


class Stops(StrEnum):
    """What stops a step's words: voice that goes on, a sentence that was understood, or nothing but a refusal."""

    VOICE = "voice"
    WORDS = "words"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """When the person may interrupt; `after_ms` of voice stop the words when `by` is voice."""

    by: Stops = Stops.VOICE
    after_ms: int = 384


class SlotType(StrEnum):
    YES_NO = "yes_no"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    NAME = "name"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Something the step asks for; when it is known, the conversation goes on at `then`.

    `least` and `most` bound numbers and amounts (yuan). `choices` gives the words people say for each choice, and the
    first of them is how it is read back; for `yes_no` they are words besides those understood as yes and no.
    `confirm` is a line that asks whether it was understood right.
    """

    name: str
    type: SlotType
    then: str
    least: int | None = None
    most: int | None = None
    choices: Mapping[str, tuple[str, ...]]
    confirm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    line: str | None
    again: str | None
    question: str | None
    interest: str | None
    next: Mapping[Meaning, Go | Answer]
    ending: Ending | None
    slot: Slot | None
    interrupt: Interruption
    send: str | None = None
    """Name of the message that is owed once the conversation comes here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What is said when nothing is understood, how often, and where it then leads."""

    line: str
    times: int
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value spoken for each contact; `source` names the contact's field."""

    name: str
    source: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    name: str
    title: str
    purpose: Purpose
    company: str
    voice: str
    speed: float
    pronounce: Mapping[str, str]
    """Words, and characters that sound as they should be read."""
    variables: Mapping[str, Variable]
    lines: Mapping[str, tuple[str, ...]]
    """Each line in its wordings, one or several that mean the same."""
    start: str
    steps: Mapping[str, Step]
    branches: Mapping[str, Branch]
    """Names that lead to one of several steps; none is a step's, and none leads back to itself."""
    anywhere: Mapping[Meaning, Go | Answer]
    knowledge: Mapping[str, Known]
    silence: Ladder
    silence_after_s: float
    unclear: Ladder
    stopping: str
    listen_first_s: float
    """How long after the answer the person may say 喂 before we speak."""
    longest_s: float
    """Longest call; then it says goodbye as when it is stopped."""
    messages: Mapping[str, str]
    """Texts that may be owed to the person after the call."""
    understand: Mapping[Meaning, tuple[str, ...]]
    """Sentences of the script's own by what they mean."""
    grading: tuple[GradeRule, ...]
    tags: tuple[TagRule, ...]
    keys: Mapping[str, Meaning]
    """What a key of the telephone says: 0-9, * or #."""
    tells: Mapping[Says, str]
    """What the script tells the person, and the line that tells it."""
    claims: Mapping[str, str]
    """Lines that claim something, and where the evidence lies."""
    topics: frozenset[str]
    hash: str

    def says(self) -> frozenset[Says]:
        """What is told; the linter has seen that the lines exist and hold the words."""
        return frozenset(self.tells)

    def levels(self) -> frozenset[Level]:
        """Sensitivity of the attributes it speaks."""
        return frozenset(Level(variable.level) for variable in self.variables.values())

    def resolve(self, target: str, values: Mapping[str, str], *, key: str) -> Step:
        """The step that a name leads to for one contact, through any branches; see `branch.arm_of`."""
        while (branch := self.branches.get(target)) is not None:
            target = branch.arms()[arm_of(branch, values, key=key, script=self.name)]
        return self.steps[target]

    def may_enter(self, target: str) -> tuple[Step, ...]:
        """Every step that a name leads to for some contact."""
        seen: dict[str, None] = {}
        waiting = [target]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen[name] = None
                branch = self.branches.get(name)
                waiting += reversed(list(branch.arms().values())) if branch else ()
        return tuple(self.steps[name] for name in seen if name in self.steps)

    def surely_ends(self, target: str) -> bool:
        """Whether the call ends there for every contact."""
        return all(step.ending for step in self.may_enter(target))

    def answer_to(self, step: Step, meaning: Meaning) -> Go | Answer | None:
        """What the script does about a meaning: the step's own word comes first."""
        return step.next.get(meaning) or self.anywhere.get(meaning)

    def slots(self) -> Mapping[str, Slot]:
        return {step.slot.name: step.slot for step in self.steps.values() if step.slot}

    def wording(self, line: str, *, key: str) -> str:
        """The wording of a line for one contact: always the same one for the same key and script."""
        texts = self.lines[line]
        if len(texts) == 1:
            return texts[0]
        digest = sha256(f"{key}|{self.hash}|{line}".encode()).digest()
        return texts[int.from_bytes(digest[:8], "big") % len(texts)]

    def said_lines(self) -> Iterator[str]:
        """Every line the conversation may say, some of them more than once."""
        yield from (self.silence.line, self.unclear.line, self.stopping)
        answers = [self.anywhere, *(step.next for step in self.steps.values())]
        yield from (a.line for found in answers for a in found.values() if isinstance(a, Answer) and a.line)
        yield from (known.answer.line for known in self.knowledge.values() if known.answer.line)
        for step in self.steps.values():
            lines = (step.line, step.again, step.slot.confirm if step.slot else None)
            yield from (line for line in lines if line)

    def talking(self) -> Iterator[Step]:
        """The steps that wait for an answer."""
        return (step for step in self.steps.values() if step.ending is None)


def content_hash(content: Mapping[str, Any]) -> str:
    """Identify a script by its content: SHA-256 over canonical JSON, 64 hexadecimal digits."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
