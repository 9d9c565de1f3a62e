"""A tenant's own parameters for rules and duties: towards stricter, unless a default says `adjustable: any`.

Pure. `check_adjustments` names whatever is looser; `adjust` gives the packs as the tenant has them. A default is replaced. Law
stays as it is and the tenant's own stands beside it, so that nothing of the tenant's is ever shown as law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any, NamedTuple, TypeAlias

from fairdial.core.policy.case import Form, Level, Window
from fairdial.core.policy.check_pack import flaws_of_test
from fairdial.core.policy.kinds import (
    AbandonmentTest,
    AttemptsTest,
    BasisTest,
    CallerTest,
    DisclosureTest,
    RefusalTest,
    RegistryTest,
    RoleTest,
    SensitivityTest,
    SpacingTest,
    Test,
    TopicTest,
    WindowTest,
)
from fairdial.core.policy.pack import MOST_DAYS, Adjustable, Duty, Pack, Rule, Standing, Status
from fairdial.errors import CoreMisuse

OWN = "-OWN"
"""What the id of a tenant's own ends with when it stands beside law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAdjustment:
    """The test of a rule as a tenant wants it, whole: of the same kind, with every parameter."""

    rule: str
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAdjustment:
    duty: str
    days: float


Adjustment: TypeAlias = RuleAdjustment | DutyAdjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """An adjustment that may not be made: its place in the list, the parameter if it is one, and why."""

    place: int
    parameter: str | None
    zh: str
    en: str


def adjust(packs: Mapping[str, Pack], adjustments: Sequence[Adjustment], *, number: int) -> dict[str, Pack]:
    """The packs with a tenant's adjustments; a pack that is touched shows it in its version, `2026-11-24+adj3`.

    Args:
        number: Version of this tenant's adjustments, from 1.

    Raises:
        CoreMisuse: `check_adjustments` was not asked, or its answer not heeded.
    """
    if unfit := check_adjustments(packs, adjustments):
        raise CoreMisuse(f"adjustment {unfit[0].place}: {unfit[0].en}")
    tests = {a.rule: a.test for a in adjustments if isinstance(a, RuleAdjustment)}
    days = {a.duty: a.days for a in adjustments if isinstance(a, DutyAdjustment)}
    return {jurisdiction: _adjusted(pack, tests, days, number) for jurisdiction, pack in packs.items()}


def _adjusted(pack: Pack, tests: Mapping[str, Test], days: Mapping[str, float], number: int) -> Pack:
    rules = [own for rule in pack.rules for own in _own_rule(rule, tests.get(rule.id))]
    duties = [own for duty in pack.duties for own in _own_duty(duty, days.get(duty.id))]
    if (tuple(rules), tuple(duties)) == (pack.rules, pack.duties):
        return pack
    return replace(pack, version=f"{pack.version}+adj{number}", rules=tuple(rules), duties=tuple(duties))


def _own_rule(rule: Rule, test: Test | None) -> list[Rule]:
    if test is None or test == rule.test:
        return [rule]
    own = replace(
        rule, test=test, standing=Standing.DEFAULT, status=Status.OWN_CHOICE, cite=_cite(rule.cite), examples=()
    )
    return [rule, replace(own, id=rule.id + OWN)] if rule.standing is Standing.LAW else [own]


def _own_duty(duty: Duty, days: float | None) -> list[Duty]:
    if days is None or days == duty.days:
        return [duty]
    own = replace(duty, days=days, standing=Standing.DEFAULT, status=Status.OWN_CHOICE, cite=_cite(duty.cite))
    return [duty, replace(own, id=duty.id + OWN)] if duty.standing is Standing.LAW else [own]


def _cite(cite: str) -> str:
    return f"本企业的调整 the tenant's own choice, not law; of: {cite}"


def check_adjustments(packs: Mapping[str, Pack], adjustments: Sequence[Adjustment]) -> tuple[Unfit, ...]:
    """Every adjustment that may not be made: of nothing known, made twice, of no sense, or looser than may be."""
    seen: set[str] = set()
    unfit: list[Unfit] = []
    for place, one in enumerate(adjustments):
        name = one.rule if isinstance(one, RuleAdjustment) else one.duty
        problems = _unfit(packs, one)
        if name in seen:
            problems.append(Unfit(place=place, parameter=None, zh=f"{name} 出现了两次", en=f"{name} stands twice"))
        seen.add(name)
        unfit += [replace(problem, place=place) for problem in problems]
    return tuple(unfit)


def _unfit(packs: Mapping[str, Pack], one: Adjustment) -> list[Unfit]:
    if isinstance(one, RuleAdjustment):
        rules = [rule for pack in packs.values() for rule in pack.rules if rule.id == one.rule]
        problems = [problem for rule in rules for problem in _unfit_test(rule, one.test)]
        return problems if rules else [_unknown(one.rule)]
    duties = [duty for pack in packs.values() for duty in pack.duties if duty.id == one.duty]
    problems = [problem for duty in duties for problem in _unfit_days(duty, one.days)]
    return problems if duties else [_unknown(one.duty)]


def _unknown(name: str) -> Unfit:
    return Unfit(place=0, parameter=None, zh=f"没有 {name}", en=f"{name} is not known")


