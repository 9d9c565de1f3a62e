"""What one rule finds in a case, and how findings combine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    ALLOW = "allow"
    WAIT = "wait"
    DENY = "deny"


Facts = Mapping[str, object]
"""Facts a rule saw, by the name they have in a case."""


class Finding(NamedTuple):
    """An outcome with its detail; `until` is set exactly when it is `wait`. A tuple: one is made for every rule."""

    outcome: Outcome
    facts: Facts
    zh: str = ""
    en: str = ""
    until: datetime | None = None


def allow(**facts: object) -> Finding:
    return Finding(Outcome.ALLOW, facts)


def deny(zh: str, en: str, **facts: object) -> Finding:
    return Finding(Outcome.DENY, facts, zh, en)


def wait(until: datetime, zh: str, en: str, **facts: object) -> Finding:
    return Finding(Outcome.WAIT, facts, zh, en, until)


def unknown(fact: str, zh: str) -> Finding:
    """Unknown is no, and the missing fact is named."""
    return deny(f"缺少事实:{zh}", f"fact missing: {fact}", **{fact: None})


class Spoken(Protocol):
    """Something with an outcome."""

    @property
    def outcome(self) -> Outcome: ...

    @property
    def until(self) -> datetime | None: ...


def strictest(spoken: Iterable[Spoken]) -> tuple[Outcome, datetime | None]:
    """`deny` if any denies, else the latest `wait`, else `allow`."""
    waits: list[datetime] = []
    for one in spoken:
        outcome = one.outcome
        if outcome is Outcome.DENY:
            return outcome, None
        if outcome is Outcome.WAIT and one.until is not None:
            waits.append(one.until)
    return (Outcome.WAIT, max(waits)) if waits else (Outcome.ALLOW, None)
