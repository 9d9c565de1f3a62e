"""A call while it lives, as those who watch it see it: where it is in its script, our latest words and the person's.

A value, replaced at each change; who watches wants the newest, so that one that was never told is no loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a call has come."""

    DIALING = "dialing"
    TALKING = "talking"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """One call now.

    Attributes:
        step: Of the script; None before the first word.
        said: What we say, or said last.
        heard: What the person says or said last; a guess while not `is_final`, which has no meaning yet.
        said_last: Whether our words are newer than theirs.
    """

    attempt_id: int
    stage: Stage
    answered_at: str | None = None
    step: str | None = None
    said: str | None = None
    heard: str | None = None
    is_final: bool = True
    meaning: str | None = None
    confidence: float | None = None
    said_last: bool = True


Tell = Callable[[LiveCall], None]
"""Takes a call's newest state and never waits."""


def told_to_nobody(_call: LiveCall) -> None:
    """Nobody watches."""


def written_live(call: LiveCall) -> dict[str, Any]:
    """A live call as plain JSON values."""
    return asdict(call)


def read_live(value: dict[str, Any]) -> LiveCall:
    """The live call of `written_live`."""
    return LiveCall(**(value | {"stage": Stage(value["stage"])}))
