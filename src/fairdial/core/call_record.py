"""What one call leaves behind: plain values that the ledger stores and the report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fairdial.core.dialogue.log import Log
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.wire import WireMessage

NETWORK_SILENT = "network_silent"
"""Outcome of a call to which the network never said a word."""

NETWORK_SLOW = "network_slow"
"""Outcome of a call that the network took up and brought nowhere."""

LINE_REFUSED = "line_refused"
"""Outcome of a call of which no INVITE left: our own line did not let it out, or the network took no connection."""

WITHDRAWN = "withdrawn"
"""Outcome of a call we gave up because the person refused elsewhere while it was being set up."""


class Disposition(StrEnum):
    """How an attempt ended on the network; `cancelled` when we gave it up before an answer.

    `barred`: the person or the network lets our calls not through; `forwarded`: the call leads to another number;
    `caller_arrears`: our own line is not paid; `call_reminder`: the network tells the person that we called.
    """

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    POWERED_OFF = "powered_off"
    SUSPENDED = "suspended"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    BARRED = "barred"
    FORWARDED = "forwarded"
    CALLER_ARREARS = "caller_arrears"
    VOICEMAIL = "voicemail"
    CALL_REMINDER = "call_reminder"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_DIALLED = "not_dialled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing heard and what was answered; either may be missing.

    `gap_ms` runs from the end of the person's speech to the first sound of the answer;
    `interrupted` says that the person stopped the answer for good. `answers` are values by slot; `step` is the script's
    step that was said.
    """

    heard: str | None
    understood: Understood | None
    heard_at: datetime | None
    said: str | None
    said_at: datetime | None
    gap_ms: int | None
    interrupted: bool
    answers: Mapping[str, str] = field(default_factory=dict)
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    disposition: Disposition
    sip_status: int | None
    announcement: str | None
    call_id: str | None
    answered_at: datetime | None
    ended_at: datetime
    goodbye_ended_at: datetime | None
    first_word_ms: int | None
    grade: str
    outcome: str | None
    recording: str | None
    turns: tuple[Turn, ...]
    log: Log | None = None
    """What the conversation was decided from; None when nobody answered."""
    recording_key: bytes | None = field(default=None, repr=False)
    """Opens the recording when it is sealed."""
    wire: tuple[WireMessage, ...] = ()
    """The SIP messages that passed."""

    @property
    def end(self) -> CallEnd:
        """What a run's progress is told."""
        return CallEnd(disposition=self.disposition, outcome=self.outcome, grade=self.grade)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """How a call ended, without anything of the person's."""

    disposition: Disposition
    outcome: str | None
    grade: str
