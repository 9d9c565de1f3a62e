"""Who is asked about a case: all that a decision's purpose, countries and packs determine. Pure.

A plan is made once for a purpose and a set of packs, and remembered; what is left for each case is one call for each
rule, in the order in which opinions are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from fairdial.core.policy import judge_parties, judge_permission, judge_time
from fairdial.core.policy.case import Case, Purpose
from fairdial.core.policy.finding import ALLOW, SILENT, Facts, Finding, deny, unknown
from fairdial.core.policy.kinds import (
    AbandonmentTest,
    AttemptsTest,
    BasisTest,
    CallBackTest,
    CallerTest,
    CampaignHoursTest,
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
from fairdial.core.policy.opinion import Opinion, engine, opinion_of
from fairdial.core.policy.pack import PLATFORM, Pack, Rule
from fairdial.core.policy.place import home_of, located, zone_fits, zones_of

Judge = Callable[[Any, Case, datetime], Finding]
"""`judge(test, case, now)`; `now` is later than the case's when it is asked whether a later instant is open."""

Seen = Callable[[Any, Case], Facts]
"""`seen(test, case)`: the facts a rule looks at, where its finding names none itself."""


Asked = tuple[Rule, Judge, Seen, tuple[object, ...]]
"""One rule as a plan asks it: its judge, the facts it looks at, and its opinion when it allows, all but the facts. A bare
tuple, because the loops over it are the price of a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rules for one purpose and one set of packs by id, and the engine's own no for what is missing."""

    asked: tuple[Asked, ...]
    calls: tuple[tuple[Judge, Test], ...]
    """Judges and tests alone, for the inner loop."""
    timely: tuple[tuple[Judge, Test], ...]
    """Those whose finding may be another at another instant."""
    pack_versions: tuple[str, ...]
    home: Pack | None
    """The pack of the country the person lives in."""

    def findings(self, case: Case, now: datetime) -> list[Finding]:
        """What every rule finds at an instant, in the order of `asked`."""
        return [judge(test, case, now) for judge, test in self.calls]

    def later(self, case: Case, now: datetime) -> list[Finding]:
        """What the rules find at another instant that may find something else there; in no order that matters."""
        return [judge(test, case, now) for judge, test in self.timely]

    def opinions(self, case: Case, findings: Sequence[Finding]) -> list[Opinion]:
        """What the rules that spoke say, with the facts they saw; `findings` are those at the case's own instant."""
        said = []
        for (rule, _, seen, allowing), finding in zip(self.asked, findings, strict=True):
            if finding is ALLOW:
                said.append(_new(Opinion, (*allowing, seen(rule.test, case))))
            elif finding is not SILENT:
                said.append(opinion_of(rule, finding, finding.facts or seen(rule.test, case)))
        return said


_new = tuple.__new__  # `Opinion(…)` costs twice as much


def plan_for(case: Case, packs: Mapping[str, Pack]) -> Plan:
    """The plan of a case: the platform's pack and those of every candidate jurisdiction.

    Packs are compared by identity: a plan is never used for a pack that was changed.
    """
    number, address, seat = case.person.number_country, case.person.address_country, case.tenant.seat
    pack = packs.get
    found = (pack(PLATFORM), pack(number or ""), pack(address or ""), pack(seat or ""))
    return _plan(case.purpose, number, address, seat, *found)


@lru_cache(maxsize=1024)
def _plan(purpose: Purpose, number: str | None, address: str | None, seat: str | None, *found: Pack | None) -> Plan:
    places = [PLATFORM, *(country for country in (number, address, seat) if country is not None)]
    given = dict(zip((PLATFORM, number, address, seat), found, strict=True))
    packs = {place: pack for place in sorted(set(places)) if (pack := given[place]) is not None}
    asked = [
        _engine("NO-PACK", _always(unknown(fact, zh)))
        for fact, zh, country in (
            ("person.number_country", "号码所属国家", number),
            ("tenant.seat", "企业所在国家", seat),
        )
        if country is None
    ]
    home = home_of(number, address, packs)
    if home is not None:
        asked.append(_engine("ZONE-OF-REGION", _zone_of_region(home)))
    asked += [
        _engine(
            "NO-PACK",
            _always(deny("没有 {} 的规则包", "there is no rule pack for {}", place, facts={"country": place})),
        )
        for place in sorted(set(places) - set(packs))
    ]
    asked += [
        _asked(rule, pack.jurisdiction, home)
        for pack in packs.values()
        for rule in pack.rules
        if purpose in rule.applies_to.purposes
    ]
    asked.sort(key=lambda one: one[0].id)
    return Plan(
        asked=tuple(asked),
        calls=tuple((judge, rule.test) for rule, judge, _, _ in asked),
        timely=tuple((judge, rule.test) for rule, judge, _, _ in asked if _is_timely(rule)),
        pack_versions=tuple(f"{pack.jurisdiction} {pack.version}" for pack in packs.values()),
        home=home,
    )


