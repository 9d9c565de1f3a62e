"""What can happen to a conversation, one after another, from the answer on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fairdial.core.dialogue.meaning import Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingOver:
    """The person has said 喂, or has not in time: the line is free to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceHeard:
    """The person said something; `over_speech` when the system was speaking and had `unsaid_ms` left to say.

    `at` is in the person's zone; days they name are counted from it, and without it none is understood. `known` names
    an entry of the script's knowledge when somebody else than the conversation found that the sentence asks for it.
    """

    text: str
    understood: Understood
    over_speech: bool = False
    at: datetime | None = None
    known: str | None = None
    unsaid_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSustained:
    """The person has been speaking for `speech_ms` without a pause while the system speaks."""

    speech_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceElapsed:
    """Nobody has spoken for the script's `silence.after_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed:
    """The person pressed a key of the telephone: 0-9, * or #."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedSaying:
    """Everything the system was to say has been heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUp:
    """The call, or its goodbye, has lasted as long as it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorStopped:
    """The campaign is being stopped; the call says goodbye."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLost:
    """Nothing comes from the far end any more, not even silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The line is closed; everything the person said before has been heard."""


Event = (
    GreetingOver
    | SentenceHeard
    | VoiceSustained
    | SilenceElapsed
    | KeyPressed
    | FinishedSaying
    | TimeUp
    | OperatorStopped
    | SoundLost
    | HungUp
)
