"""A tenant's adjustments: stricter is taken, looser is refused with the parameter, and nothing opens."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import time, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.adjust import (
    Adjustment,
    DutyAdjustment,
    RuleAdjustment,
    adjust,
    check_adjustments,
)
from fairdial.core.policy.case import (
    EVERY_DAY,
    Abandonment,
    Basis,
    Case,
    Contacted,
    Form,
    Level,
    Registry,
    Role,
    Says,
    Window,
)
from fairdial.core.policy.check_pack import check_pack, flaws_of_test
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.kinds import RegistryTest, Test, TopicTest
from fairdial.core.policy.pack import MOST_DAYS, Adjustable, Pack, Rule, Standing
from fairdial.core.policy.plan import judge
from fairdial.errors import CoreMisuse
from fairdial.packs import with_calendars
from tests.core.cases import CN_MORNING, PACKS, a_case, a_consent, a_refusal, changed
from tests.core.drawn import cases

JURISDICTION = {rule.id: pack.jurisdiction for pack in PACKS.values() for rule in pack.rules}
RULES = {rule.id: rule for pack in PACKS.values() for rule in pack.rules}


def to(rule: str, **parameters: Any) -> RuleAdjustment:
    return RuleAdjustment(rule=rule, test=replace(RULES[rule].test, **parameters))


def said(*adjustments: Adjustment) -> list[str | None]:
    return [unfit.parameter for unfit in check_adjustments(PACKS, adjustments)]


def hours(*spans: tuple[int, int], days: Any = EVERY_DAY) -> tuple[Window, ...]:
    return tuple(Window(start=time(a), end=time(b), days=days) for a, b in spans)


STRICTER = [
    to("CN-ATTEMPTS-WEEK", at_most=2, within_h=200.0),
    to("CN-SPACING", apart_min=240.0),
    to("CN-HOURS-SERVICE", windows=hours((10, 12), (14, 18), days=("mon", "tue"))),
    to("CN-HOURS-MARKETING", windows=()),
    to("CN-BASIS-SERVICE", accepts=frozenset({Basis.CONSENT}), form=Form.WRITTEN, valid_days=90),
    to("CN-AI-LABEL", says=frozenset({Says.ARTIFICIAL_VOICE, Says.CALLER})),
    to("PLATFORM-SENSITIVE", at_most=Level.GENERAL),
    to("CN-CALL-CENTRE", never=frozenset(Role)),
    to("CALLER-OWN", only_prefixes=("+8610",), never_prefixes=("+86400",)),
]
LOOSER = [
    (to("CN-ATTEMPTS-WEEK", at_most=4), "at_most"),
    (to("CN-ATTEMPTS-WEEK", within_h=100.0), "within_h"),
    (to("CN-ATTEMPTS-WEEK", counts="tenant"), "counts"),
    (to("CN-SPACING", apart_min=119.0), "apart_min"),
    (to("CN-HOURS-SERVICE", windows=hours((8, 20))), "windows"),
    (to("CN-HOURS-SERVICE", skips_holidays=False), "skips_holidays"),
    (to("CN-HOURS-MARKETING", windows=hours((9, 20))), "windows"),
    (to("CN-BASIS-MARKETING", accepts=frozenset(Basis)), "accepts"),
    (to("CN-AI-LABEL", says=frozenset()), "says"),
    (to("PLATFORM-SENSITIVE", at_most=Level.SENSITIVE), "at_most"),
    (to("PLATFORM-REFUSAL", for_days=60), "for_days"),
    (to("CN-CALL-CENTRE", never=frozenset()), "never"),
    (to("US-ARTIFICIAL-MARKETING", form=Form.EXPRESS), "form"),
    (to("US-ARTIFICIAL-MARKETING", names_artificial_voice=False), "names_artificial_voice"),
    (to("FR-OPT-IN", valid_days=None), "valid_days"),
    (to("FR-CALLER", never_prefixes=("+33891", "089", "118")), "never_prefixes"),
    (to("FR-BANNED-TOPICS", never=frozenset({"renewable_energy_equipment"})), "never"),
    (to("FR-BANNED-TOPICS", lifted_by=frozenset(Basis)), "lifted_by"),
]


@pytest.mark.parametrize("adjustment", STRICTER, ids=lambda a: a.rule)
def test_stricter_is_taken(adjustment: RuleAdjustment) -> None:
    assert said(adjustment) == []


@pytest.mark.parametrize(("adjustment", "parameter"), LOOSER, ids=lambda value: getattr(value, "rule", value))
def test_looser_is_refused_and_the_parameter_named_in_both_languages(adjustment: Any, parameter: str) -> None:
    [unfit] = check_adjustments(PACKS, [adjustment])
    assert unfit.parameter == parameter and "只能更严" in unfit.zh and "only become stricter" in unfit.en
    with pytest.raises(CoreMisuse):
        adjust(PACKS, [adjustment], number=1)


def test_windows_that_touch_are_one_window() -> None:
    halves = replace(RULES["CN-HOURS-SERVICE"], test=to("CN-HOURS-SERVICE", windows=hours((9, 12), (12, 20))).test)
    packs = {"CN": replace(PACKS["CN"], rules=(halves,))}
    assert check_adjustments(packs, [to("CN-HOURS-SERVICE", windows=hours((11, 13)))]) == ()


def test_what_is_unknown_twice_or_nonsense_is_refused() -> None:
    twice = to("CN-SPACING", apart_min=200.0)
    nonsense = to("CN-HOURS-SERVICE", windows=hours((12, 10)))
    assert said(DutyAdjustment(duty="X", days=1), twice, twice, nonsense) == [None, None, None]
    assert said(to("CN-SPACING", apart_min=float("inf")), to("CN-ATTEMPTS-DAY", within_h=float("nan"))) == [None, None]


@pytest.mark.parametrize("number", [-99_999_999_999, 99_999_999_999, float("nan"), float("inf")])
def test_no_number_of_any_rule_is_absurd(number: float) -> None:
    """`at_most_days_old: -99999999999` was stored, and every verdict after it was a traceback."""
    seen = {}
    for rule in RULES.values():
        for field in fields(rule.test):
            if set(str(field.type).split(" | ")) & {"int", "float"}:
                one = to(rule.id, **{field.name: number})
                assert flaws_of_test(one.test) and check_adjustments(PACKS, [one])
                seen[rule.test.kind, field.name] = rule.id
    assert len(seen) == 9 and flaws_of_test(to(seen["attempts", "within_h"], within_h=0.0).test)


def test_numbers_at_their_bounds_are_decided() -> None:
    case = a_case(
        permission__basis=Basis.CONSENT,
        permission__consents=(a_consent(),),
        person__refusals=(a_refusal(),),
        person__contacted=(Contacted(at=CN_MORNING),),
    )
    widest: dict[str, Any] = {"at_most_days_old": MOST_DAYS, "grace_days": MOST_DAYS, "valid_days": MOST_DAYS, "for_days": MOST_DAYS,
              "within_h": MOST_DAYS * 24.0, "apart_min": MOST_DAYS * 1440.0}  # fmt: skip
    packs = {
        j: replace(pack, rules=tuple(
            replace(r, test=replace(r.test, **{f.name: widest[f.name] for f in fields(r.test) if f.name in widest}))
            for r in pack.rules
        ))
        for j, pack in PACKS.items()
    }  # fmt: skip
    assert decide(case, packs).outcome is Outcome.DENY


@pytest.mark.parametrize("windows", [(), hours((9, 20), days=())])
def test_no_windows_and_windows_of_no_days_are_never_open(windows: tuple[Window, ...]) -> None:
    packs = adjust(PACKS, [to("CN-HOURS-SERVICE", windows=windows)], number=1)
    verdict = decide(a_case(), packs)
    assert verdict.outcome is Outcome.DENY
    assert [o.rule_id for o in verdict.opinions if o.outcome is Outcome.DENY] == ["CN-HOURS-SERVICE"]


def test_a_default_is_replaced_and_law_stays_with_the_tenants_own_beside_it() -> None:
    packs = adjust(PACKS, [to("CN-SPACING", apart_min=240.0), to("CN-AI-LABEL", says=frozenset(Says))], number=3)
    rules = {rule.id: rule for rule in packs["CN"].rules}
    assert packs["CN"].version == f"{PACKS['CN'].version}+adj3" and packs["US"] is PACKS["US"]
    assert rules["CN-AI-LABEL"] == RULES["CN-AI-LABEL"]
    assert rules["CN-AI-LABEL-OWN"].standing is rules["CN-SPACING"].standing is Standing.DEFAULT
    assert "not law" in rules["CN-AI-LABEL-OWN"].cite and len(rules) == len(PACKS["CN"].rules) + 1
    assert all(check_pack(pack) == () for pack in packs.values())


def test_a_verdict_says_that_adjustments_were_applied() -> None:
    verdict = decide(a_case(), adjust(PACKS, [to("CN-HOURS-SERVICE", windows=hours((10, 12)))], number=3))
    assert verdict.outcome is Outcome.WAIT and f"CN {PACKS['CN'].version}+adj3" in verdict.pack_versions


def test_a_law_to_keep_may_be_kept_longer_and_a_time_to_answer_shortened_only() -> None:
    assert (
        said(DutyAdjustment(duty="CN-KEEP-RECORDINGS", days=60), DutyAdjustment(duty="CN-COMPLAINT-CLOSE", days=7))
        == []
    )
    assert said(DutyAdjustment(duty="CN-KEEP-RECORDINGS", days=29)) == ["days"]
    assert said(DutyAdjustment(duty="CN-COMPLAINT-CLOSE", days=16)) == ["days"]


def test_a_default_that_says_so_may_become_looser_and_law_never_says_so() -> None:
    free = replace(RULES["CN-SPACING"], adjustable=Adjustable.ANY)
    packs = {"CN": replace(PACKS["CN"], rules=(free,))}
    assert adjust(packs, [to("CN-SPACING", apart_min=0.0)], number=1)["CN"].rules[0].test != free.test
    law = replace(RULES["CN-REFUSAL"], adjustable=Adjustable.ANY)
    assert [f.path for f in check_pack(replace(PACKS["CN"], rules=(law,)))] == [("rules", 0, "adjustable")]


_HOUR = st.integers(0, 23)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "accepts": st.frozensets(st.sampled_from(Basis)),
    "lifted_by": st.frozensets(st.sampled_from(Basis)),
    "form": st.sampled_from(Form),
    "valid_days": st.none() | st.integers(0, 800),
    "for_days": st.none() | st.integers(1, 100),
    "at_most_days_old": st.integers(0, 40),
    "grace_days": st.integers(0, 40),
    "windows": st.lists(
        st.tuples(_HOUR, _HOUR, st.just(EVERY_DAY) | st.lists(st.sampled_from(EVERY_DAY), unique=True)).map(
            lambda w: Window(start=time(min(w[:2])), end=time(max(w[:2]), 30), days=tuple(w[2]))
        ),
        max_size=3,
    ).map(tuple),
    "within_h": st.floats(1, 1000),
    "counts": st.sampled_from(["everybody", "tenant"]),
    "apart_min": st.floats(0, 1000),
    "says": st.frozensets(st.sampled_from(Says)),
    "only_prefixes": st.lists(st.sampled_from(["+86", "+8615", "+1"]), max_size=2).map(tuple),
    "never_prefixes": st.lists(st.sampled_from(["+86", "+861549", "+1"]), max_size=2).map(tuple),
    "at_most_ratio": st.floats(0, 0.1),
    "within_days": st.integers(1, 60),
}


def _parameter(rule: Rule, name: str) -> st.SearchStrategy[Any]:
    value = getattr(rule.test, name)
    match value:
        case bool():
            return st.booleans()
        case Level():
            return st.sampled_from(Level)
        case int() if name == "at_most":
            return st.integers(0, 12)
    if name == "never":
        return st.frozensets(st.sampled_from([*Role] if rule.test.kind == "role" else sorted({"loan", *value})))
    return st.just(value) | _VALUES.get(name, st.just(value))


@st.composite
def _adjustments(draw: st.DrawFn) -> RuleAdjustment:
    """Any rule with one to all of its parameters changed, whichever way."""
    kind = draw(st.sampled_from(sorted({r.test.kind for r in RULES.values() if len(fields(r.test)) > 1})))
    rule = draw(st.sampled_from([rule for rule in RULES.values() if rule.test.kind == kind]))
    names = [f.name for f in fields(rule.test) if f.name not in ("kind", "name")]
    changed_ones = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    return to(rule.id, **{name: draw(_parameter(rule, name)) for name in changed_ones})


@st.composite
def _adjusted_packs(draw: st.DrawFn) -> dict[str, Pack]:
    """Packs with some of many random adjustments: those that may be made."""
    drawn = draw(st.lists(_adjustments(), min_size=1, max_size=6, unique_by=lambda a: a.rule))
    return adjust(PACKS, [one for one in drawn if not check_adjustments(PACKS, [one])], number=1)


_TOPICS = sorted({topic for rule in RULES.values() if isinstance(rule.test, TopicTest) for topic in rule.test.never})
_REGISTRIES = sorted({rule.test.name for rule in RULES.values() if isinstance(rule.test, RegistryTest)})


@st.composite
def _wide_cases(draw: st.DrawFn) -> Case:
    """Cases in which more facts differ than those of time."""
    case: Case = draw(cases())
    copied, listed = (timedelta(days=draw(st.integers(0, 40))) for _ in range(2))
    is_listed = draw(st.booleans())
    form, now = draw(st.sampled_from(Form)), case.now
    consent = a_consent(
        obtained_at=now - timedelta(days=draw(st.integers(0, 800))),
        form=form,
        any_hour=draw(st.booleans()),
        artificial_voice=draw(st.booleans()),
    )
    return changed(
        case,
        now=now.replace(hour=draw(_HOUR)),
        permission__basis=draw(st.sampled_from(Basis)),
        permission__consents=draw(st.just((consent,)) | st.just(case.permission.consents)),
        person__contacted=tuple(
            Contacted(at=now - timedelta(hours=draw(st.floats(0, 800))), is_same_tenant=draw(st.booleans()))
            for _ in range(draw(st.integers(0, 6)))
        ),
        person__refusals=draw(st.just(()) | st.just((a_refusal(at=now - timedelta(days=draw(st.integers(0, 120)))),))),
        caller__number=draw(st.sampled_from(["+8615499990001", "+861012345678", "+12025550100", "+33891234567"])),
        abandonment=(Abandonment(days=30, answered=100, abandoned=draw(st.integers(0, 10))),),
        registries=tuple(
            Registry(name=name, copied_at=now - copied, is_listed=is_listed, listed_since=now - listed)
            for name in _REGISTRIES
        ),
        campaign__topics=draw(st.frozensets(st.sampled_from(_TOPICS), max_size=2)),
        campaign__levels=draw(st.frozensets(st.sampled_from(Level))),
        spoken__says=draw(st.just(frozenset(Says)) | st.frozensets(st.sampled_from(Says))),
        tenant__role=draw(st.sampled_from(Role)),
    )


@given(_wide_cases(), _adjustments())
def test_law_an_adjusted_rule_never_allows_what_the_rule_denied_or_delayed(case: Case, one: RuleAdjustment) -> None:
    """Rule by rule, so that no other rule hides a parameter that opens."""
    if check_adjustments(PACKS, [one]):
        return
    before, where = RULES[one.rule], JURISDICTION[one.rule]
    case = changed(case, purpose=min(before.applies_to.purposes))
    case = with_calendars(case, [where])
    own = judge(replace(before, test=one.test), case, PACKS[where])
    if own is not None and own.outcome is Outcome.ALLOW:
        was = judge(before, case, PACKS[where])
        assert was is not None and was.outcome is Outcome.ALLOW


@given(_wide_cases(), _adjusted_packs())
def test_law_an_adjusted_pack_never_allows_what_was_denied_or_delayed(case: Case, packs: dict[str, Pack]) -> None:
    if decide(case, packs).outcome is Outcome.ALLOW:
        assert decide(case, PACKS).outcome is Outcome.ALLOW


def test_every_parameter_of_every_kind_has_a_way_that_is_stricter() -> None:
    """`name` of a registry and the days of an abandonment rate are what is measured, and stay."""
    from fairdial.core.policy.adjust import _ORDERS

    parameters = {(kind, f.name) for kind in get_args(Test) for f in fields(kind) if f.name != "kind"}
    ordered = {(kind, name) for kind, orders in _ORDERS.items() for name in orders}
    assert {name for _, name in parameters - ordered} == {"name", "within_days"} and ordered <= parameters
