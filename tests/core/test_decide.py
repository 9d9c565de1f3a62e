"""The gate's decision: every rule speaks, the strictest wins, unknown is no."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.case import (
    Basis,
    Calendar,
    Case,
    Consent,
    LineKind,
    NumberKind,
    Purpose,
    Refusal,
    RefusalScope,
)
from fairdial.core.policy.decide import Outcome, decide
from tests.core.cases import CN_MORNING, PACKS, a_case, a_consent, a_refusal


def outcome(case: Case) -> str:
    return decide(case, PACKS).outcome


def test_own_customer_may_be_reminded_in_the_morning() -> None:
    assert outcome(a_case()) == "allow"


def test_every_rule_for_the_purpose_speaks_even_when_the_first_denies() -> None:
    verdict = decide(a_case(basis=None), PACKS)
    rules = [r for r in PACKS["CN"].rules if Purpose.SERVICE in r.purposes]
    assert [o.rule_id for o in verdict.opinions] == sorted(r.id for r in rules)
    assert verdict.pack_versions == ("CN " + PACKS["CN"].version,)


def test_every_opinion_carries_its_citation_and_standing() -> None:
    for opinion in decide(a_case(basis=None), PACKS).opinions:
        assert opinion.cite and opinion.standing in ("law", "default")


@pytest.mark.parametrize(
    ("change", "expected", "rule"),
    [
        ({"basis": None}, "deny", "CN-BASIS-SERVICE"),
        ({"data_source": None}, "deny", "CN-BASIS-SERVICE"),
        ({"purpose": Purpose.MARKETING}, "deny", "CN-BASIS-MARKETING"),
        ({"refusals": (a_refusal(),)}, "deny", "CN-REFUSAL"),
        ({"zone": None}, "deny", "CN-HOURS-SERVICE"),
        ({"zone": "Nowhere/Land"}, "deny", "CN-HOURS-SERVICE"),
        ({"zone": "Asia/Urumqi"}, "wait", "CN-HOURS-SERVICE"),
        ({"approved_hash": "other"}, "deny", "SCRIPT-APPROVED"),
        ({"approval_expires_at": CN_MORNING}, "deny", "SCRIPT-APPROVED"),
        ({"missing_values": ("premium",)}, "deny", "SCRIPT-APPROVED"),
        ({"outcome": "callback_by_consultant"}, "deny", "ALREADY-SERVED"),
        ({"not_before": CN_MORNING + timedelta(hours=3)}, "wait", "CALL-BACK-TIME"),
        ({"number_kind": NumberKind.MOBILE}, "deny", "PRACTICE-ONLY"),
        ({"line_kind": LineKind.CARRIER}, "deny", "PRACTICE-ONLY"),
        ({"contacted_at": (CN_MORNING - timedelta(minutes=5),)}, "wait", "CN-SPACING"),
        ({"contacted_at": tuple(CN_MORNING - timedelta(hours=h) for h in (3, 5))}, "wait", "CN-ATTEMPTS-DAY"),
        ({"contacted_at": tuple(CN_MORNING - timedelta(hours=h) for h in (30, 60, 90))}, "wait", "CN-ATTEMPTS-WEEK"),
        ({"known_until": None}, "deny", "CN-HOURS-SERVICE"),
        ({"jurisdiction": "XX"}, "deny", "NO-PACK"),
    ],
)
def test_one_changed_fact_closes_the_gate(change: dict[str, object], expected: str, rule: str) -> None:
    verdict = decide(a_case(**change), PACKS)
    assert verdict.outcome == expected
    assert rule in [o.rule_id for o in verdict.opinions if o.outcome == expected]


def test_marketing_needs_a_consent_for_marketing_by_call() -> None:
    service_only = a_consent(purposes=frozenset({Purpose.SERVICE}))
    by_message = a_consent(channels=frozenset({"message"}))
    marketing = {"purpose": Purpose.MARKETING, "basis": Basis.CONSENT}
    assert outcome(a_case(**marketing, consents=(service_only, by_message))) == "deny"
    assert outcome(a_case(**marketing, consents=(a_consent(),))) == "allow"


@pytest.mark.parametrize(
    "flaw",
    [
        {"evidence_sha256": None},
        {"revoked_at": CN_MORNING - timedelta(days=1)},
        {"valid_until": CN_MORNING},
        {"obtained_at": CN_MORNING + timedelta(days=1)},
    ],
)
def test_a_flawed_consent_is_no_consent(flaw: dict[str, object]) -> None:
    assert outcome(a_case(basis=Basis.CONSENT, consents=(a_consent(**flaw),))) == "deny"


def test_a_refusal_for_another_purpose_or_tenant_does_not_bind() -> None:
    other_purpose = a_refusal(scope=RefusalScope.PURPOSE, purpose=Purpose.MARKETING)
    other_tenant = a_refusal(is_same_tenant=False)
    assert outcome(a_case(refusals=(other_purpose, other_tenant))) == "allow"


def test_a_refusal_on_the_platform_binds_every_tenant() -> None:
    assert outcome(a_case(refusals=(a_refusal(scope=RefusalScope.PLATFORM, is_same_tenant=False),))) == "deny"


def test_urumqi_waits_until_nine_of_its_own_morning() -> None:
    verdict = decide(a_case(zone="Asia/Urumqi"), PACKS)
    assert verdict.until == datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_waiting_skips_holidays_and_names_the_first_open_instant() -> None:
    evening = datetime(2026, 9, 30, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai, the eve of a week of holidays
    week = frozenset(date(2026, 10, day) for day in range(1, 8))
    verdict = decide(a_case(now=evening, holidays=week), PACKS)
    assert (verdict.outcome, verdict.until) == ("wait", datetime(2026, 10, 8, 1, 0, tzinfo=UTC))


def test_waiting_satisfies_all_rules_at_once() -> None:
    """Spacing ends at 20:30, when the window is closed: the answer is the next morning."""
    now = datetime(2026, 11, 25, 10, 40, tzinfo=UTC)
    verdict = decide(a_case(now=now, contacted_at=(now - timedelta(minutes=10),)), PACKS)
    assert verdict.until == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_contacts_stamped_in_the_future_still_count() -> None:
    """A clock that jumped back once made earlier calls invisible to the allowance."""
    assert outcome(a_case(contacted_at=(CN_MORNING + timedelta(minutes=30),))) == "wait"


def test_a_wait_longer_than_the_horizon_is_a_no() -> None:
    assert outcome(a_case(not_before=CN_MORNING + timedelta(days=60))) == "deny"


def test_order_of_rules_does_not_matter() -> None:
    turned = {"CN": replace(PACKS["CN"], rules=tuple(reversed(PACKS["CN"].rules)))}
    case = a_case(refusals=(a_refusal(),), zone="Asia/Urumqi")
    assert decide(case, turned) == decide(case, PACKS)


_moments = st.integers(0, 333 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_refusals = st.builds(
    Refusal,
    scope=st.sampled_from(RefusalScope),
    purpose=st.sampled_from([None, *Purpose]),
    is_same_tenant=st.booleans(),
    source=st.just("call"),
    at=_moments,
)
_consents = st.builds(
    Consent,
    purposes=st.frozensets(st.sampled_from(Purpose)),
    channels=st.frozensets(st.sampled_from(["call", "message"])),
    obtained_at=_moments,
    valid_until=st.none() | _moments,
    revoked_at=st.none() | _moments,
    evidence_sha256=st.none() | st.just("0" * 64),
)


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    return a_case(
        now=draw(_moments),
        purpose=draw(st.sampled_from(Purpose)),
        basis=draw(st.sampled_from([None, *Basis])),
        zone=draw(st.sampled_from([None, "Asia/Shanghai", "Asia/Urumqi", "America/New_York"])),
        consents=tuple(draw(st.lists(_consents, max_size=2))),
        refusals=tuple(draw(st.lists(_refusals, max_size=2))),
        contacted_at=tuple(draw(st.lists(_moments, max_size=4))),
        holidays=frozenset(draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5))),
    )


_STRICTNESS = {Outcome.ALLOW: 0, Outcome.WAIT: 1, Outcome.DENY: 2}


def stricter_or_equal(after: Case, before: Case) -> bool:
    return _STRICTNESS[decide(after, PACKS).outcome] >= _STRICTNESS[decide(before, PACKS).outcome]


@given(_cases(), _refusals)
def test_law_one_more_refusal_never_opens_the_gate(case: Case, refusal: Refusal) -> None:
    person = replace(case.person, refusals=(*case.person.refusals, refusal))
    assert stricter_or_equal(replace(case, person=person), case)


@given(_cases(), _moments)
def test_law_one_more_contact_never_opens_the_gate(case: Case, at: datetime) -> None:
    person = replace(case.person, contacted_at=(*case.person.contacted_at, at))
    after = decide(replace(case, person=person), PACKS)
    before = decide(case, PACKS)
    assert not (after.outcome is Outcome.ALLOW and before.outcome is not Outcome.ALLOW)


@given(_cases())
def test_law_one_consent_less_never_opens_the_gate(case: Case) -> None:
    permission = replace(case.permission, consents=case.permission.consents[1:])
    assert stricter_or_equal(replace(case, permission=permission), case)


@given(_cases())
def test_law_at_the_instant_named_nothing_waits(case: Case) -> None:
    verdict = decide(case, PACKS)
    if verdict.until is not None:
        assert verdict.until > case.now
        assert decide(case.at(verdict.until), PACKS).outcome is Outcome.ALLOW


def test_calendar_that_ends_denies_rather_than_guesses() -> None:
    late = datetime(2026, 12, 31, 13, 0, tzinfo=UTC)
    case = replace(a_case(now=late), calendar=Calendar(holidays=frozenset(), known_until=date(2026, 12, 31)))
    assert outcome(case) == "deny"
