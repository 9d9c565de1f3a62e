"""May this call be made? `decide(case, packs)` answers with every rule that spoke.

Pure: no clock, no database, no randomness. A refusal is a value. Unknown is no:
a fact, a country or a pack that is missing denies and is named. The strictest of
all candidate jurisdictions wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from fairdial.core.policy import judge_parties, judge_permission, judge_time
from fairdial.core.policy.case import Case, Purpose
from fairdial.core.policy.finding import Facts, Finding, Outcome, deny, strictest
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
from fairdial.core.policy.pack import PLATFORM, AppliesTo, Confidence, Pack, Reason, Rule, Standing, Status

_MOST_STEPS = 64
"""Instants asked again before a wait is given up; each is later than the one before."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one rule says: the outcome, why, by which text, and the facts it saw; words are put together when read."""

    rule: Rule
    finding: Finding

    @property
    def rule_id(self) -> str:
        return self.rule.id

    @property
    def outcome(self) -> Outcome:
        return self.finding.outcome

    @property
    def reason_zh(self) -> str:
        return "" if self.finding.outcome is Outcome.ALLOW else f"{self.rule.reason.zh}:{self.finding.zh}"

    @property
    def reason_en(self) -> str:
        return "" if self.finding.outcome is Outcome.ALLOW else f"{self.rule.reason.en}: {self.finding.en}"

    @property
    def cite(self) -> str:
        return self.rule.cite

    @property
    def standing(self) -> str:
        return self.rule.standing

    @property
    def until(self) -> datetime | None:
        return self.finding.until

    @property
    def facts(self) -> Facts:
        return self.finding.facts


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
    opinions = [*missing, *_opinions(case, rules)]
    outcome, until = strictest(opinions)
    if outcome is Outcome.WAIT and until is not None:
        outcome, until, closed = _first_open_instant(case, rules, until)
        opinions += closed
    opinions.sort(key=_BY_RULE)
    versions = tuple([f"{pack.jurisdiction} {pack.version}" for pack in candidates])
    return Verdict(outcome=outcome, until=until, opinions=tuple(opinions), pack_versions=versions)


_BY_RULE = attrgetter("rule.id")


def _opinions(case: Case, rules: list[tuple[Rule, str]]) -> list[Opinion]:
    """What every rule that speaks says."""
    return [
        Opinion(rule, JUDGES[type(rule.test)](rule.test, case, where)) for rule, where in rules if rule.speaks(case)
    ]


def judge(rule: Rule, case: Case, jurisdiction: str) -> Finding | None:
    """What one rule finds; None when it does not speak about this case."""
    return JUDGES[type(rule.test)](rule.test, case, jurisdiction) if rule.speaks(case) else None


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
    return Opinion(replace(_ENGINE, id=rule_id), deny(zh, en, **facts))


_ENGINE = Rule(
    id="ENGINE",
    applies_to=AppliesTo(purposes=frozenset(Purpose)),
    test=CampaignTest(kind="campaign_state"),
    standing=Standing.DEFAULT,
    status=Status.OWN_CHOICE,
    confidence=Confidence.VERIFIED_TEXT,
    cite="docs/why/gate.md",
    source="docs/why/gate.md",
    reason=Reason(zh="无法裁定为可呼叫", en="cannot be allowed"),
)
"""Stands for the engine where it says no by itself."""


def _first_open_instant(
    case: Case, rules: list[tuple[Rule, str]], until: datetime
) -> tuple[Outcome, datetime | None, list[Opinion]]:
    """Ask again at each instant the rules name until none asks to wait; say what keeps it closed for good."""
    for _ in range(_MOST_STEPS):
        if until - case.now > HORIZON:
            break
        then = case.at(until)
        opinions = _opinions(then, rules)
        outcome, later = strictest(opinions)
        if outcome is Outcome.DENY:
            return outcome, None, [o for o in opinions if o.outcome is Outcome.DENY]
        if later is None:
            return Outcome.WAIT, until, []
        until = later
    zh, en = f"{HORIZON.days} 天内没有可以呼叫的时刻", f"no instant within {HORIZON.days} days is open"
    return Outcome.DENY, None, [_closed("HORIZON", zh, en, {"until": until})]


_Judge = Callable[[Any, Case, str], Finding]


def _placeless(judging: Callable[[Any, Case], Finding]) -> _Judge:
    """A judge to whom it does not matter whose law asks."""
    return lambda test, case, _jurisdiction: judging(test, case)


JUDGES: Mapping[type[Test], _Judge] = {
    BasisTest: _placeless(judge_permission.judge_basis),
    RefusalTest: _placeless(judge_permission.judge_refusal),
    RegistryTest: _placeless(judge_permission.judge_registry),
    WindowTest: judge_time.judge_window,
    AttemptsTest: _placeless(judge_time.judge_attempts),
    SpacingTest: _placeless(judge_time.judge_spacing),
    ScriptTest: _placeless(judge_parties.judge_script),
    DisclosureTest: _placeless(judge_parties.judge_disclosure),
    CallerTest: _placeless(judge_parties.judge_caller),
    LineTest: _placeless(judge_parties.judge_line),
    RoleTest: _placeless(judge_parties.judge_role),
    ContractTest: _placeless(judge_parties.judge_contract),
    SuspensionTest: _placeless(judge_parties.judge_suspension),
    CampaignTest: _placeless(judge_parties.judge_campaign),
    AbandonmentTest: _placeless(judge_parties.judge_abandonment),
    TopicTest: _placeless(judge_permission.judge_topic),
    SensitivityTest: _placeless(judge_permission.judge_sensitivity),
    ServedTest: _placeless(judge_parties.judge_served),
    CallBackTest: _placeless(judge_time.judge_call_back),
    ReachTest: _placeless(judge_parties.judge_reach),
}
"""The judge of each kind of rule; a test fails when a kind has none."""
