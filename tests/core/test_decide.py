"""The gate's decision: every rule speaks, the strictest wins, unknown is no."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairdial.core.policy.case import (
    Basis,
    Case,
    Contacted,
    Form,
    LineKind,
    NumberKind,
    Purpose,
    Refusal,
    RefusalScope,
    Role,
    Window,
)
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.kinds import AttemptsTest, Test, WindowTest
from fairdial.core.policy.pack import Pack, Rule
from fairdial.core.policy.plan import JUDGES
from fairdial.packs import with_calendars
from tests.core.cases import CN_MORNING, PACKS, a_case, a_consent, a_refusal, changed
from tests.core.drawn import cases, contacts, refusals


def outcome(case: Case) -> str:
    return decide(case, PACKS).outcome


def ago(**span: float) -> Contacted:
    return Contacted(at=CN_MORNING - timedelta(**span))


def test_own_customer_may_be_reminded_in_the_morning() -> None:
    assert outcome(a_case()) == "allow"


def test_every_rule_for_the_case_speaks_even_when_the_first_denies() -> None:
    case = a_case(permission__basis=None)
    verdict = decide(case, PACKS)
    expected = [rule.id for j in ("*", "CN") for rule in PACKS[j].rules if rule.speaks(case)]
    assert [o.rule_id for o in verdict.opinions] == sorted(expected)
    assert verdict.pack_versions == tuple(f"{j} {PACKS[j].version}" for j in ("*", "CN"))


def test_every_opinion_carries_its_citation_standing_and_the_facts_it_saw() -> None:
    for opinion in decide(a_case(person__refusals=(a_refusal(),)), PACKS).opinions:
        assert opinion.cite and opinion.standing in ("law", "default")
        if opinion.outcome is not Outcome.ALLOW:
            assert opinion.facts and opinion.reason_zh and opinion.reason_en


@pytest.mark.parametrize(
    ("change", "expected", "rule"),
    [
        ({"permission__basis": None}, "deny", "CN-BASIS-SERVICE"),
        ({"permission__data_source": None}, "deny", "CN-BASIS-SERVICE"),
        ({"purpose": Purpose.MARKETING}, "deny", "CN-BASIS-MARKETING"),
        ({"person__refusals": (a_refusal(),)}, "deny", "CN-REFUSAL"),
        ({"person__refusals": None}, "deny", "CN-REFUSAL"),
        ({"person__zone": None}, "deny", "CN-HOURS-SERVICE"),
        ({"person__zone": "Nowhere/Land"}, "deny", "CN-HOURS-SERVICE"),
        ({"person__zone": "Nowhere/Land"}, "deny", "ZONE-OF-REGION"),
        ({"person__zone": "../../etc/passwd"}, "deny", "CN-HOURS-SERVICE"),
        ({"person__zone": "Asia/Urumqi"}, "deny", "ZONE-OF-REGION"),
        ({"person__zone": "Asia/Urumqi", "person__region": None}, "wait", "CN-HOURS-SERVICE"),
        ({"calendars": {}}, "deny", "CN-HOURS-SERVICE"),
        ({"spoken__approved_hash": "other"}, "deny", "SCRIPT-APPROVED"),
        ({"spoken__approval_expires_at": CN_MORNING}, "deny", "SCRIPT-APPROVED"),
        ({"spoken__missing_values": ("premium",)}, "deny", "SCRIPT-APPROVED"),
        ({"spoken__says": frozenset()}, "deny", "CN-AI-LABEL"),
        ({"spoken__suspended": True}, "deny", "NOT-SUSPENDED"),
        ({"progress__outcome": "callback_by_consultant"}, "deny", "ALREADY-SERVED"),
        ({"progress__not_before": CN_MORNING + timedelta(hours=3)}, "wait", "CALL-BACK-TIME"),
        ({"person__number_kind": NumberKind.MOBILE}, "deny", "PRACTICE-ONLY"),
        ({"line__kind": LineKind.CARRIER}, "deny", "PRACTICE-ONLY"),
        ({"line__purposes": frozenset({Purpose.SURVEY})}, "deny", "LINE-LET"),
        ({"caller__is_own": False}, "deny", "CALLER-OWN"),
        ({"tenant__contract_until": CN_MORNING}, "deny", "TENANT-CONTRACT"),
        ({"tenant__seat": "XX"}, "deny", "NO-PACK"),
        ({"tenant__seat": None}, "deny", "NO-PACK"),
        ({"person__number_country": None}, "deny", "NO-PACK"),
        ({"person__address_country": "XX"}, "deny", "NO-PACK"),
        ({"person__number_country": ""}, "deny", "NO-PACK"),
        ({"campaign__state": "paused"}, "deny", "CAMPAIGN-RUNNING"),
        ({"person__contacted": (ago(minutes=5),)}, "wait", "CN-SPACING"),
        ({"person__contacted": (ago(hours=3), ago(hours=5))}, "wait", "CN-ATTEMPTS-DAY"),
        ({"person__contacted": (ago(hours=30), ago(hours=60), ago(hours=90))}, "wait", "CN-ATTEMPTS-WEEK"),
    ],
)
def test_one_changed_fact_closes_the_gate(change: dict[str, object], expected: str, rule: str) -> None:
    verdict = decide(a_case(**change), PACKS)
    assert verdict.outcome == expected
    assert rule in [o.rule_id for o in verdict.opinions if o.outcome == expected]


def _paths(value: object, path: str = "") -> list[str]:
    """Every fact of a case by its path, down to two parts."""
    found = []
    for field in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, field.name)
        if is_dataclass(inner) and not path:
            found += _paths(inner, f"{field.name}__")
        found.append(path + field.name)
    return found


@pytest.mark.parametrize("path", [p for p in _paths(a_case()) if p not in ("now", "purpose", "calendars")])
def test_a_fact_that_is_not_known_never_opens_what_was_closed(path: str) -> None:
    """And most facts close the gate when they are unknown; the ones that do not are listed.

    A region that is not known may be Xinjiang, where it is too early.
    """
    optional = {
        "person__address_country", "person__region", "permission__consents", "progress__outcome", "progress__not_before",
        "campaign__topics", "campaign__artificial_voice", "campaign__hours", "registries", "abandonment", "tenant__role",
    }  # fmt: skip
    part, _, field = path.partition("__")
    case = a_case()
    if not field and is_dataclass(getattr(case, part)):
        return
    unknown = "wait" if path == "person__region" else "allow" if path in optional else "deny"
    assert outcome(changed(case, **{path: None})) == unknown


def test_marketing_needs_a_consent_for_marketing_by_call() -> None:
    service_only = a_consent(purposes=frozenset({Purpose.SERVICE}))
    by_message = a_consent(channels=frozenset({"message"}))
    marketing = a_case(purpose=Purpose.MARKETING, permission__basis=Basis.CONSENT)
    assert outcome(changed(marketing, permission__consents=(service_only, by_message))) == "deny"
    assert outcome(changed(marketing, permission__consents=(a_consent(),))) == "allow"
    centre = changed(marketing, permission__consents=(a_consent(),), tenant__role=Role.LICENSED_CALL_CENTRE)
    assert outcome(centre) == "deny"


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
    assert outcome(a_case(permission__basis=Basis.CONSENT, permission__consents=(a_consent(**flaw),))) == "deny"


def test_a_refusal_for_another_purpose_or_tenant_does_not_bind() -> None:
    other_purpose = a_refusal(scope=RefusalScope.PURPOSE, purpose=Purpose.MARKETING)
    other_tenant = a_refusal(is_same_tenant=False)
    assert outcome(a_case(person__refusals=(other_purpose, other_tenant))) == "allow"


def test_a_refusal_on_the_platform_binds_every_tenant() -> None:
    refusal = a_refusal(scope=RefusalScope.PLATFORM, is_same_tenant=False)
    assert outcome(a_case(person__refusals=(refusal,))) == "deny"


def test_a_refusal_yields_only_to_a_later_evidenced_consent() -> None:
    refused = a_case(person__refusals=(a_refusal(at=CN_MORNING - timedelta(days=9)),))
    earlier, later = (
        a_consent(obtained_at=CN_MORNING - timedelta(days=10)),
        a_consent(obtained_at=CN_MORNING - timedelta(days=8)),
    )
    assert outcome(changed(refused, permission__consents=(earlier,))) == "deny"
    assert outcome(changed(refused, permission__consents=(replace(later, evidence_sha256=None),))) == "deny"
    assert outcome(changed(refused, permission__consents=(later,))) == "allow"


def test_waiting_satisfies_all_rules_at_once() -> None:
    """Spacing ends at 20:30, when the window is closed: the answer is the next morning."""
    now = datetime(2026, 11, 25, 10, 40, tzinfo=UTC)
    verdict = decide(a_case(now=now, person__contacted=(Contacted(at=now - timedelta(minutes=10)),)), PACKS)
    assert verdict.until == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_contacts_stamped_in_the_future_still_count() -> None:
    """A clock that jumped back once made earlier calls invisible to the allowance."""
    assert outcome(a_case(person__contacted=(ago(minutes=-30),))) == "wait"


def test_a_wait_longer_than_the_horizon_is_a_no_that_says_so() -> None:
    verdict = decide(a_case(progress__not_before=CN_MORNING + timedelta(days=90)), PACKS)
    assert verdict.outcome == "deny" and "HORIZON" in [o.rule_id for o in verdict.opinions]


def test_a_wait_that_ends_in_a_no_names_the_rule_that_closes() -> None:
    """The contract ends before the call-back time: waiting would not help, and the contract's rule says so."""
    later = CN_MORNING + timedelta(days=3)
    case = a_case(progress__not_before=later, tenant__contract_until=later - timedelta(days=1))
    verdict = decide(case, PACKS)
    assert verdict.outcome == "deny"
    assert "TENANT-CONTRACT" in [o.rule_id for o in verdict.opinions if o.outcome is Outcome.DENY]


