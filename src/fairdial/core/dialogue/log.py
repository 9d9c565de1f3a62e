"""The log of a conversation as plain JSON values: what happened to it, when, and what it did.

`read_log(written_log(log)) == log`. The log holds the person's words: it is kept sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any, get_args

from fairdial.core.dialogue.actions import Action
from fairdial.core.dialogue.events import Event, SentenceHeard
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import Moment, retrace
from fairdial.core.dialogue.state import Facts
from fairdial.core.script.model import Script
from fairdial.errors import InputError

FORMAT = 1

_EVENTS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_ACTIONS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Action)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event, `at_ms` after the answer, and the actions it got."""

    at_ms: int
    event: Event
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Everything a conversation was decided from, and what was decided."""

    script: str
    """Content hash."""
    facts: Facts
    entries: tuple[Entry, ...]

    def moments(self, script: Script) -> Iterator[Moment]:
        """The conversation gone through again, for what is read from it once it is over."""
        return retrace(script, self.facts, (entry.event for entry in self.entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first event, counted from 1, that would be answered otherwise today."""

    entry: int
    recorded: tuple[Action, ...]
    today: tuple[Action, ...]


def replay(script: Script, log: Log) -> Difference | None:
    """Feed the log's events again; None when every action is the recorded one."""
    for number, (entry, moment) in enumerate(zip(log.entries, log.moments(script), strict=True), start=1):
        if entry.actions != moment.actions:
            return Difference(entry=number, recorded=entry.actions, today=moment.actions)
    return None


def written_log(log: Log) -> dict[str, Any]:
    """The log as plain JSON values."""
    return {
        "format": FORMAT,
        "script": log.script,
        "values": dict(log.facts.values),
        "key": log.facts.key,
        "entries": [
            {
                "at_ms": entry.at_ms,
                "event": written(entry.event),
                "actions": [written(action) for action in entry.actions],
            }
            for entry in log.entries
        ],
    }


def read_log(content: Mapping[str, Any]) -> Log:
    """Read what `written_log` wrote.

    Raises:
        InputError: It is of another format, or something is missing from it.
    """
    if content.get("format") != FORMAT:
        raise InputError(f"the log has format {content.get('format')!r}, this version reads {FORMAT} 通话记录格式不符")
    try:
        return Log(
            script=content["script"],
            facts=Facts(values=content["values"], key=content["key"]),
            entries=tuple(
                Entry(
                    at_ms=entry["at_ms"],
                    event=_event(entry["event"]),
                    actions=tuple(_read(_ACTIONS, action) for action in entry["actions"]),
                )
                for entry in content["entries"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the log is damaged 通话记录已损坏: {error!r}") from error


def written(value: Event | Action) -> dict[str, Any]:
    """One event or action as plain JSON values, `is` naming its kind."""
    return {"is": type(value).__name__} | {f.name: _plain(getattr(value, f.name)) for f in fields(value)}


def _plain(value: Any) -> Any:
    match value:
        case Understood():
            return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
        case _:
            return value


def _event(written: Mapping[str, Any]) -> Event:
    event: Event = _read(_EVENTS, written)
    return event


def _read(kinds: Mapping[str, type[Any]], written: Mapping[str, Any]) -> Any:
    given = dict(written)
    kind = kinds[given.pop("is")]
    if kind is SentenceHeard:
        given["understood"] = Understood(**given["understood"] | {"meaning": Meaning(given["understood"]["meaning"])})
        given["at"] = given["at"] and datetime.fromisoformat(given["at"])
    return kind(**{name: _tuples(value) for name, value in given.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
