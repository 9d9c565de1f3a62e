"""Law as data: a rule pack and its rules.

Pure: turns the parsed content of a pack file into checked values, or raises
`PackError` naming the rule and the field. Reads no file itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any

from fairdial.core.policy.case import Purpose

JsonValue = str | int | float | bool | None | list[Any] | dict[str, Any]


class PackError(ValueError):
    """A rule pack cannot be used; the message names the pack, the rule and the field."""


class Standing(StrEnum):
    """`law` is in force and read from its text; `default` is ours or the industry's, never law."""

    LAW = "law"
    DEFAULT = "default"


class RuleKind(StrEnum):
    BASIS = "basis"
    REFUSAL = "refusal"
    CALLING_WINDOW = "calling_window"
    ATTEMPTS = "attempts"
    SPACING = "spacing"
    APPROVED_SCRIPT = "approved_script"
    SERVED = "served"
    CALL_BACK = "call_back"
    REACHABLE_LINE = "reachable_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A daily calling window in the person's local time: start included, end excluded."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; only the parameters of its kind are set (see `_PARAMETERS`)."""

    id: str
    kind: RuleKind
    purposes: frozenset[Purpose]
    standing: Standing
    cite: str
    source: str
    reason_zh: str
    reason_en: str
    windows: tuple[Window, ...] = ()
    skips_holidays: bool = False
    accepts: frozenset[str] = frozenset()
    at_most: int = 0
    within_h: float = 0.0
    apart_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    jurisdiction: str
    version: str
    country_codes: frozenset[int]
    practice_prefixes: tuple[str, ...]
    zones: Mapping[str, tuple[str, ...]]
    """The regions that lie in each IANA zone, by how their names begin; a region not listed has no known zone."""
    rules: tuple[Rule, ...]


_PARAMETERS: Mapping[RuleKind, frozenset[str]] = {
    RuleKind.BASIS: frozenset({"accepts"}),
    RuleKind.CALLING_WINDOW: frozenset({"windows", "skips_holidays"}),
    RuleKind.ATTEMPTS: frozenset({"at_most", "within_h"}),
    RuleKind.SPACING: frozenset({"apart_min"}),
}
_REQUIRED = ("id", "kind", "purposes", "standing", "cite", "source", "reason")
_OPTIONAL = ("parameters",)


def parse_pack(content: Mapping[str, Any], *, name: str) -> Pack:
    """Check the parsed YAML of a pack; `name` is the file's name for messages."""
    for field in ("jurisdiction", "version", "country_codes", "practice_prefixes", "zones", "rules"):
        if field not in content:
            raise PackError(f"{name}: field {field!r} is missing")
    rules = tuple(_parse_rule(item, name=name) for item in content["rules"])
    ids = [rule.id for rule in rules]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise PackError(f"{name}: rule {twice[0]} stands twice")
    return Pack(
        jurisdiction=str(content["jurisdiction"]),
        version=str(content["version"]),
        country_codes=frozenset(int(code) for code in content["country_codes"]),
        practice_prefixes=tuple(str(prefix) for prefix in content["practice_prefixes"]),
        zones={str(zone): tuple(str(r) for r in regions) for zone, regions in content["zones"].items()},
        rules=rules,
    )


def _parse_rule(item: Mapping[str, Any], *, name: str) -> Rule:
    where = f"{name}: rule {item.get('id', '?')}"
    missing = [field for field in _REQUIRED if field not in item]
    unknown = [field for field in item if field not in (*_REQUIRED, *_OPTIONAL)]
    if missing or unknown:
        raise PackError(f"{where}: missing {missing}, unknown {unknown}")
    try:
        kind = RuleKind(item["kind"])
        given = dict(item.get("parameters") or {})
        if set(given) != _PARAMETERS.get(kind, frozenset()):
            raise PackError(
                f"{where}: kind {kind} takes parameters {sorted(_PARAMETERS.get(kind, ()))}, got {sorted(given)}"
            )
        if "windows" in given:
            given["windows"] = tuple(_parse_window(text) for text in given["windows"])
        if "accepts" in given:
            given["accepts"] = frozenset(str(x) for x in given["accepts"])
        return Rule(
            id=str(item["id"]),
            kind=kind,
            purposes=frozenset(Purpose(p) for p in item["purposes"]),
            standing=Standing(item["standing"]),
            cite=str(item["cite"]),
            source=str(item["source"]),
            reason_zh=str(item["reason"]["zh"]),
            reason_en=str(item["reason"]["en"]),
            **given,
        )
    except (KeyError, ValueError, TypeError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{where}: {error}") from error


def _parse_window(text: str) -> Window:
    start, _, end = text.partition("-")
    window = Window(start=time.fromisoformat(start), end=time.fromisoformat(end))
    if window.start >= window.end:
        raise ValueError(f"window {text} does not start before it ends")
    return window
