"""What is made once for many decisions never changes an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given

from fairdial.core.policy.case import Case
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome, strictest
from fairdial.core.policy.plan import TIMELESS, judge
from tests.core.cases import PACKS, a_case, a_refusal
from tests.core.drawn import cases, moments

_RULES = [(rule, pack) for pack in PACKS.values() for rule in pack.rules]


def test_a_pack_that_was_changed_is_used_at_once() -> None:
    """A pack is told by identity, not by its version: an edited file with the old version is another law."""
    case = a_case(person__refusals=(a_refusal(),))
    assert decide(case, PACKS).outcome is Outcome.DENY
    lenient = {j: replace(p, rules=tuple(r for r in p.rules if r.test.kind != "refusal")) for j, p in PACKS.items()}
    assert decide(case, lenient).outcome is Outcome.ALLOW
    assert decide(case, PACKS).outcome is Outcome.DENY


def test_a_pack_that_appears_or_goes_away_is_noticed() -> None:
    packs = {"*": PACKS["*"]}
    assert "NO-PACK" in [o.rule_id for o in decide(a_case(), packs).opinions]
    packs["CN"] = PACKS["CN"]
    assert decide(a_case(), packs).outcome is Outcome.ALLOW
    del packs["*"]
    assert "NO-PACK" in [o.rule_id for o in decide(a_case(), packs).opinions]


@given(cases())
def test_law_a_verdict_is_what_its_rules_find_one_by_one(case: Case) -> None:
    """Whatever is prepared and remembered, each rule asked alone says the same."""
    verdict = decide(case, PACKS)
    here = [(rule, where) for rule, where in _RULES if where.jurisdiction in ("*", case.tenant.seat)]
    alone = {rule.id: found for rule, where in here if (found := judge(rule, case, where))}
    said = [(opinion.rule_id, opinion.outcome, opinion.until) for opinion in verdict.opinions]
    assert all((rule_id, found.outcome, found.until) in said for rule_id, found in alone.items())
    assert {rule_id for rule_id, _, _ in said} <= {*alone, "HORIZON"}
    outcome, _ = strictest(alone.values())
    assert outcome is verdict.outcome or (outcome, verdict.outcome) == (Outcome.WAIT, Outcome.DENY)


@given(cases(), moments)
def test_law_a_kind_that_reads_no_clock_finds_the_same_at_any_instant(case: Case, moment: datetime) -> None:
    for rule, where in _RULES:
        if type(rule.test) in TIMELESS and rule.effective_from is rule.effective_until is None:
            assert judge(rule, case.at(moment), where) == judge(rule, case, where)


@given(cases())
def test_law_opinions_read_twice_are_the_same_and_whole(case: Case) -> None:
    verdict = decide(case, PACKS)
    first = list(verdict.opinions)
    assert first == list(verdict.opinions) and len(first) == len(verdict.opinions)
    for opinion in first:
        assert bool(opinion.reason_zh and opinion.reason_en) == (opinion.outcome is not Outcome.ALLOW)
        assert "{" not in opinion.reason_zh + opinion.reason_en
        assert (opinion.until is not None) == (opinion.outcome is Outcome.WAIT)
