"""What somebody is asked at each step of a script, as they would know who listens. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, auto

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.state import Talking
from fairdial.core.script.model import Script, Slot, Step
from fairdial.core.script.speech import VARIABLE


class Question(StrEnum):
    """WHO: are you this person; CONFIRM: was it understood right; OPEN: nothing in particular."""

    WHO = auto()
    FACT = auto()
    OFFER = auto()
    TIME = auto()
    SLOT = auto()
    CONFIRM = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question.

    Attributes:
        slot: What is asked for, if something is.
        counts_points: Whether a number is one of points (分).
        may_deny: Whether a plain no answers it too.
        pending: The value that is to be confirmed.
    """

    question: Question
    slot: Slot | None = None
    counts_points: bool = False
    may_deny: bool = False
    pending: str | None = None


class Questions:
    """The questions of one script."""

    def __init__(self, script: Script) -> None:
        self._names = {v.name for v in script.variables.values() if v.source == "salutation"}
        self._asked = {step.name: self._of(script, step) for step in script.talking()}

    def at(self, state: Talking) -> Asked:
        asked = self._asked[state.step]
        if state.pending is None:
            return asked
        return replace(asked, question=Question.CONFIRM, pending=state.pending)

    def _of(self, script: Script, step: Step) -> Asked:
        text = "".join(text for line in (step.line, step.again) if line for text in script.lines[line])
        if step.slot is not None:
            return Asked(
                question=Question.SLOT,
                slot=step.slot,
                counts_points="分" in text,
                may_deny=Meaning.DENY in step.next,
            )
        if step.question == "fact" and not self._names.isdisjoint(VARIABLE.findall(text)):
            return Asked(question=Question.WHO)
        return Asked(question=Question(step.question) if step.question else Question.OPEN)
