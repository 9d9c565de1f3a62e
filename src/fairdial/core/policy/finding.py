"""What one rule finds in a case, and how findings combine. Pure.

A rule that allows costs a comparison: every judge returns the same `ALLOW`. Words
are templates with their values, and facts are looked up, only when somebody reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Outcome(StrEnum):
    ALLOW = "allow"
    WAIT = "wait"
    DENY = "deny"


Facts = Mapping[str, object]
"""Facts a rule saw, by the name they have in a case."""


class Finding(NamedTuple):
    """An outcome with its detail; `until` is set exactly when it is `wait`.

    `zh` and `en` are templates for `values` (`str.format`). `facts` is set where they are not those the kind of rule
    always looks at.
    """

    outcome: Outcome
    zh: str = ""
    en: str = ""
    values: tuple[object, ...] = ()
    until: datetime | None = None
    facts: Facts | None = None


ALLOW = Finding(Outcome.ALLOW)
"""Nothing stands against the call."""

SILENT = Finding(Outcome.ALLOW)
"""The rule does not speak about this case; told from `ALLOW` by identity."""

_WAIT, _DENY = Outcome.WAIT, Outcome.DENY  # a member read from its class costs more than a whole judge
_new = tuple.__new__  # `Finding(…)` costs twice as much


def deny(zh: str, en: str, *values: object, facts: Facts | None = None) -> Finding:
    return _new(Finding, (_DENY, zh, en, values, None, facts))


def wait(until: datetime, zh: str, en: str, *values: object) -> Finding:
    return _new(Finding, (_WAIT, zh, en, values, until, None))


@lru_cache(maxsize=1024)
def unknown(fact: str, zh: str) -> Finding:
    """Unknown is no, and the missing fact is named."""
    return deny("缺少事实:{1}", "fact missing: {0}", fact, zh, facts={fact: None})


def strictest(findings: Iterable[Finding]) -> tuple[Outcome, datetime | None]:
    """`deny` if any denies, else the latest `wait`, else `allow`."""
    latest: datetime | None = None
    for finding in findings:
        if finding is ALLOW:
            continue
        if finding.outcome is _DENY:
            return _DENY, None
        if finding.until is not None and (latest is None or finding.until > latest):
            latest = finding.until
    return (ALLOW.outcome, None) if latest is None else (_WAIT, latest)


@lru_cache(maxsize=1024)
def in_order(words: frozenset[str]) -> tuple[str, ...]:
    """A set as facts show it."""
    return tuple(sorted(words))