def _unfit_test(rule: Rule, test: Test) -> list[Unfit]:
    if type(test) is not type(rule.test):
        return [Unfit(place=0, parameter="kind", zh="规则的种类不能改", en="the kind of a rule cannot be changed")]
    if broken := flaws_of_test(test):
        return [Unfit(place=0, parameter=None, zh="参数没有意义", en=problem) for problem in broken]
    if rule.adjustable is Adjustable.ANY:
        return []
    orders = _ORDERS.get(type(test), {})
    return [
        _looser(name, order, before)
        for name in (field.name for field in fields(test) if field.name != "kind")
        if not (order := orders.get(name, _SAME)).holds(before := getattr(rule.test, name), getattr(test, name))
    ]


def _unfit_days(duty: Duty, days: float) -> list[Unfit]:
    """Keeping longer is stricter; so is answering sooner."""
    if not 0 < days <= MOST_DAYS:
        en = f"days must be more than 0 and at most {MOST_DAYS:,}"
        return [Unfit(place=0, parameter="days", zh=f"天数须大于 0,不超过 {MOST_DAYS}", en=en)]
    order = _NO_LESS if duty.kind.startswith("keep_") else _NO_MORE
    if duty.adjustable is Adjustable.ANY or order.holds(duty.days, days):
        return []
    return [_looser("days", order, duty.days)]


def _looser(name: str, order: _Order, before: object) -> Unfit:
    shown = _shown(before)
    return Unfit(
        place=0,
        parameter=name,
        zh=f"{name} 只能更严:{order.zh} {shown}",
        en=f"{name} may only become stricter: {order.en} {shown}",
    )


def _shown(value: object) -> str:
    match value:
        case frozenset() | tuple():
            return ", ".join(sorted(map(_shown, value))) or "nothing 无"
        case Window(start=start, end=end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case None:
            return "no limit 不限"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


class _Order(NamedTuple):
    """When a parameter `after` is as strict as `before` or stricter, and how that is said."""

    holds: Callable[[Any, Any], bool]
    zh: str
    en: str


def _size(value: float | None) -> float:
    """No limit in days is for ever."""
    return inf if value is None else value


def _within(before: tuple[Window, ...], after: tuple[Window, ...]) -> bool:
    """True when every minute of every day that `after` opens is open in `before`."""
    return all(
        any(start <= w.start and w.end <= end for start, end in _spans(before, day)) for w in after for day in w.days
    )


def _spans(windows: tuple[Window, ...], day: str) -> list[tuple[Any, Any]]:
    """The windows of a day in order, those that touch joined."""
    joined: list[tuple[Any, Any]] = []
    for start, end in sorted((w.start, w.end) for w in windows if day in w.days):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _covered(prefixes: tuple[str, ...], by: tuple[str, ...]) -> bool:
    return all(prefix.startswith(by) for prefix in prefixes)


def _ranked(values: Sequence[str], *, up: bool) -> _Order:
    """An order of words, weaker first."""
    if up:
        return _Order(lambda b, a: values.index(a) >= values.index(b), "不弱于", "no weaker than")
    return _Order(lambda b, a: values.index(a) <= values.index(b), "不高于", "no higher than")


_SAME = _Order(lambda before, after: before == after, "不能改,为", "it cannot be changed from")
_NO_MORE = _Order(lambda before, after: _size(after) <= _size(before), "不大于", "no more than")
_NO_LESS = _Order(lambda before, after: _size(after) >= _size(before), "不小于", "no less than")
_PART_OF = _Order(lambda before, after: after <= before, "只能取自", "some of")
_ALL_OF = _Order(lambda before, after: after >= before, "须包括", "all of")
_MORE_CLOCKS = _Order(lambda b, a: bool(b) == bool(a) and set(a) >= set(b), "须包括", "all of")
"""More clocks that must all be open; reading other clocks than the person's is another rule, neither way."""
_WITHIN = _Order(_within, "须在其内:", "within")
_NARROWER = _Order(lambda b, a: not b or (bool(a) and _covered(a, b)), "须在其内:", "ranges within")
_WIDER = _Order(lambda before, after: _covered(before, after), "须包括", "all of")
_FORM = _ranked(list(Form), up=True)

_ORDERS: Mapping[type[Test], Mapping[str, _Order]] = {
    BasisTest: {
        "accepts": _PART_OF,
        "form": _FORM,
        "valid_days": _NO_MORE,
        "names_artificial_voice": _NO_LESS,
    },
    RefusalTest: {"for_days": _NO_LESS},
    RegistryTest: {"at_most_days_old": _NO_MORE, "grace_days": _NO_MORE, "lifted_by": _PART_OF, "form": _FORM},
    WindowTest: {
        "windows": _WITHIN,
        "zones": _MORE_CLOCKS,
        "skips_holidays": _NO_LESS,
        "lifted_by_consent_to_hours": _NO_MORE,
    },
    AttemptsTest: {"at_most": _NO_MORE, "within_h": _NO_LESS, "counts": _ranked(["tenant", "everybody"], up=True)},
    SpacingTest: {"apart_min": _NO_LESS},
    DisclosureTest: {"says": _ALL_OF},
    CallerTest: {"e164": _NO_LESS, "only_prefixes": _NARROWER, "never_prefixes": _WIDER},
    RoleTest: {"never": _ALL_OF},
    AbandonmentTest: {"at_most_ratio": _NO_MORE},
    TopicTest: {"never": _ALL_OF, "lifted_by": _PART_OF},
    SensitivityTest: {"at_most": _ranked(list(Level), up=False)},
}
"""For each kind its parameters and which way is stricter; what is not here cannot be changed."""
