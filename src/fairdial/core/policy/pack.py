"""Law as data: a rule pack and its rules, as checked values. Pure; `fairdial.packs` reads the files.

A pack cannot present a default as law: `standing: law` needs a text in force
that somebody has read or seen reported (`check_pack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from fairdial.core.policy.case import STRICT, Case, Purpose
from fairdial.core.policy.country import country_code
from fairdial.core.policy.judge_time import zone_of
from fairdial.core.policy.kinds import AttemptsTest, SpacingTest, Test, WindowTest

PLATFORM = "*"
"""Jurisdiction of the pack that applies to every call."""


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
            and (not applies.regions or region is None or region.startswith(applies.regions))
            and (not applies.topics or topics is None or not topics.isdisjoint(applies.topics))
            and (self.effective_from is None or now >= _starts(self.effective_from))
            and (self.effective_until is None or now < _ends(self.effective_until))
        )


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """Compared by identity: what is derived from a pack is kept for that very pack (core/policy/plan.py)."""

    __pydantic_config__: ClassVar = STRICT
    jurisdiction: str
    version: str
    country_codes: frozenset[int]
    practice_prefixes: tuple[str, ...]
    zones: Mapping[str, tuple[str, ...]]
    """The regions that lie in each IANA zone, by how their names begin; a region not listed has no known zone."""
    base: Mapping[str, Any]
    """Facts of a case that may be called, from which the examples depart."""
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong in a pack, and the path that leads to it."""

    path: tuple[str | int, ...]
    problem: str


def check_pack(pack: Pack) -> tuple[Flaw, ...]:
    """What types cannot hold: a country's code, ids once, no default dressed as law, windows that open."""
    flaws: list[Flaw] = []
    code = country_code(pack.jurisdiction)
    if pack.jurisdiction not in (PLATFORM, code):
        remedy = f"; write {code}" if code else ""
        flaws.append(Flaw(path=("jurisdiction",), problem=f"{pack.jurisdiction!r} is no ISO 3166 code{remedy}"))
    seen: set[str] = set()
    for place, rule in enumerate(pack.rules):
        path = ("rules", place)
        if rule.id in seen:
            flaws.append(Flaw(path=(*path, "id"), problem=f"rule {rule.id} stands twice"))
        seen.add(rule.id)
        if rule.standing is Standing.LAW and not _is_law(rule.status, rule.confidence):
            flaws.append(
                Flaw(path=(*path, "standing"), problem=f"{rule.status}, {rule.confidence}: this is no law in force")
            )
        flaws += [Flaw(path=(*path, "test"), problem=problem) for problem in _flawed(rule.test)]
    flaws += [
        Flaw(path=("duties", place, "standing"), problem=f"{duty.status}, {duty.confidence}: this is no law in force")
        for place, duty in enumerate(pack.duties)
        if duty.standing is Standing.LAW and not _is_law(duty.status, duty.confidence)
    ]
    return tuple(flaws)


def _is_law(status: Status, confidence: Confidence) -> bool:
    return status is Status.IN_FORCE and confidence is not Confidence.UNVERIFIED


def _flawed(test: Test) -> list[str]:
    match test:
        case WindowTest(windows=windows, zones=zones):
            return [
                *(
                    f"window {w.start:%H:%M}-{w.end:%H:%M} does not start before it ends"
                    for w in windows
                    if w.start >= w.end
                ),
                *(f"zones: {zone} is no IANA time zone" for zone in zones if zone_of(zone) is None),
            ]
        case AttemptsTest(at_most=at_most, within_h=within_h) if at_most < 0 or within_h <= 0:
            return ["at_most must be 0 or more and within_h more than 0"]
        case SpacingTest(apart_min=apart_min) if apart_min < 0:
            return ["apart_min must be 0 or more"]
        case _:
            return []
