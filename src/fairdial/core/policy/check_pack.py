"""What is wrong in a pack or in the parameters of a rule, beyond what types hold. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairdial.core.policy.country import country_code
from fairdial.core.policy.judge_time import zone_of
from fairdial.core.policy.kinds import AttemptsTest, RefusalTest, SpacingTest, Test, WindowTest
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
    seen: set[str] = set()
    for place, rule in enumerate(pack.rules):
        path = ("rules", place)
        if rule.id in seen:
            flaws.append(Flaw(path=(*path, "id"), problem=f"rule {rule.id} stands twice"))
        seen.add(rule.id)
        flaws += [Flaw(path=(*path, "test"), problem=problem) for problem in flaws_of_test(rule.test)]
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
    for part, stand in parts.items():
        flaws += [flaw for place, one in enumerate(stand) for flaw in _false_law((part, place), one)]
    return tuple(flaws)


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
    if brake.within_days <= 0 or brake.at_least < 0 or brake.sure_z < 0 or (brake.at_most or 0) < 0:
        return "within_days is more than 0; at_most, at_least and sure_z are 0 or more"
    return None


def flaws_of_test(test: Test) -> list[str]:
    """What makes the parameters of a rule nonsense."""
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
        case AttemptsTest(at_most=at_most, within_h=within_h) if at_most < 0 or not 0 < within_h <= MOST_DAYS * 24:
            return [f"at_most must be 0 or more, within_h more than 0 and at most {MOST_DAYS * 24:,}"]
        case SpacingTest(apart_min=apart_min) if not 0 <= apart_min <= MOST_DAYS * 1440:
            return [f"apart_min must be 0 or more and at most {MOST_DAYS * 1440:,}"]
        case RefusalTest(for_days=for_days) if for_days is not None and not 0 < for_days <= MOST_DAYS:
            return [f"for_days must be more than 0 and at most {MOST_DAYS:,}; without it a refusal is for good"]
        case _:
            return []
