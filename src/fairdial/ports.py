"""The ports between rooms of hands; `fairdial.app` joins them.

A line carries calls: signals in order through `next_signal`, sound as s16le mono
at 8000 Hz. It dials with a spent permit and nothing else. A call keeps its book in
the ledger and hears through ears. `tests/line/contract.py` is what any line passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fairdial.core.call_record import CallRecord
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.state import State
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.core.permit import Permit, SpentPermit
from fairdial.core.script.model import Script
from fairdial.core.wire import WireMessage

PERMIT_HEADER = "X-Fairdial-Permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """180: the person's phone rings, or the network says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyMedia:
    """183 with SDP: sound can be heard although nobody has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """200: somebody or something has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """The person pressed a key (RFC 4733): 0-9, * or #."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The call is over. `status` is the SIP status that refused it, None after an answer.

    `is_unsent`: no INVITE left, because the network took no connection.
    """

    status: int | None
    reason: str
    is_unsent: bool = False


Signal = Ringing | EarlyMedia | Answered | Pressed | Closed


class LineCall(Protocol):
    """One call on a line; `read` and `write` never block."""

    @property
    def call_id(self) -> str | None:
        """The SIP Call-ID, once the INVITE is on its way."""

    @property
    def is_taken_up(self) -> bool:
        """Whether the network has answered the INVITE with anything, be it 100 only."""

    def take_wire(self) -> tuple[WireMessage, ...]:
        """The SIP messages that have passed for this call, once; the last answer may be still on its way."""

    async def next_signal(self) -> Signal:
        """Wait for the next signal; after `Closed` there is none."""

    def read(self) -> bytes:
        """Take all sound received since the last read; empty when none or when there is no media."""

    def write(self, pcm: bytes) -> None:
        """Queue sound; what does not fit or has no media to go to is dropped."""

    def flush(self) -> None:
        """Discard queued sound that has not been sent."""

    async def hang_up(self) -> None:
        """End the call, CANCEL or BYE; harmless when it is over."""


class Line(Protocol):
    """A SIP trunk with room for `capacity` calls at once."""

    @property
    def name(self) -> str: ...

    @property
    def capacity(self) -> int: ...

    async def dial(self, spent: SpentPermit) -> LineCall:
        """Send the INVITE this permit allows, with the permit's id in its header.

        Raises:
            LineError: The line is full or closed; no INVITE was sent.
            UncertainLineError: The stack does not answer; the INVITE may have left.
        """


class Ears(Protocol):
    """Speech to words to meaning; runs beside the voice clock, never on it."""

    async def words(self, samples: npt.NDArray[np.int16], hints: Hints = NO_HINTS) -> str:
        """Recognise one utterance, 8000 Hz; empty when nothing is intelligible or no recogniser answers."""

    async def meaning(self, text: str) -> Understood:
        """Understand one sentence."""


class Recogniser(Protocol):
    """Speech to words, by one engine; `tests/voice/recogniser_contract.py` is what any passes."""

    async def recognise(self, samples: npt.NDArray[np.int16], hints: Hints) -> Recognised:
        """Write down one utterance, s16 mono, 8000 Hz, up to 29 s; no words when none were said.

        `confidence` is 1.0 from an engine that tells none.

        Raises:
            RecognitionError: The engine failed, or its answer is none.
        """


class Chooser(Protocol):
    """Somebody outside who is asked what a doubtful sentence means, and may only choose."""

    async def settle(self, script: Script, state: State, heard: SentenceHeard) -> SentenceHeard:
        """The sentence with the meaning chosen for it, or as it was; returns within the chooser's time limit."""


class CallBook(Protocol):
    """What a call writes down, and the one way to spend its permit."""

    async def now(self) -> datetime:
        """The ledger's clock."""

    async def redeem(self, permit: Permit) -> SpentPermit:
        """Spend the permit.

        Raises:
            PermitError: It is used, expired, altered, or the person has refused since.
        """

    async def placed(self, permit: Permit, *, call_id: str | None) -> None:
        """Note under which Call-ID the INVITE is on its way."""

    async def lose(self, permit: Permit) -> None:
        """Nobody knows whether the INVITE left: the attempt is unknown from now on."""

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        """Record a refusal; returns once it is durable."""

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None:
        """Keep a call-back the person asked for."""

    async def owe(self, permit: Permit, *, kind: str, name: str, content: Mapping[str, Any]) -> None:
        """Keep what is owed after the call: a `message` with its text, or a `hand_over`; once each, durable on return."""

    async def end(self, permit: Permit, record: CallRecord) -> None:
        """Write how the attempt ended."""
