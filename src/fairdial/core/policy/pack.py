"""Law as data: a rule pack and its rules, as checked values. Pure; `fairdial.packs` reads the files.

A pack cannot present a default as law: `standing: law` needs a text in force
that somebody has read or seen reported (`check_pack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, ClassVar

from fairdial.core.policy.case import STRICT, Case, Purpose
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
        applies = self.applies_to
        if case.purpose not in applies.purposes:
            return False
        if (self.effective_from or self.effective_until) and not self._is_effective(case.now):
            return False
        if applies.regions and case.person.region is not None and not case.person.region.startswith(applies.regions):
            return False
        if applies.topics and case.campaign.topics is not None and not case.campaign.topics & applies.topics:
            return False
        voice = case.campaign.artificial_voice
        return applies.artificial_voice is None or voice is None or voice == applies.artificial_voice

    def _is_effective(self, now: datetime) -> bool:
        """A date begins when it begins first on earth and ends when it ends last: the stricter reading."""
        return (self.effective_from is None or now >= _starts(self.effective_from)) and (
            self.effective_until is None or now < _ends(self.effective_until)
        )


def _starts(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=14)))


def _ends(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone(-timedelta(hours=12))) + timedelta(days=1)


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


class Signal(StrEnum):
    """What people who are called make known about those who call."""

    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    SHORT_HANG_UP = "short_hang_up"
    ASKS_WHO = "asks_who"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
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
    brakes: tuple[Brake, ...] = ()
    """Judged from the platform's pack only: a line or a number serves many countries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong in a pack, and the path that leads to it."""

    path: tuple[str | int, ...]
    problem: str


def check_pack(pack: Pack) -> tuple[Flaw, ...]:
    """What types cannot hold: ids once, no default dressed as law, windows that open."""
    flaws: list[Flaw] = []
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
    entries: list[tuple[tuple[str, int], Duty | Brake]] = [
        *((("duties", place), duty) for place, duty in enumerate(pack.duties)),
        *((("brakes", place), brake) for place, brake in enumerate(pack.brakes)),
    ]
    flaws += [
        Flaw(path=(*path, "standing"), problem=f"{entry.status}, {entry.confidence}: this is no law in force")
        for path, entry in entries
        if entry.standing is Standing.LAW and not _is_law(entry.status, entry.confidence)
    ]
    flaws += [
        Flaw(path=("brakes", place), problem=problem)
        for place, brake in enumerate(pack.brakes)
        if (problem := _cannot_stop(brake))
    ]
    return tuple(flaws)


def _cannot_stop(brake: Brake) -> str | None:
    """What makes a brake one that never stops, or stops for nothing."""
    if (brake.at_most is None) == (brake.at_most_ratio is None):
        return "set either at_most or at_most_ratio"
    if brake.at_most_ratio is not None and not 0 < brake.at_most_ratio < 1:
        return "at_most_ratio lies between 0 and 1"
    if brake.within_days <= 0 or brake.at_least < 0 or brake.sure_z < 0 or (brake.at_most or 0) < 0:
        return "within_days is more than 0; at_most, at_least and sure_z are 0 or more"
    return None


def _is_law(status: Status, confidence: Confidence) -> bool:
    return status is Status.IN_FORCE and confidence is not Confidence.UNVERIFIED


def _flawed(test: Test) -> list[str]:
    match test:
        case WindowTest(windows=windows):
            return [
                f"window {w.start:%H:%M}-{w.end:%H:%M} does not start before it ends"
                for w in windows
                if w.start >= w.end
            ]
        case AttemptsTest(at_most=at_most, within_h=within_h) if at_most < 0 or within_h <= 0:
            return ["at_most must be 0 or more and within_h more than 0"]
        case SpacingTest(apart_min=apart_min) if apart_min < 0:
            return ["apart_min must be 0 or more"]
        case _:
            return []
