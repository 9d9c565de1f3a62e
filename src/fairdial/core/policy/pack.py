"""Law as data: a rule pack and its rules, as checked values. Pure; `fairdial.packs` reads the files.

A pack cannot present a default as law: `standing: law` needs a text in force
that somebody has read or seen reported (`check_pack`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from fairdial.core.policy.case import STRICT, Case, Purpose
from fairdial.core.policy.kinds import Test

PLATFORM = "*"
"""Jurisdiction of the pack that applies to every call."""

MOST_DAYS = 36_500
"""Longest span a rule or duty may name: what is longer is a slip, and dates end."""


class Standing(StrEnum):
    """`law` is in force; `default` is ours or the industry's, never law."""

    LAW = "law"
    DEFAULT = "default"


class Status(StrEnum):
    """State of the cited text on the day the pack was made."""

    IN_FORCE = "in_force"
    GUIDANCE = "guidance"
    INDUSTRY_NORM = "industry_norm"
    DRAFT = "draft"
    UNCERTAIN = "uncertain"
    OWN_CHOICE = "own_choice"


class Adjustable(StrEnum):
    """Which way a tenant may move a default; law moves towards stricter only (`core.policy.adjust`)."""

    STRICTER = "stricter"
    ANY = "any"


class Confidence(StrEnum):
    """How the cited text was seen: itself, reported by others, or not at all."""

    VERIFIED_TEXT = "verified_text"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """When a rule speaks. A fact that is not known never keeps a rule silent."""

    __pydantic_config__: ClassVar = STRICT
    purposes: frozenset[Purpose]
    regions: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    artificial_voice: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    __pydantic_config__: ClassVar = STRICT
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example that runs as a test: the pack's base case with these facts, and what this rule says."""

    __pydantic_config__: ClassVar = STRICT
    given: Mapping[str, Any]
    expect: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    __pydantic_config__: ClassVar = STRICT
    id: str
    applies_to: AppliesTo
    test: Test
    standing: Standing
    cite: str
    source: str
    status: Status
    confidence: Confidence
    reason: Reason
    effective_from: date | None = None
    effective_until: date | None = None
    adjustable: Adjustable = Adjustable.STRICTER
    examples: tuple[Example, ...] = ()

    def speaks(self, case: Case) -> bool:
        """True when the rule applies to a case, or may apply as far as is known."""
        return case.purpose in self.applies_to.purposes and self.is_about(case, case.now)

    @property
    def is_conditional(self) -> bool:
        """Whether it depends on more than the purpose if the rule speaks."""
        applies = self.applies_to
        return bool(applies.regions or applies.topics or self.effective_from or self.effective_until) or (
            applies.artificial_voice is not None
        )

    def is_about(self, case: Case, now: datetime) -> bool:
        """True when the rule speaks at an instant about a case of one of its purposes."""
        applies = self.applies_to
        region, topics, voice = case.person.region, case.campaign.topics, case.campaign.artificial_voice
        return (
            (voice is None or applies.artificial_voice is None or voice == applies.artificial_voice)
            and (
                not applies.regions
                or region is None
                or (region.startswith(applies.regions) and lies_in(region, applies.regions))
            )
            and (not applies.topics or topics is None or not topics.isdisjoint(applies.topics))
            and (self.effective_from is None or now >= _starts(self.effective_from))
            and (self.effective_until is None or now < _ends(self.effective_until))
        )


@lru_cache(maxsize=4096)
def lies_in(region: str, regions: tuple[str, ...]) -> bool:
    """Whether a region's name begins with one of `regions`; a code is not cut within a word: `US-ARIZONA` is no `US-AR`."""
    return any(
        region.startswith(name) and not _WORD.fullmatch(name[-1:] + region[len(name) : len(name) + 1])
        for name in regions
    )


_WORD = re.compile("[A-Za-z0-9]{2}")


@lru_cache(maxsize=1024)
def _starts(day: date) -> datetime:
    """When a day begins first on earth: the stricter reading."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=14))).astimezone(UTC)


@lru_cache(maxsize=1024)
def _ends(day: date) -> datetime:
    """When a day ends last on earth."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone(-timedelta(hours=12))).astimezone(UTC) + timedelta(
        days=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the law asks for after the call, such as days to keep or to answer; kept by other hands, judged by none."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    kind: str
    days: float
    standing: Standing
    cite: str
    source: str
    status: Status
    confidence: Confidence
    what: Reason
    adjustable: Adjustable = Adjustable.STRICTER


class Signal(StrEnum):
    """What people who are called make known about those who call."""

    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    SHORT_HANG_UP = "short_hang_up"
    ASKS_WHO = "asks_who"
    BLOCKED = "blocked"
    """Somebody who screens their calls refused ours (608, RFC 8688)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """When a signal stops a caller number, a line, a script or a tenant; `core.policy.brake` judges.

    Exactly one limit is set: `at_most` is a count, `at_most_ratio` a share in (0, 1) of `at_least` or more persons who
    answered; the share must be exceeded by `sure_z` standard errors, 0 for the bare share.
    """

    __pydantic_config__: ClassVar = STRICT
    id: str
    signal: Signal
    within_days: float
    at_most: int | None = None
    at_most_ratio: float | None = None
    at_least: int = 0
    sure_z: float = 0.0
    standing: Standing
    cite: str
    source: str
    status: Status
    confidence: Confidence
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """Compared by identity: what is derived from a pack is kept for that very pack (core/policy/plan.py)."""

    __pydantic_config__: ClassVar = STRICT
    jurisdiction: str
    version: str
    country_codes: frozenset[int]
    practice_prefixes: tuple[str, ...]
    zones: Mapping[str, tuple[str, ...]]
    """The regions that lie in each IANA zone, by how their names begin; one not listed has no known zone, and a
    call to one listed under several zones must be in time by all of their clocks."""
    base: Mapping[str, Any]
    """Facts of a case that may be called, from which the examples depart."""
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...] = ()
    brakes: tuple[Brake, ...] = ()
    """Judged from the platform's pack only: a line or a number serves many countries."""
