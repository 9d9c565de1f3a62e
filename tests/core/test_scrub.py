"""Whom a scrub takes out: exactly those whom the gate denies because of a refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.case import Consent, Purpose, Refusal, RefusalScope
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.scrub import Reach, is_refused
from tests.core.cases import CN_MORNING, PACKS, a_case

OURS, THEIRS = 1, 2
MARKETING, SERVICE = Purpose.MARKETING, Purpose.SERVICE


@pytest.mark.parametrize(
    ("scope", "tenant", "purpose", "binds"),
    [
        (RefusalScope.PLATFORM, THEIRS, None, True),
        (RefusalScope.TENANT, OURS, None, True),
        (RefusalScope.TENANT, THEIRS, None, False),
        (RefusalScope.PURPOSE, OURS, MARKETING, True),
        (RefusalScope.PURPOSE, OURS, SERVICE, False),
        (RefusalScope.PURPOSE, THEIRS, MARKETING, False),
    ],
)
def test_a_refusal_binds_as_far_as_its_scope(
    scope: RefusalScope, tenant: int, purpose: Purpose | None, binds: bool
) -> None:
    reach = Reach.of(scope, tenant, purpose)
    assert reach.binds(tenant_id=OURS, purpose=MARKETING, now=CN_MORNING) is binds


def test_what_binds_everybody_is_one_reach_whoever_took_it() -> None:
    assert Reach.of(RefusalScope.PLATFORM, OURS, None) == Reach.of(RefusalScope.PLATFORM, THEIRS, None)


_DAYS = st.integers(1, 400).map(lambda days: CN_MORNING - timedelta(days=days))
_REFUSALS = st.builds(
    Refusal, scope=st.sampled_from(RefusalScope), at=_DAYS, source=st.just("call"), purpose=st.sampled_from(Purpose),
    is_same_tenant=st.booleans(),
)  # fmt: skip
_CONSENTS = st.builds(
    Consent, purposes=st.frozensets(st.sampled_from(Purpose)), channels=st.sampled_from([frozenset({"call"}), frozenset()]),
    obtained_at=_DAYS, valid_until=st.none() | _DAYS, revoked_at=st.none() | _DAYS, evidence_sha256=st.sampled_from([None, "e" * 64]),
)  # fmt: skip


@given(st.lists(_REFUSALS, max_size=3), st.lists(_CONSENTS, max_size=3), st.sampled_from(Purpose))
def test_a_scrub_says_what_the_gate_says_of_refusals(
    refusals: list[Refusal], consents: list[Consent], purpose: Purpose
) -> None:
    case = a_case(purpose=purpose, person__refusals=tuple(refusals), permission__consents=tuple(consents))
    said = next(o for o in decide(case, PACKS).opinions if o.rule_id == "PLATFORM-REFUSAL")
    assert is_refused(refusals, consents, purpose=purpose, now=case.now) is (said.outcome is Outcome.DENY)
