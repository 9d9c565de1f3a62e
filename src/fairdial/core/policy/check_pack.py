"""What is wrong in a pack or in the parameters of a rule, beyond what types hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fairdial.core.policy.country import country_code
from fairdial.core.policy.judge_time import zone_of
from fairdial.core.policy.kinds import (
    AbandonmentTest,
    AttemptsTest,
    BasisTest,
    RefusalTest,
    RegistryTest,
    SpacingTest,
    Test,
    WindowTest,
)
from fairdial.core.policy.pack import (
    MOST_DAYS,
    PLATFORM,
    Adjustable,
    Brake,
    Confidence,
    Duty,
    Pack,
    Rule,
    Standing,
    Status,
)

MOST = 1_000_000
"""Most that a count may be: what is more is a slip."""

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
"""Dates of effect outside are slips, and calendars end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong in a pack, and the path that leads to it."""

    path: tuple[str | int, ...]
    problem: str


def check_pack(pack: Pack) -> tuple[Flaw, ...]:
    """What types cannot hold: a country's code, ids once, no default dressed as law, windows that open, brakes that stop."""
    flaws: list[Flaw] = []
    code = country_code(pack.jurisdiction)
    if pack.jurisdiction not in (PLATFORM, code):
        remedy = f"; write {code}" if code else ""
        flaws.append(Flaw(path=("jurisdiction",), problem=f"{pack.jurisdiction!r} is no ISO 3166 code{remedy}"))
    flaws += [
        Flaw(path=("zones", zone), problem=f"{zone} is no IANA time zone")
        for zone in pack.zones
        if zone_of(zone) is None
    ]
    for place, rule in enumerate(pack.rules):
        path = ("rules", place)
        flaws += [Flaw(path=(*path, "test"), problem=problem) for problem in flaws_of_test(rule.test)]
        flaws += [
            Flaw(path=(*path, name), problem=f"{day} lies outside {FIRST_DAY} to {LAST_DAY}")
            for name, day in (("effective_from", rule.effective_from), ("effective_until", rule.effective_until))
            if day is not None and not FIRST_DAY <= day <= LAST_DAY
        ]
    flaws += [
        Flaw(path=("duties", place, "days"), problem=f"days must be more than 0 and at most {MOST_DAYS:,}")
        for place, duty in enumerate(pack.duties)
        if not 0 < duty.days <= MOST_DAYS
    ]
    flaws += [
        Flaw(path=("brakes", place), problem=problem)
        for place, brake in enumerate(pack.brakes)
        if (problem := _cannot_stop(brake))
    ]
    parts: dict[str, Sequence[Rule | Duty | Brake]] = {
        "rules": pack.rules,
        "duties": pack.duties,
        "brakes": pack.brakes,
    }
    seen: set[str] = set()
    for part, stand in parts.items():
        for place, one in enumerate(stand):
            if one.id in seen:
                flaws.append(Flaw(path=(part, place, "id"), problem=f"{_ONE[part]} {one.id} stands twice"))
            seen.add(one.id)
            flaws += _false_law((part, place), one)
    return tuple(flaws)


_ONE = {"rules": "rule", "duties": "duty", "brakes": "brake"}


def _false_law(path: tuple[str, int], one: Rule | Duty | Brake) -> list[Flaw]:
    """Law is in force and was seen, and no tenant loosens it."""
    if one.standing is not Standing.LAW:
        return []
    flaws = []
    if one.status is not Status.IN_FORCE or one.confidence is Confidence.UNVERIFIED:
        flaws.append(Flaw(path=(*path, "standing"), problem=f"{one.status}, {one.confidence}: this is no law in force"))
    if not isinstance(one, Brake) and one.adjustable is Adjustable.ANY:
        flaws.append(Flaw(path=(*path, "adjustable"), problem="law may be adjusted towards stricter only"))
    return flaws


def _cannot_stop(brake: Brake) -> str | None:
    """What makes a brake one that never stops, or stops for nothing."""
    if (brake.at_most is None) == (brake.at_most_ratio is None):
        return "set either at_most or at_most_ratio"
    if brake.at_most_ratio is not None and not 0 < brake.at_most_ratio < 1:
        return "at_most_ratio lies between 0 and 1"
    if not 0 < brake.within_days <= MOST_DAYS:
        return f"within_days is more than 0 and at most {MOST_DAYS:,}"
    if not all(0 <= number <= MOST for number in (brake.at_most or 0, brake.at_least, brake.sure_z)):
        return f"at_most, at_least and sure_z are 0 or more and at most {MOST:,}"
    return None


def flaws_of_test(test: Test) -> list[str]:
    """What makes the parameters of a rule nonsense: windows that end before they start, numbers out of their bounds."""
    flaws = [
        f"{name} must be {lowest:g} or more and at most {highest:,}"
        for name, (lowest, highest) in _BOUNDS.get(type(test), {}).items()
        if (number := getattr(test, name)) is not None and not lowest <= number <= highest
    ]
    if isinstance(test, WindowTest):
        flaws += [
            f"window {w.start:%H:%M}-{w.end:%H:%M} does not start before it ends"
            for w in test.windows
            if w.start >= w.end
        ]
        flaws += [f"zones: {zone} is no IANA time zone" for zone in test.zones if zone_of(zone) is None]
    return flaws


_BOUNDS: Mapping[type[Test], Mapping[str, tuple[float, float]]] = {
    BasisTest: {"valid_days": (0, MOST_DAYS)},
    RefusalTest: {"for_days": (1, MOST_DAYS)},
    RegistryTest: {"at_most_days_old": (0, MOST_DAYS), "grace_days": (0, MOST_DAYS)},
    AttemptsTest: {"at_most": (0, MOST), "within_h": (0.01, MOST_DAYS * 24)},
    SpacingTest: {"apart_min": (0, MOST_DAYS * 1440)},
    AbandonmentTest: {"at_most_ratio": (0, 1), "within_days": (1, MOST_DAYS)},
}
"""The least and the most each number of each kind may be; None, where it may be, is no limit. A test fails when one is missing."""
