"""Notes taken during a call, turned into its record at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fairdial.core.call_record import Turn
from fairdial.core.dialogue.meaning import Understood
from fairdial.voice.sound import TELEPHONE_RATE

At = Callable[[int], datetime]
"""From a position on the call's clock, in samples, to the ledger's time."""


@dataclass(slots=True, kw_only=True)
class Note:
    """One turn being written; positions are samples on the call's clock."""

    heard: str | None = None
    understood: Understood | None = None
    heard_until: int | None = None
    said: str | None = None
    said_from: int | None = None
    step: str | None = None
    interrupted: bool = False
    answers: dict[str, str] = field(default_factory=dict)

    def turn(self, at: At) -> Turn:
        gap = None
        if self.heard_until is not None and self.said_from is not None:
            gap = (self.said_from - self.heard_until) * 1000 // TELEPHONE_RATE
        return Turn(
            heard=self.heard,
            understood=self.understood,
            heard_at=at(self.heard_until) if self.heard_until is not None else None,
            said=self.said,
            said_at=at(self.said_from) if self.said_from is not None else None,
            step=self.step,
            gap_ms=gap,
            interrupted=self.interrupted,
            answers=self.answers,
        )


@dataclass(slots=True)
class Notes:
    """The turns of one call, in order."""

    items: list[Note] = field(default_factory=list)

    def heard(self, text: str, understood: Understood, *, until: int) -> None:
        self.items.append(Note(heard=text, understood=understood, heard_until=until))

    def answered(self, slot: str, value: str) -> None:
        """Our latest question was answered; the answer stands beside the words it was read from."""
        if not self.items:
            self.items.append(Note())
        self.items[-1].answers[slot] = value

    def said(self, text: str, *, step: str | None) -> None:
        """Put our words, and the script's step they belong to, beside the sentence they answer, or in a turn of their own."""
        if not self.items or self.items[-1].said is not None:
            self.items.append(Note())
        self.items[-1].said, self.items[-1].step = text, step

    def first_sound(self, position: int | None) -> None:
        """Our latest words became audible at `position`; None while nothing of them was heard."""
        latest = self._latest_said()
        if latest is not None:
            latest.said_from = position

    def interrupted(self) -> None:
        """Our latest words were stopped for good."""
        latest = self._latest_said()
        if latest is not None:
            latest.interrupted = True

    def first_said_from(self) -> int | None:
        return next((note.said_from for note in self.items if note.said_from is not None), None)

    def has_heard(self) -> bool:
        return any(note.heard for note in self.items)

    def turns(self, at: At) -> tuple[Turn, ...]:
        return tuple(note.turn(at) for note in self.items)

    def _latest_said(self) -> Note | None:
        return next((note for note in reversed(self.items) if note.said is not None), None)
