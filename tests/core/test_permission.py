"""What permits a call and what bars it: evidence, requests, refusals, copies of a registry, the number shown."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.adjust import RuleAdjustment, check_adjustments
from fairdial.core.policy.case import Basis, Case, Form, Purpose, RefusalScope, Registry
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Finding, Outcome
from fairdial.core.policy.kinds import CallerTest, RegistryTest
from fairdial.core.policy.plan import judge
from tests.core.cases import CN_MORNING, PACKS, a_case, a_consent, a_refusal, changed

RULES = {rule.id: (rule, pack) for pack in PACKS.values() for rule in pack.rules}
DAY = timedelta(days=1)


def finds(rule: str, case: Case) -> Finding:
    found = judge(RULES[rule][0], case, RULES[rule][1])
    assert found is not None
    return found


def outcome(case: Case) -> str:
    return decide(case, PACKS).outcome


def test_a_request_to_be_sold_something_needs_a_record_of_it() -> None:
    """The word `request` alone allowed marketing to anybody."""
    asked = a_case(purpose=Purpose.MARKETING, permission__basis=Basis.REQUEST)
    assert outcome(asked) == "deny"
    assert outcome(changed(asked, permission__consents=None)) == "deny"
    assert outcome(changed(asked, permission__consents=(a_consent(evidence_sha256=None),))) == "deny"
    assert outcome(changed(asked, permission__consents=(a_consent(),))) == "allow"
    for purpose in (Purpose.SERVICE, Purpose.SURVEY):
        assert outcome(changed(asked, purpose=purpose)) == "allow"


@pytest.mark.parametrize("evidence", ["", " ", "ab", "x" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "٠" * 64])
def test_evidence_that_is_no_hash_of_a_file_is_no_evidence(evidence: str) -> None:
    consented = a_case(permission__basis=Basis.CONSENT, permission__consents=(a_consent(evidence_sha256=evidence),))
    assert outcome(consented) == "deny"
    assert outcome(changed(consented, permission__consents=(a_consent(evidence_sha256="aB" * 32),))) == "allow"


@pytest.mark.parametrize("path", ["permission__data_source", "caller__number", "spoken__script_hash"])
@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_what_is_blank_is_not_known(path: str, blank: str) -> None:
    """And equal blanks are no approval."""
    assert outcome(a_case(**{path: blank}, spoken__approved_hash=blank if "spoken" in path else "a" * 64)) == "deny"


def test_a_refusal_of_a_purpose_that_names_none_binds_every_purpose() -> None:
    refusal = a_refusal(scope=RefusalScope.PURPOSE, purpose=None)
    for purpose in Purpose:
        assert finds("PLATFORM-REFUSAL", a_case(purpose=purpose, person__refusals=(refusal,))).outcome is Outcome.DENY


def us_dnc(*, listed: bool, age: timedelta = DAY) -> Registry:
    return Registry(name="US-DNC", copied_at=CN_MORNING - age, is_listed=listed)


@pytest.mark.parametrize(
    "strict", [us_dnc(listed=True), us_dnc(listed=False, age=40 * DAY), us_dnc(listed=False, age=-DAY)]
)
def test_of_several_copies_of_a_registry_the_strictest_counts(strict: Registry) -> None:
    """The first copy was believed, so the order of two decided."""
    copies = (us_dnc(listed=False), us_dnc(listed=False, age=2 * DAY), strict)
    found = [
        finds("US-DNC-REGISTRY", a_case(purpose=Purpose.MARKETING, permission__basis=None, registries=turned))
        for turned in permutations(copies)
    ]
    assert found[0].outcome is Outcome.DENY and all(finding == found[0] for finding in found)


_copies = st.lists(
    st.builds(
        Registry,
        name=st.sampled_from(["US-DNC", "GB-TPS"]),
        copied_at=st.integers(-1, 40).map(lambda days: CN_MORNING - days * DAY),
        is_listed=st.booleans(),
        listed_since=st.none() | st.integers(0, 40).map(lambda days: CN_MORNING - days * DAY),
    ),
    max_size=4,
)


@given(_copies, st.randoms(use_true_random=False), st.sampled_from(["US-DNC-REGISTRY", "GB-TPS"]))
def test_law_the_order_of_copies_never_matters_and_one_more_never_opens(
    copies: list[Registry], random: Any, rule: str
) -> None:
    test = RULES[rule][0].test
    assert isinstance(test, RegistryTest)
    turned = random.sample(copies, len(copies))
    case = a_case(purpose=Purpose.MARKETING, registries=tuple(copies))
    assert finds(rule, case) == finds(rule, changed(case, registries=tuple(turned)))
    alone = [finds(rule, changed(case, registries=(copy,))).outcome for copy in copies if copy.name == test.name]
    assert finds(rule, case).outcome is (Outcome.DENY if not alone or Outcome.DENY in alone else Outcome.ALLOW)


@pytest.mark.parametrize(
    ("form", "expected"), [(Form.GENERAL, "deny"), (Form.EXPRESS, "deny"), (Form.WRITTEN, "allow")]
)
def test_the_american_registry_yields_to_a_consent_in_writing_only(form: Form, expected: str) -> None:
    """47 CFR 64.1200(c)(2)(ii): prior express invitation or permission, in a signed, written agreement."""
    case = a_case(
        purpose=Purpose.MARKETING,
        permission__basis=Basis.CONSENT,
        permission__consents=(a_consent(form=form),),
        registries=(us_dnc(listed=True),),
    )
    assert finds("US-DNC-REGISTRY", case).outcome == expected


def test_a_weaker_form_that_lifts_a_listing_is_looser() -> None:
    test = RULES["US-DNC-REGISTRY"][0].test
    assert isinstance(test, RegistryTest)
    weaker = RegistryTest(
        kind="registry", name=test.name, at_most_days_old=31, lifted_by=test.lifted_by, form=Form.EXPRESS
    )
    [unfit] = check_adjustments(PACKS, [RuleAdjustment(rule="US-DNC-REGISTRY", test=weaker)])
    assert unfit.parameter == "form"


@pytest.mark.parametrize(
    "number",
    ["anonymous", "3615", "0033891234567", "33142685300", "+33", "+3314268", "+3314268530012345", "+33 142685300",
     "+33891234567", "+33811234567", "+33118000", "+33118218218", "+330891234567", "+٣٣١٤٢٦٨٥٣٠٠"],
)  # fmt: skip
def test_a_french_caller_shows_a_whole_number_of_an_ordinary_range(number: str) -> None:
    """Anything that did not begin with one of three prefixes was shown."""
    shown = a_case(purpose=Purpose.MARKETING, caller__number="+33142685300")
    assert isinstance(RULES["FR-CALLER"][0].test, CallerTest)
    assert finds("FR-CALLER", shown).outcome is Outcome.ALLOW
    assert finds("FR-CALLER", changed(shown, caller__number=number)).outcome is Outcome.DENY
