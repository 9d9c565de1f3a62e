"""The people of a text rehearsal: what they want, how patient they are, how they say things. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fairdial.core.dialogue.meaning import Meaning


class Goal(StrEnum):
    """What somebody wants of the call, or what stands in the way of it."""

    ACCEPT = "accept"
    UNDECIDED = "undecided"
    REFUSE_SOFT = "refuse_soft"
    REFUSE_HARD = "refuse_hard"
    BUSY = "busy"
    ASK_HUMAN = "ask_human"
    WRONG_NUMBER = "wrong_number"
    THIRD_PARTY = "third_party"
    VULNERABLE = "vulnerable"
    ASSISTANT = "assistant"
    SILENT = "silent"


class Tired(StrEnum):
    """What somebody does whose patience is at its end."""

    HANG_UP = "hang_up"
    REFUSE_SOFT = "refuse_soft"
    REFUSE_HARD = "refuse_hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One kind of people; chances are in [0, 1].

    Attributes:
        share: How many of them there are, beside the shares of the others.
        speaks: Their way of speaking; what it lacks is said in Mandarin.
        patience: How often they answer before they are tired of it.
        asks: Chance of asking something, each time they could, until they have asked it once.
        curious: The same for the questions of the script's own knowledge.
        gives_in: Chance of a yes to the one question that follows a polite no.
        hums: Chance of humming into one of our lines.
        interrupts: Chance of answering before a line is over.
        quiet: Chance of saying nothing when it is their turn.
        hangs_up: Chance of hanging up instead of answering.
    """

    name: str
    zh: str
    en: str
    share: float
    goal: Goal
    speaks: str
    patience: int
    when_tired: Tired
    asks: Mapping[Meaning, float]
    curious: float
    gives_in: float
    hums: float
    interrupts: float
    quiet: float
    hangs_up: float


MANDARIN = "mandarin"

SITUATIONS = frozenset(
    {
        "accept.who", "accept.fact", "accept.offer", "deny.who", "deny.fact", "refuse_soft.short",
        "hesitate", "time", "filler", "farewell",
    }
)  # fmt: skip
"""Ways of speaking beside one for each meaning: a yes to "is that you?" is another than one to an offer."""

Ways = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Way of speaking → meaning or situation → sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody who may answer, and how they talk."""

    people: tuple[Person, ...]
    ways: Ways

    def sentences(self, speaks: str, *keys: str) -> tuple[str, ...]:
        """How somebody says the first of these that has a way: their own ways before those of Mandarin."""
        for key in keys:
            if own := self.ways[speaks].get(key) or self.ways[MANDARIN].get(key):
                return own
        return ()