def judge(rule: Rule, case: Case, pack: Pack) -> Finding | None:
    """What one rule of a pack finds, asked alone, for a person who lives there; None when it does not speak."""
    _, judging, _, _ = _asked(rule, pack.jurisdiction, pack)
    speaks = case.purpose in rule.applies_to.purposes
    finding = judging(rule.test, located(case, pack), case.now) if speaks else SILENT
    return None if finding is SILENT else finding


def _asked(rule: Rule, jurisdiction: str, home: Pack | None) -> Asked:
    judge, seen = JUDGES[type(rule.test)]
    if isinstance(rule.test, WindowTest):
        zones = partial(zones_of, home) if home is not None else _nowhere
        judge, seen = judge(rule.test, jurisdiction, zones), partial(seen, zones)
    if rule.is_conditional:
        judge = _where_it_speaks(rule, judge)
    return rule, judge, seen, opinion_of(rule, ALLOW, {})[:-1]


def _nowhere(_region: str) -> tuple[str, ...]:
    return ()


def _is_timely(rule: Rule) -> bool:
    return type(rule.test) not in TIMELESS or rule.effective_from is not None or rule.effective_until is not None


def _where_it_speaks(rule: Rule, judge: Judge) -> Judge:
    return lambda test, case, now: judge(test, case, now) if rule.is_about(case, now) else SILENT


def _engine(rule_id: str, judge: Judge) -> Asked:
    """A no that stands in no pack: the engine's own. It reads no clock, and is silent where it does not say no."""
    return engine(rule_id), judge, lambda _test, _case: {}, ()


def _always(finding: Finding) -> Judge:
    return lambda _test, _case, _now: finding


def _zone_of_region(home: Pack) -> Judge:
    return lambda _test, case, _now: zone_fits(home, case.person.zone, case.person.region)


JUDGES: Mapping[type[Test], tuple[Callable[..., Any], Callable[..., Facts]]] = {
    BasisTest: (judge_permission.judge_basis, judge_permission.seen_basis),
    RefusalTest: (judge_permission.judge_refusal, judge_permission.seen_refusal),
    RegistryTest: (judge_permission.judge_registry, judge_permission.seen_registry),
    WindowTest: (judge_time.window_judge, judge_time.seen_window),
    AttemptsTest: (judge_time.judge_attempts, judge_time.seen_attempts),
    SpacingTest: (judge_time.judge_spacing, judge_time.seen_spacing),
    ScriptTest: (judge_parties.judge_script, judge_parties.seen_script),
    DisclosureTest: (judge_parties.judge_disclosure, judge_parties.seen_disclosure),
    CallerTest: (judge_parties.judge_caller, judge_parties.seen_caller),
    LineTest: (judge_parties.judge_line, judge_parties.seen_line),
    RoleTest: (judge_parties.judge_role, judge_parties.seen_role),
    ContractTest: (judge_parties.judge_contract, judge_parties.seen_contract),
    SuspensionTest: (judge_parties.judge_suspension, judge_parties.seen_suspension),
    CampaignTest: (judge_parties.judge_campaign, judge_parties.seen_campaign),
    CampaignHoursTest: (judge_time.judge_campaign_hours, judge_time.seen_campaign_hours),
    AbandonmentTest: (judge_parties.judge_abandonment, judge_parties.seen_abandonment),
    TopicTest: (judge_permission.judge_topic, judge_permission.seen_topic),
    SensitivityTest: (judge_permission.judge_sensitivity, judge_permission.seen_sensitivity),
    ServedTest: (judge_parties.judge_served, judge_parties.seen_served),
    CallBackTest: (judge_time.judge_call_back, judge_time.seen_call_back),
    ReachTest: (judge_parties.judge_reach, judge_parties.seen_reach),
}
"""The judge of each kind of rule and the facts it looks at; a test fails when a kind has none. For a window they
are made for a jurisdiction and the person's home."""

TIMELESS: frozenset[type[Test]] = frozenset(
    {DisclosureTest, RoleTest, SuspensionTest, CampaignTest, AbandonmentTest, SensitivityTest, ServedTest, ReachTest}
)
"""Kinds whose judges read no clock: what they find now they find at any instant."""
