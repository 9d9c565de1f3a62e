"""What the setting-up of one call shows of its line, and whether a phone may have rung. Pure: what passed on the wire in, values out.

Where something is not known for certain, a phone may have rung.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, NETWORK_SLOW, CallRecord, Disposition
from fairdial.core.dialogue.state import SOUND_LOST
from fairdial.core.sip_status import Blame, meaning_of
from fairdial.core.wire import MOST_MESSAGES, WireMessage

MOST_RETRY_AFTER_S = 3600
"""What a network asks for beyond an hour is not believed: it would take the line out for good."""

FALSE_ANSWER = timedelta(seconds=1.5)
"""Who answers and hangs up sooner has heard less than two words; people who do are few (docs/why/lines.md)."""

_ADDRESS = re.compile(r"<(https?://[^>\s]{1,150})>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalling:
    """What the messages of one call tell.

    Attributes:
        post_dial_ms: From the INVITE to the first 18x or 2xx; None without one.
        has_early_media: Whether a provisional response carried a session description.
        retry_after_s: How long a refusal asks us to stay away, at most `MOST_RETRY_AFTER_S`.
        redress: Where a screened call may be complained about (RFC 8688): an address on the web, nothing of a person.
        surely_unrung: Whether it is certain that no phone rang.
    """

    post_dial_ms: int | None = None
    has_early_media: bool = False
    retry_after_s: int | None = None
    redress: str | None = None
    surely_unrung: bool = False


def read_signalling(record: CallRecord) -> Signalling:
    """What the set-up of a call shows."""
    answers = [message for message in record.wire if not message.is_ours and message.of.endswith(" INVITE")]
    rung = next((one for one in answers if _status(one) > 100 and _status(one) < 300), None)
    return Signalling(
        post_dial_ms=rung.after_ms if rung else None,
        has_early_media=any(one.has_sdp for one in answers if 100 < _status(one) < 200),
        retry_after_s=_retry_after(answers),
        redress=_redress(answers),
        surely_unrung=surely_unrung(record),
    )


def surely_unrung(record: CallRecord) -> bool:
    """Whether it is certain that no phone rang: another line may be tried, and the attempt is no contact.

    The network refused before the called side was reached, or nothing left us; no 18x or 2xx came, by a trace that is whole;
    and we did not give the call up ourselves, which may cross with anything.
    """
    if record.disposition is not Disposition.FAILED or record.answered_at is not None or record.announcement:
        return False
    if record.outcome == LINE_REFUSED:
        return record.sip_status is None and not record.wire
    if record.outcome is not None or not meaning_of(record.sip_status).lies_before:
        return False
    return _is_whole(record.wire, record.sip_status)


def _is_whole(wire: Sequence[WireMessage], status: int | None) -> bool:
    """Whether a trace begins with our INVITE, ends in this status, and holds nothing between that may have rung a phone."""
    if not wire or len(wire) >= MOST_MESSAGES or wire[0].what != "INVITE" or not wire[0].is_ours:
        return False
    if any(message.is_ours and message.what not in ("INVITE", "ACK") for message in wire):
        return False
    statuses = [_status(message) for message in wire if not message.is_ours and message.of.endswith(" INVITE")]
    return bool(statuses) and statuses[-1] == status and not any(100 < one < 300 for one in statuses)


def _status(message: WireMessage) -> int:
    """The status of an answer; 199 for what cannot be read, which may have rung anything."""
    first = message.what.partition(" ")[0]
    return int(first) if len(first) == 3 and first.isdigit() else 199


def _told(answers: Sequence[WireMessage], name: str) -> list[str]:
    return [told.partition(":")[2].strip() for one in answers for told in one.told if told.startswith(f"{name}:")]


def _retry_after(answers: Sequence[WireMessage]) -> int | None:
    """Seconds (RFC 3261, 20.33): digits, perhaps a comment and parameters."""
    read = [re.match(r"[0-9]{1,9}", value) for value in _told(answers, "retry-after")]
    waits = [int(found.group()) for found in read if found]
    return min(max(waits), MOST_RETRY_AFTER_S) if waits else None


def _redress(answers: Sequence[WireMessage]) -> str | None:
    for value in _told(answers, "call-info"):
        if found := _ADDRESS.search(value):
            return found.group(1)
    return None


def is_faulty(record: CallRecord) -> bool:
    """Whether a call that has ended speaks against its line: reason to weigh it at once."""
    is_refused = record.disposition is Disposition.FAILED and meaning_of(record.sip_status).blame is Blame.LINE
    is_mute = record.outcome in (NETWORK_SILENT, NETWORK_SLOW, LINE_REFUSED, SOUND_LOST)
    return is_refused or is_mute or record.disposition is Disposition.CALLER_ARREARS


class Fault(StrEnum):
    """What may be wrong with a line."""

    SILENT = "silent"
    SERVER_ERROR = "server_error"
    NOT_LET_OUT = "not_let_out"
    ARREARS = "arrears"
    ONE_WAY = "one_way"
    NO_EARLY_MEDIA = "no_early_media"
    SLOW = "slow"
    FALSE_ANSWER = "false_answer"
    ASKED_TO_WAIT = "asked_to_wait"
    NO_PROBE = "no_probe"
    """It does not answer OPTIONS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """One call that has ended, as its line sees it; `lasted` runs from an answer to the end."""

    person: int
    dialled_at: datetime
    ended_at: datetime
    disposition: Disposition
    outcome: str | None = None
    status: int | None = None
    post_dial_ms: int | None = None
    has_early_media: bool = False
    retry_after_s: int | None = None
    lasted: timedelta | None = None
    took_leave: bool = False

    @property
    def hard_fault(self) -> Fault | None:
        """What kept the call from being set up, if that was the line's fault."""
        if self.disposition is Disposition.CALLER_ARREARS:
            return Fault.ARREARS
        if self.outcome == NETWORK_SILENT:
            return Fault.SILENT
        if self.outcome == NETWORK_SLOW:
            return Fault.SLOW
        if self.outcome == LINE_REFUSED:
            return Fault.NOT_LET_OUT
        is_refused = self.disposition is Disposition.FAILED and meaning_of(self.status).blame is Blame.LINE
        return Fault.SERVER_ERROR if is_refused else None

    @property
    def was_answered(self) -> bool:
        return self.lasted is not None

    @property
    def is_one_way(self) -> bool:
        """Answered, and no sound came."""
        return self.outcome == SOUND_LOST

    @property
    def is_false_answer(self) -> bool:
        """Answered, and gone before anything could be heard, by the far end."""
        return self.lasted is not None and self.lasted <= FALSE_ANSWER and not self.took_leave
