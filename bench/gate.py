"""How long one decision with all its reasons takes, beside Cedar and Casbin, and whether Cedar ever answers otherwise.

The common subset: purpose, basis, refusal, window, three frequency limits, approval, suspension, contract. Cases are
synthetic, drawn with a fixed seed, all distinct objects: nothing is reused from case to case but what packs and days
determine. Peers get their policy parsed once and answer yes or no; ours answers with every rule, its citation and the
facts it saw. Three figures: the opinions read, the verdict alone, and the opinions written as JSON, as a permit does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import casbin
import cedarpy

from bench.harness import goal, median, report, seconds_each
from fairdial.core.policy.case import Basis, Case, Contacted, Purpose
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome
from fairdial.ledger.calls.permits import _opinion_json as remembered
from fairdial.ledger.calls.permits import opinions_json
from tests.core.cases import PACKS, a_case, a_refusal, changed

CASES = 100_000
LAWS = {j: PACKS[j] for j in ("*", "CN")}
ZONE = timedelta(hours=8)

CEDAR = """
permit(principal, action == Action::"call", resource) when {
  ["existing_customer", "request"].contains(context.basis) &&
  context.purpose == "service" &&
  !context.refused && !context.suspended && context.approved && context.contract &&
  context.minute >= 540 && context.minute < 1200 &&
  context.day < 2 && context.week < 3 && context.month < 10 && context.since_last >= 120
};
"""

CASBIN = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub_rule, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = eval(p.sub_rule) && r.act == p.act
"""
RULE = (
    'r.sub.basis_ok && r.sub.purpose == "service" && !r.sub.refused && !r.sub.suspended && r.sub.approved'
    " && r.sub.contract && r.sub.minute >= 540 && r.sub.minute < 1200 && r.sub.day < 2 && r.sub.week < 3"
    " && r.sub.month < 10 && r.sub.since_last >= 120"
)


class Subject:
    """Attributes of one request as Casbin reads them."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.__dict__ = context | {"basis_ok": context["basis"] in ("existing_customer", "request")}


def draw(chance: random.Random) -> tuple[Case, dict[str, Any]]:
    """One synthetic case, and the same facts as a flat context."""
    now = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=chance.randrange(24 * 60))
    gaps = [
        chance.choice((30, 90, 200, 700, 1500, 4000, 9000, 20000)) + chance.randrange(20)
        for _ in range(chance.randrange(5))
    ]
    refused, approved, contract, suspended = (chance.random() < p for p in (0.1, 0.9, 0.95, 0.05))
    basis = chance.choice([Basis.EXISTING_CUSTOMER, Basis.REQUEST, None])
    purpose = Purpose.SERVICE
    local = now + ZONE
    case = changed(
        BASE,
        now=now,
        purpose=purpose,
        permission__basis=basis,
        person__refusals=(a_refusal(),) if refused else (),
        person__contacted=tuple(Contacted(at=now - timedelta(minutes=gap)) for gap in gaps),
        spoken__approved_hash="a" * 64 if approved else "b" * 64,
        tenant__contract_until=now + timedelta(days=400 if contract else -1),
        line__suspended=suspended,
    )
    context = {
        "purpose": purpose.value,
        "basis": basis.value if basis else "none",
        "refused": refused,
        "approved": approved,
        "contract": contract,
        "suspended": suspended,
        "minute": local.hour * 60 + local.minute,
        "day": sum(gap < 24 * 60 for gap in gaps),
        "week": sum(gap < 7 * 24 * 60 for gap in gaps),
        "month": sum(gap < 30 * 24 * 60 for gap in gaps),
        "since_last": min(gaps, default=1_000_000),
    }
    return case, context


BASE = a_case()


def cedar_request(context: dict[str, Any]) -> dict[str, Any]:
    return {"principal": 'User::"d"', "action": 'Action::"call"', "resource": 'Person::"p"', "context": context}


def main() -> None:
    chance = random.Random(20261124)
    policy, entities = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str("[]")
    model = casbin.Model()
    model.load_model_from_text(CASBIN)
    enforcer = casbin.Enforcer(model)
    enforcer.add_policy(RULE, "call")

    differing = 0
    for _ in range(CASES // 1000):
        drawn = [draw(chance) for _ in range(1000)]
        answers = cedarpy.is_authorized_batch([cedar_request(c) for _, c in drawn], policy, entities)
        for (case, _), answer in zip(drawn, answers, strict=True):
            differing += (decide(case, LAWS).outcome is Outcome.ALLOW) != answer.allowed

    some = [draw(chance) for _ in range(200)]
    requests = [cedar_request(c) for _, c in some]
    subjects = [Subject(c) for _, c in some]

    def ours() -> None:
        for case, _ in some:
            for opinion in decide(case, LAWS).opinions:
                opinion.reason_zh, opinion.reason_en, opinion.cite, opinion.facts  # noqa: B018 — read, as a report does

    def unread() -> None:
        for case, _ in some:
            decide(case, LAWS)

    def written() -> None:
        remembered.cache_clear()  # every case is new
        for case, _ in some:
            opinions_json(decide(case, LAWS))

    def cedar() -> None:
        for request in requests:
            cedarpy.is_authorized(request, policy, entities)

    def cas() -> None:
        for subject in subjects:
            enforcer.enforce(subject, "person", "call")

    def each(work: Callable[[], None], count: int) -> float:
        return median(seconds_each(work, count=count)) / len(some) * 1e6

    us, unread_us, written_us = each(ours, 5), each(unread, 5), each(written, 5)
    cedar_us, casbin_us = each(cedar, 5), each(cas, 2)
    report(
        "gate",
        ours={
            "decide_us, everything read": round(us, 1),
            "decide_us, verdict alone": round(unread_us, 1),
            "decide_us, written as JSON": round(written_us, 1),
            "rules_that_speak": len(decide(BASE, LAWS).opinions),
        },
        peers={
            "cedarpy": {"version": "4.12.2", "decide_us": round(cedar_us, 1)},
            "casbin": {"version": "1.43.0", "decide_us": round(casbin_us, 1)},
        },
        goals=[
            goal("times as fast as cedarpy's best single decision", 10, cedar_us / us),
            goal("times as fast as casbin", 5, casbin_us / us),
            goal("the same, verdict alone: cedarpy", 10, cedar_us / unread_us),
            goal("the same, verdict alone: casbin", 5, casbin_us / unread_us),
            goal(f"differing answers in {CASES} random cases", 0, differing, at_least=False),
        ],
    )


if __name__ == "__main__":
    main()
