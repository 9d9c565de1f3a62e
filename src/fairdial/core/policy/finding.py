"""What one rule finds in a case, and how findings combine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    ALLOW = "allow"
    WAIT = "wait"
    DENY = "deny"


Facts = Mapping[str, object]
"""Facts a rule saw, by the name they have in a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An outcome with its detail; `until` is set exactly when it is `wait`."""

    outcome: Outcome
    zh: str = ""
    en: str = ""
    until: datetime | None = None
    facts: Facts = field(default_factory=dict)


def allow(**facts: object) -> Finding:
    return Finding(outcome=Outcome.ALLOW, facts=facts)


def deny(zh: str, en: str, **facts: object) -> Finding:
    return Finding(outcome=Outcome.DENY, zh=zh, en=en, facts=facts)


def wait(until: datetime, zh: str, en: str, **facts: object) -> Finding:
    return Finding(outcome=Outcome.WAIT, zh=zh, en=en, until=until, facts=facts)


def unknown(fact: str, zh: str) -> Finding:
    """Unknown is no, and the missing fact is named."""
    return deny(f"缺少事实:{zh}", f"fact missing: {fact}", **{fact: None})


def strictest(findings: Iterable[tuple[Outcome, datetime | None]]) -> tuple[Outcome, datetime | None]:
    """`deny` if any denies, else the latest `wait`, else `allow`."""
    latest: datetime | None = None
    for outcome, until in findings:
        if outcome is Outcome.DENY:
            return Outcome.DENY, None
        if outcome is Outcome.WAIT and until is not None and (latest is None or until > latest):
            latest = until
    return (Outcome.WAIT, latest) if latest is not None else (Outcome.ALLOW, None)
