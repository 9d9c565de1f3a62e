"""The stack's own trace of SIP, taken apart by call; nothing of it is written to a log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from fairdial.core.wire import MOST_MESSAGES, WireMessage, read_message

_TRACE = logging.getLogger("baresip.native.sip")

_MOST_CALLS = 1000
"""Kept at once, the newest; a call's are taken when it is recorded."""


class WireLog(logging.Handler):
    """Messages by Call-ID, of the calls whose INVITE we sent.

    The stack tells of each on a thread of its own, as `TX UDP from -> to`, a line feed, and the message.
    """

    def __init__(self, later: Callable[[Callable[[], None]], object]) -> None:
        super().__init__()
        self._later = later
        self._of: dict[str, list[tuple[float, WireMessage]]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        at, text = time.monotonic(), record.getMessage()
        self._later(lambda: self._take(at, text))

    def _take(self, at: float, text: str) -> None:
        way, _, message = text.partition("\n")
        read = read_message(message, is_ours=way.startswith("TX"))
        if read is None:
            return
        call_id, passed = read
        if call_id not in self._of:
            if not passed.is_ours or passed.what != "INVITE":
                return
            self._of[call_id] = []
            if len(self._of) > _MOST_CALLS:
                del self._of[next(iter(self._of))]
        kept = self._of[call_id]
        if len(kept) < MOST_MESSAGES:
            after_ms = round(1000 * (at - kept[0][0])) if kept else 0
            kept.append((at, replace(passed, after_ms=after_ms)))

    def of(self, call_id: str | None) -> tuple[WireMessage, ...]:
        """What has passed for a call so far, in order."""
        return tuple(message for _, message in self._of.get(call_id or "", ()))

    def has_status(self, call_id: str | None, status: int) -> bool:
        """Whether an answer with this status has passed for a call."""
        return any(not message.is_ours and message.what.startswith(f"{status} ") for message in self.of(call_id))

    def forget(self, call_id: str | None) -> None:
        self._of.pop(call_id or "", None)


@contextmanager
def listening_to_wire() -> Iterator[WireLog]:
    """Takes the trace of the process's one stack until left."""
    loop = asyncio.get_running_loop()

    def later(work: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(work)

    log = WireLog(later)
    _TRACE.addHandler(log)
    _TRACE.setLevel(logging.DEBUG)
    _TRACE.propagate = False  # it holds numbers
    try:
        yield log
    finally:
        _TRACE.removeHandler(log)
        _TRACE.setLevel(logging.NOTSET)
