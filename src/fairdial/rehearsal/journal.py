"""The practice network's own record of everything that reached it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from fairdial.errors import InputError


class Happened(StrEnum):
    INVITE = "invite"
    RING = "ring"
    EARLY = "early"
    ANSWER = "answer"
    BYE = "bye"
    CANCEL = "cancel"
    REJECT = "reject"


class By(StrEnum):
    """Who sent the BYE: a persona of this network, or the caller under test."""

    NETWORK = "network"
    CALLER = "caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallName:
    """Which call a line of the journal is about, as its INVITE named it."""

    to: str
    caller: str
    call_id: str
    permit: str | None


class Journal(AbstractContextManager["Journal"]):
    """Appends one JSON object a line to `network.jsonl`, flushed at once.

    Args:
        path: Created or continued; its folder exists.
        clock: The time of the rehearsal, UTC.

    Raises:
        InputError: The file cannot be written.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
        self._clock = clock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, happened: Happened, call: CallName, *, status: int | None = None, by: By | None = None) -> None:
        """Write one event; `status` belongs to `reject`, `by` to `bye`."""
        line: dict[str, str | int | None] = {
            "t": self._clock().isoformat(timespec="milliseconds"),
            "event": happened,
            "to": call.to,
            "from": call.caller,
            "call_id": call.call_id,
            "permit": call.permit,
        }
        if status is not None:
            line["status"] = status
        if by is not None:
            line["by"] = by
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
