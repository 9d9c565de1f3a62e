"""May this call be made? `decide(case, packs)` answers with every rule that spoke.

Pure: no clock, no database, no randomness. A refusal is a value. Unknown is no:
a fact, a country or a pack that is missing denies and is named. The strictest of
all candidate jurisdictions wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fairdial.core.policy import judge_parties, judge_permission, judge_time
from fairdial.core.policy.case import Case
from fairdial.core.policy.finding import Facts, Finding, Outcome, strictest
from fairdial.core.policy.judge_time import HORIZON
from fairdial.core.policy.kinds import (
    AbandonmentTest,
    AttemptsTest,
    BasisTest,
    CallBackTest,
    CallerTest,
    CampaignTest,
    ContractTest,
    DisclosureTest,
    LineTest,
    ReachTest,
    RefusalTest,
    RegistryTest,
    RoleTest,
    ScriptTest,
    SensitivityTest,
    ServedTest,
    SpacingTest,
    SuspensionTest,
    Test,
    TopicTest,
    WindowTest,
)
from fairdial.core.policy.pack import PLATFORM, Pack, Rule

_MOST_STEPS = 64
"""Instants asked again before a wait is given up; each is later than the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one rule says: the outcome, why, by which text, and the facts it saw."""

    rule_id: str
    outcome: Outcome
    reason_zh: str
    reason_en: str
    cite: str
    standing: str
    until: datetime | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer; `until` is set exactly when the outcome is `wait`."""

    outcome: Outcome
    until: datetime | None
    opinions: tuple[Opinion, ...]
    pack_versions: tuple[str, ...]


def decide(case: Case, packs: Mapping[str, Pack]) -> Verdict:
    """Judge one case by the platform's pack and those of every candidate jurisdiction.

    Args:
        packs: By jurisdiction; `*` is the platform's.

    Returns:
        `deny` if any rule denies or a fact, country or pack is missing, else `wait` with the
        first instant at which no rule asks to wait, else `allow`.

    Source:
        docs/why/gate.md
    """
    candidates, missing = candidates_of(case, packs)
    rules = [(rule, pack.jurisdiction) for pack in candidates for rule in pack.rules]
    opinions = sorted(
        [*missing, *(_opinion(rule, _judge(rule.test, case, where)) for rule, where in rules if rule.speaks(case))],
        key=lambda opinion: opinion.rule_id,
    )
    outcome, until = strictest((o.outcome, o.until) for o in opinions)
    if outcome is Outcome.WAIT and until is not None:
        outcome, until, closed = _first_open_instant(case, rules, until)
        opinions += closed
    versions = tuple(f"{pack.jurisdiction} {pack.version}" for pack in candidates)
    return Verdict(outcome=outcome, until=until, opinions=tuple(opinions), pack_versions=versions)


def judge(rule: Rule, case: Case, jurisdiction: str) -> Finding | None:
    """What one rule finds; None when it does not speak about this case."""
    return _judge(rule.test, case, jurisdiction) if rule.speaks(case) else None


def candidates_of(case: Case, packs: Mapping[str, Pack]) -> tuple[list[Pack], list[Opinion]]:
    """The packs a case is judged by, in order, and an opinion for each that is missing or unknown."""
    wanted = {PLATFORM}
    missing: list[Opinion] = []
    for fact, zh, country, is_needed in (
        ("person.number_country", "号码所属国家", case.person.number_country, True),
        ("person.address_country", "住址所在国家", case.person.address_country, False),
        ("tenant.seat", "企业所在国家", case.tenant.seat, True),
    ):
        if country is not None:
            wanted.add(country)
        elif is_needed:
            missing.append(_closed("NO-PACK", f"缺少事实:{zh}", f"fact missing: {fact}", {fact: None}))
    for country in sorted(wanted - set(packs)):
        missing.append(
            _closed("NO-PACK", f"没有 {country} 的规则包", f"there is no rule pack for {country}", {"country": country})
        )
    return [packs[country] for country in sorted(wanted & set(packs))], missing


def _closed(rule_id: str, zh: str, en: str, facts: Facts) -> Opinion:
    """A no that stands in no pack: the engine's own."""
    return Opinion(
        rule_id=rule_id,
        outcome=Outcome.DENY,
        reason_zh=zh,
        reason_en=en,
        cite="docs/why/gate.md",
        standing="default",
        facts=facts,
    )


def _first_open_instant(
    case: Case, rules: list[tuple[Rule, str]], until: datetime
) -> tuple[Outcome, datetime | None, list[Opinion]]:
    """Ask again at each instant the rules name until none asks to wait; say what keeps it closed for good."""
    for _ in range(_MOST_STEPS):
        if until - case.now > HORIZON:
            break
        then = case.at(until)
        opinions = [_opinion(rule, _judge(rule.test, then, where)) for rule, where in rules if rule.speaks(then)]
        outcome, later = strictest((o.outcome, o.until) for o in opinions)
        if outcome is Outcome.DENY:
            return outcome, None, [o for o in opinions if o.outcome is Outcome.DENY]
        if later is None:
            return Outcome.WAIT, until, []
        until = later
    zh, en = f"{HORIZON.days} 天内没有可以呼叫的时刻", f"no instant within {HORIZON.days} days is open"
    return Outcome.DENY, None, [_closed("HORIZON", zh, en, {"until": until})]


def _opinion(rule: Rule, finding: Finding) -> Opinion:
    is_allowed = finding.outcome is Outcome.ALLOW
    return Opinion(
        rule_id=rule.id,
        outcome=finding.outcome,
        reason_zh="" if is_allowed else f"{rule.reason.zh}:{finding.zh}",
        reason_en="" if is_allowed else f"{rule.reason.en}: {finding.en}",
        cite=rule.cite,
        standing=rule.standing,
        until=finding.until,
        facts=finding.facts,
    )


def _judge(test: Test, case: Case, jurisdiction: str) -> Finding:  # one line a kind, in the order of kinds.py
    match test:
        case BasisTest():
            return judge_permission.judge_basis(test, case)
        case RefusalTest():
            return judge_permission.judge_refusal(test, case)
        case RegistryTest():
            return judge_permission.judge_registry(test, case)
        case WindowTest():
            return judge_time.judge_window(test, case, jurisdiction)
        case AttemptsTest():
            return judge_time.judge_attempts(test, case)
        case SpacingTest():
            return judge_time.judge_spacing(test, case)
        case ScriptTest():
            return judge_parties.judge_script(test, case)
        case DisclosureTest():
            return judge_parties.judge_disclosure(test, case)
        case CallerTest():
            return judge_parties.judge_caller(test, case)
        case LineTest():
            return judge_parties.judge_line(test, case)
        case RoleTest():
            return judge_parties.judge_role(test, case)
        case ContractTest():
            return judge_parties.judge_contract(test, case)
        case SuspensionTest():
            return judge_parties.judge_suspension(test, case)
        case CampaignTest():
            return judge_parties.judge_campaign(test, case)
        case AbandonmentTest():
            return judge_parties.judge_abandonment(test, case)
        case TopicTest():
            return judge_permission.judge_topic(test, case)
        case SensitivityTest():
            return judge_permission.judge_sensitivity(test, case)
        case ServedTest():
            return judge_parties.judge_served(test, case)
        case CallBackTest():
            return judge_time.judge_call_back(test, case)
        case ReachTest():
            return judge_parties.judge_reach(test, case)
