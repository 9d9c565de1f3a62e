"""Which bytes of a file are asked for (RFC 9110, section 14). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """Nothing of the file is in it."""


def asked_part(header: str | None, size: int) -> Part | Beyond | None:
    """The part a `Range` header asks for; None for the whole: no header, several parts, or another unit (section 14.2)."""
    found = _ONE.fullmatch(header or "")
    if found is None:
        return None
    first, last, ending = found.groups()
    if ending is not None:
        count = min(int(ending), size)
        return Part(first=size - count, last=size - 1) if count else Beyond()
    if last and int(last) < int(first):
        return None  # not a range at all
    if int(first) >= size:
        return Beyond()
    return Part(first=int(first), last=min(int(last), size - 1) if last else size - 1)
