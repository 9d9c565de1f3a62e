"""What is wrong with a script, where, and what to write instead. Pure values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

Path = tuple[str | int, ...]
"""Keys and places that lead from the script's root to a value."""


class Severity(StrEnum):
    """An `error` keeps a script from being approved; a `warning` does so under `--strict`."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong; `rule` is its stable name, `at_key` says that the key is meant and not its value."""

    rule: str
    path: Path
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    severity: Severity = Severity.ERROR
    at_key: bool = False
    cite: str | None = None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    found = get_close_matches(word.lower(), [*known], n=1, cutoff=0.6)
    return found[0] if found else None


def meant(word: str, known: Iterable[str]) -> tuple[str, str]:
    """A remedy in both languages for a word nobody knows: the nearest one, or all there are."""
    names = sorted(known)
    if (near := nearest(word, names)) is not None:
        return f"是不是 {near}?", f"did you mean {near}?"
    shown = ", ".join(names[:24]) + (" …" if len(names) > 24 else "")
    return (f"可用的有 {shown}", f"known are {shown}") if names else ("删掉它", "remove it")
