"""What SIP messages passed for a call, as a ladder: without numbers, addresses or what was said of people."""

from __future__ import annotations

from dataclasses import dataclass

_TOLD = ("reason", "warning", "retry-after", "call-info")
"""Headers that say why: Q.850 causes, how long to wait, where a refusal by 607 or 608 may be redressed (RFC 8688)."""

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
        told: Its headers that say why, as they stand.
    """

    after_ms: int
    is_ours: bool
    what: str
    of: str
    has_sdp: bool = False
    told: tuple[str, ...] = ()


def read_message(text: str) -> tuple[str, str, str, bool, tuple[str, ...]] | None:
    """Call-ID, what, of, has_sdp and told of a SIP message as it travelled; None when it is none."""
    head, _, _body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    told = []
    for line in lines:
        name, _, value = line.partition(":")
        name = _LONG.get(name.strip().lower(), name.strip().lower())
        headers.setdefault(name, value.strip())
        if name in _TOLD:
            told.append(f"{name}: {value.strip()}"[:200])
    call_id, of = headers.get("call-id"), headers.get("cseq")
    if not call_id or not of:
        return None
    what = first.removeprefix("SIP/2.0 ") if first.startswith("SIP/2.0 ") else first.partition(" ")[0]
    return call_id, what[:80], of[:40], headers.get("content-type", "").startswith("application/sdp"), tuple(told[:4])


_LONG = {"i": "call-id", "c": "content-type"}
"""Compact forms (RFC 3261, 7.3.3) of what is read."""
