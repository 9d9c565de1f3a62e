"""What SIP messages passed for a call, as a ladder; telephone numbers are taken out, so that it holds nothing of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOLD = ("reason", "warning", "retry-after", "call-info", "x-fairdial-line")
"""Headers that say why: Q.850 causes, how long to wait, where a refusal by 607 or 608 may be redressed (RFC 8688); and the edge's
word over which line a call went."""

_NUMBER = re.compile(r"\d(?:[\s().-]?\d){6,}")
"""Seven figures or more, however they are spaced: the network may write a number into a reason or an address (addresses go, too)."""

MOST_MESSAGES = 64
"""Kept of one call; a call that is answered takes seven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireMessage:
    """One message.

    Attributes:
        after_ms: Milliseconds since the call's first message.
        is_ours: Whether it was sent by us.
        what: The method of a request, or status and reason of an answer: `INVITE`, `180 Ringing`.
        of: The request it belongs to, as its CSeq says: `1 INVITE`.
        has_sdp: Whether it carries a session description.
        told: Its headers that say why, as they stand but for numbers.
    """

    after_ms: int
    is_ours: bool
    what: str
    of: str
    has_sdp: bool = False
    told: tuple[str, ...] = ()


def read_message(text: str, *, is_ours: bool) -> tuple[str, WireMessage] | None:
    """The Call-ID of a SIP message, and what is kept of it, as a call's first; None when it is none."""
    first, *lines = text.partition("\r\n\r\n")[0].split("\r\n")
    headers: dict[str, str] = {}
    told = []
    for line in lines:
        name, _, value = line.partition(":")
        name = _LONG.get(name.strip().lower(), name.strip().lower())
        headers.setdefault(name, value.strip())
        if name in _TOLD:
            told.append(_without_numbers(f"{name}: {value.strip()}")[:200])
    call_id, of = headers.get("call-id"), headers.get("cseq")
    if not call_id or not of:
        return None
    what = first.removeprefix("SIP/2.0 ") if first.startswith("SIP/2.0 ") else first.partition(" ")[0]
    return call_id, WireMessage(
        after_ms=0,
        is_ours=is_ours,
        what=_without_numbers(what)[:80],
        of=_without_numbers(of)[:40],
        has_sdp=headers.get("content-type", "").startswith("application/sdp"),
        told=tuple(told[:4]),
    )


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("…", text)


_LONG = {"i": "call-id", "c": "content-type"}
"""Compact forms (RFC 3261, 7.3.3) of what is read."""