def test_the_strictest_of_all_candidate_jurisdictions_wins() -> None:
    """A French number called by a Chinese tenant is judged by both laws."""
    consent = a_consent(form=Form.WRITTEN, artificial_voice=True)
    case = a_case(
        now=datetime(2026, 11, 28, 11, 0, tzinfo=UTC),  # a Saturday, noon in Paris
        purpose=Purpose.MARKETING,
        permission__basis=Basis.CONSENT,
        permission__consents=(consent,),
        person__number_country="FR",
        person__zone="Europe/Paris",
    )
    verdict = decide(with_calendars(case, PACKS), PACKS)
    assert verdict.outcome == "wait" and verdict.until == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert {o.rule_id[:2] for o in verdict.opinions} >= {"FR", "CN"}
    at_home = changed(case, person__number_country="CN", person__zone="Asia/Shanghai")
    assert outcome(with_calendars(at_home, PACKS)) == "allow"
    elsewhere = changed(at_home, person__address_country="FR")
    assert outcome(with_calendars(elsewhere, PACKS)) != "allow"


def test_order_of_rules_and_packs_does_not_matter() -> None:
    turned = {j: replace(pack, rules=tuple(reversed(pack.rules))) for j, pack in reversed(list(PACKS.items()))}
    case = a_case(person__refusals=(a_refusal(),), person__zone="Asia/Urumqi")
    assert decide(case, turned) == decide(case, PACKS)


