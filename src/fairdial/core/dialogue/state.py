"""The states of a conversation. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HUNG_UP, STOPPED, SOUND_LOST, TIME_UP = "hung_up", "stopped", "sound_lost", "time_up"
"""Outcomes no script has: the person left, the campaign was stopped, the sound was gone, the call took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the person called.

    `values` are the script's variables by name; `key` is the same whenever the person is called, and shares people out.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The person has answered and nothing has been said yet."""

    facts: Facts = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking:
    """The conversation is at one step of the script; `pending` is an answer that waits to be confirmed."""

    facts: Facts = Facts()
    step: str
    persuasions: int = 0
    silences: int = 0
    unclear: int = 0
    interest: str | None = None
    pending: str | None = None
    has_heard: bool = False
    owed: frozenset[str] = frozenset()
    """Messages that are owed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The conversation is over; what it left behind. The line may stay open until the goodbye has been said."""

    step: str
    grade: str
    outcome: str
    refusal: str | None = None
    """The kind that was recorded last."""


State = Waiting | Talking | Ended
