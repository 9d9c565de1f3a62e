"""What was seen of something that two may change at once: it is changed only by who saw what stands there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

NEW = ""
"""In the place of an etag: there must be nothing of this name yet."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else has changed it since; nothing was kept."""


def etag_of(*values: object) -> str:
    """Names what stands there: the same values have the same. Sets count as sorted lists, instants by when they are."""
    return sha256(json.dumps(values, default=_plain, ensure_ascii=False).encode()).hexdigest()[:32]


def is_overtaken(seen: str | None, current: str | None) -> bool:
    """Whether what was seen stands there no more.

    Args:
        seen: The etag; `NEW`; or None of who does not care.
        current: The etag of what stands there; None for nothing.
    """
    if seen is None:
        return False
    return current is not None if seen == NEW else seen != current


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)
