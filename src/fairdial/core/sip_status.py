"""What a SIP final status says: of the call, of the line, of our number, and whether a phone may have rung. Pure; one table.

Source:
    RFC 3261 section 21; 607 RFC 8197; 608 RFC 8688; 422 RFC 4028; 436-438 RFC 8224; 421 and 580 RFC 3261 and 3312.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fairdial.core.call_record import Disposition


class Blame(StrEnum):
    """Whom a status speaks of: `nobody` when it says how the person's telephone is, as a busy tone does."""

    NOBODY = "nobody"
    LINE = "line"
    NUMBER = "number"
    """Our caller number is not wanted, by the person or by somebody who screens their calls."""
    PERSON = "person"
    """The person says that our calls are unwanted: a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMeaning:
    """What one status means.

    Attributes:
        lies_before: Whether it is given before the called side is reached, so that without 18x no phone rang.
    """

    disposition: Disposition
    blame: Blame = Blame.NOBODY
    lies_before: bool = False


_FAULT = StatusMeaning(disposition=Disposition.FAILED, blame=Blame.LINE)
_FAULT_BEFORE = StatusMeaning(disposition=Disposition.FAILED, blame=Blame.LINE, lies_before=True)
_FORWARDED = StatusMeaning(disposition=Disposition.FORWARDED)
_INVALID = StatusMeaning(disposition=Disposition.INVALID_NUMBER)
_NO_ANSWER = StatusMeaning(disposition=Disposition.NO_ANSWER)
_BUSY = StatusMeaning(disposition=Disposition.BUSY)
_BLOCKED = StatusMeaning(disposition=Disposition.REJECTED, blame=Blame.NUMBER)

MEANINGS = {
    300: _FORWARDED,
    301: _FORWARDED,
    302: _FORWARDED,
    380: _FORWARDED,
    305: _FAULT,  # the trunk leads elsewhere; nobody follows it without a permit
    401: _FAULT_BEFORE,
    402: StatusMeaning(disposition=Disposition.CALLER_ARREARS, blame=Blame.LINE),
    403: _FAULT,  # the trunk forbids us, and may do so for this person: nothing another line should be asked about
    404: _INVALID,
    407: _FAULT_BEFORE,
    408: _NO_ANSWER,
    410: _INVALID,
    421: _FAULT_BEFORE,
    422: _FAULT_BEFORE,
    436: _FAULT,
    437: _FAULT,
    438: _FAULT,
    480: _NO_ANSWER,
    484: _INVALID,
    486: _BUSY,
    487: _NO_ANSWER,
    500: _FAULT_BEFORE,
    501: _FAULT_BEFORE,
    502: _FAULT_BEFORE,
    503: _FAULT_BEFORE,
    504: _FAULT,  # another server was waited for: it may have rung the phone
    505: _FAULT_BEFORE,
    513: _FAULT_BEFORE,
    580: _FAULT_BEFORE,
    600: _BUSY,
    603: _BLOCKED,
    604: _INVALID,
    607: StatusMeaning(disposition=Disposition.REJECTED, blame=Blame.PERSON),
    608: _BLOCKED,
}
"""The statuses that say something; any other only that the call failed."""

_UNKNOWN = StatusMeaning(disposition=Disposition.FAILED)
_SERVER = StatusMeaning(disposition=Disposition.FAILED, blame=Blame.LINE)
"""A 5xx nobody has heard of: the line's fault, and no more is certain."""


def meaning_of(status: int | None) -> StatusMeaning:
    """What a final status means; None is a call that ended without one."""
    if status is None:
        return _UNKNOWN
    return MEANINGS.get(status, _SERVER if 500 <= status < 600 else _UNKNOWN)
