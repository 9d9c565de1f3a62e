"""How a call is named by people: by its number or by its permit."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_PERMIT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def is_named(call: str) -> str:
    """The condition on `attempt a` for what stands in `:call`, which an index answers."""
    if _NUMBER.fullmatch(call):
        return "a.id = cast(cast(:call AS text) AS bigint)"
    if _PERMIT.fullmatch(call):
        return "a.permit_id = cast(cast(:call AS text) AS uuid)"
    return "cast(:call AS text) IS NULL"