def never_opens(before: Case, after: Case, packs: dict[str, Pack] = PACKS) -> bool:
    was, now = decide(before, PACKS).outcome, decide(after, packs).outcome
    return not (now is Outcome.ALLOW and was is not Outcome.ALLOW) and not (was is Outcome.DENY and now is Outcome.WAIT)


@given(cases(), refusals)
def test_law_one_more_refusal_never_opens_the_gate(case: Case, refusal: Refusal) -> None:
    assert never_opens(case, changed(case, person__refusals=(*(case.person.refusals or ()), refusal)))


@given(cases(), contacts)
def test_law_one_more_contact_never_opens_the_gate(case: Case, contact: Contacted) -> None:
    after = changed(case, person__contacted=(*(case.person.contacted or ()), contact))
    assert not (outcome(after) == "allow" and outcome(case) != "allow")


@given(cases())
def test_law_one_consent_less_never_opens_the_gate(case: Case) -> None:
    assert never_opens(case, changed(case, permission__consents=(case.permission.consents or ())[1:]))


def _stricter(rule: Rule) -> Rule:
    """The same rule a little stricter, for the kinds that have a measure."""
    match rule.test:
        case AttemptsTest(at_most=at_most):
            return replace(rule, test=replace(rule.test, at_most=max(1, at_most - 1)))
        case WindowTest(windows=windows):
            narrow = tuple(Window(start=w.start.replace(minute=30), end=w.end, days=w.days) for w in windows)
            return replace(rule, test=replace(rule.test, windows=narrow))
        case _:
            return rule


@given(cases())
def test_law_a_stricter_pack_never_allows_more(case: Case) -> None:
    stricter = {j: replace(pack, rules=tuple(_stricter(rule) for rule in pack.rules)) for j, pack in PACKS.items()}
    assert not (decide(case, stricter).outcome is Outcome.ALLOW and outcome(case) != "allow")


@given(cases())
def test_law_a_call_is_allowed_at_the_instant_a_wait_names_and_not_before(case: Case) -> None:
    """But for a consent of the future, which nobody can hold: when it begins is no instant that a window names."""
    assume(all(consent.obtained_at <= case.now for consent in case.permission.consents or ()))
    verdict = decide(case, PACKS)
    if verdict.outcome is not Outcome.WAIT or verdict.until is None:
        return
    assert decide(case.at(verdict.until), PACKS).outcome is Outcome.ALLOW
    assert decide(case.at(verdict.until - timedelta(seconds=1)), PACKS).outcome is not Outcome.ALLOW


@given(
    cases(),
    st.sampled_from(
        ["person__zone", "person__contacted", "person__refusals", "tenant__seat", "spoken__says", "caller__number"]
    ),
)
def test_law_forgetting_a_fact_never_opens_the_gate(case: Case, path: str) -> None:
    assert outcome(changed(case, **{path: None})) == "deny"


def test_every_kind_of_rule_has_its_judge() -> None:
    assert set(JUDGES) == set(get_args(Test))
