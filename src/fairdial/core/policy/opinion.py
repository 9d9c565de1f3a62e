"""What one rule says about a case, in words somebody can read. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fairdial.core.policy.case import Purpose
from fairdial.core.policy.finding import ALLOW, Facts, Finding, Outcome
from fairdial.core.policy.kinds import CampaignTest
from fairdial.core.policy.pack import AppliesTo, Confidence, Reason, Rule, Standing, Status


class Opinion(NamedTuple):
    """What one rule says: the outcome, why (empty when it allows), by which text, until when, and the facts it saw."""

    rule_id: str
    outcome: Outcome
    reason_zh: str
    reason_en: str
    cite: str
    standing: str
    until: datetime | None
    facts: Facts


def opinion_of(rule: Rule, finding: Finding, facts: Facts) -> Opinion:
    """The words of a finding put together."""
    if finding is ALLOW:
        return Opinion(rule.id, finding.outcome, "", "", rule.cite, rule.standing, None, facts)
    zh, en = finding.zh.format(*finding.values), finding.en.format(*finding.values)
    reason = rule.reason
    return Opinion(
        rule.id,
        finding.outcome,
        f"{reason.zh}:{zh}",
        f"{reason.en}: {en}",
        rule.cite,
        rule.standing,
        finding.until,
        facts,
    )


def engine(rule_id: str) -> Rule:
    """Stands for the engine where it says no by itself: no pack does."""
    return Rule(
        id=rule_id,
        applies_to=AppliesTo(purposes=frozenset(Purpose)),
        test=CampaignTest(kind="campaign_state"),
        standing=Standing.DEFAULT,
        status=Status.OWN_CHOICE,
        confidence=Confidence.VERIFIED_TEXT,
        cite="docs/why/gate.md",
        source="docs/why/gate.md",
        reason=Reason(zh="无法裁定为可呼叫", en="cannot be allowed"),
    )
