"""Where log lines go: to standard error, as words or as JSON; neither carries a number, a name or a sentence."""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from fairdial.errors import FairdialError
from fairdial.settings import has_json_log

_CALL: ContextVar[Mapping[str, object]] = ContextVar("call", default=MappingProxyType({}))
"""What the call of this task is known by."""

_NUMBER = re.compile(r"\+\d{7,}|(?<![\w-])1[3-9]\d{9}(?![\w-])|(?<![\w-])0\d{2,3}-?\d{7,8}(?![\w-])")
"""What looks like a telephone number: E.164, a mobile or a fixed number of the mainland. A net under the rule that none is logged."""


def open_log(form: str = "%(levelname)s %(name)s: %(message)s", *, environment: Mapping[str, str] = os.environ) -> None:
    """Show warnings, and as JSON what a run does, too; libraries that say too much are told to be quiet.

    Args:
        form: Of lines that are not JSON.
    """
    handler = logging.StreamHandler()
    is_json = has_json_log(environment)
    handler.setFormatter(JsonForm() if is_json else Words(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if is_json:
        logging.getLogger("fairdial").setLevel(logging.INFO)
    logging.getLogger("baresip").setLevel(logging.CRITICAL)
    logging.getLogger("procrastinate").setLevel(
        logging.CRITICAL
    )  # it prints a traceback of every message that is not taken
    logging.getLogger("jieba").setLevel(logging.WARNING)


@contextmanager
def about_call(*, attempt: int, permit: UUID) -> Iterator[None]:
    """Whatever is logged inside, by this task and those it starts, is about this call, whose trace has its permit's id."""
    token = _CALL.set({"attempt": attempt, "trace_id": permit.hex})
    try:
        yield
    finally:
        _CALL.reset(token)


class Words(logging.Formatter):
    """A line for people, masked."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonForm(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, `process`; in a call `attempt` and `trace_id`; an `error`.

    An error is told by its type, its places and, if it is ours, its code: what a library writes into one may be anything.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            "process": record.process,
        }
        line |= _CALL.get()
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line["error"] = _told(error)
        return json.dumps(line, ensure_ascii=False)


def _told(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    told: dict[str, object] = {"type": type(error).__qualname__, "at": places}
    return told | {"code": error.code} if isinstance(error, FairdialError) else told


def masked(text: str) -> str:
    """The text with `…` for what looks like a telephone number."""
    return _NUMBER.sub("…", text)
