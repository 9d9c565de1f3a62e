"""Server-sent events: from the lines of a stream to what they tell (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """One event; `data` as the contract describes it for `kind`, and `id` to go on from."""

    kind: str
    data: Any
    id: str | None


def told(lines: Iterable[str]) -> Iterator[LiveEvent]:
    """The events of a stream; comments and an event that was cut off are left out."""
    kind, data, last = "message", list[str](), None
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield LiveEvent(kind=kind, data=json.loads("\n".join(data)), id=last)
            kind, data = "message", []
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif name == "id":
            last = value
