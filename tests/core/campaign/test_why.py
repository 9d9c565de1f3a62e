"""Every contact has one plain answer: being called, done, waiting until when and for what, or never."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.plan import Held, Holds
from fairdial.core.campaign.retries import Cause, Ended
from fairdial.core.campaign.why import ContactFacts, ContactStands, Said, why
from fairdial.core.policy.finding import Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 9, 40, tzinfo=SHANGHAI)
LATER = NOW.replace(hour=14, minute=0)
REFUSED = Said(outcome=Outcome.DENY, until=None, against=[("CN-REFUSAL", "客户已拒绝", "the person refused")])
TOO_EARLY = Said(outcome=Outcome.WAIT, until=LATER, against=[("CAMPAIGN-HOURS", "任务时段未到", "before its hours")])
NEW = ContactFacts(
    state=CampaignState.RUNNING,
    held=None,
    is_living=False,
    tries=0,
    last=None,
    due_at=NOW,
    waits_for=None,
    outcome=None,
    said=None,
)
TRIED = replace(NEW, tries=1, last=(NOW, "busy"), due_at=LATER, waits_for=Cause.BUSY)


@pytest.mark.parametrize(
    ("facts", "kind", "until", "en", "zh"),
    [
        (replace(NEW, is_living=True, due_at=None), ContactStands.CALLING, None, "is being called now", "正在呼叫"),
        (NEW, ContactStands.WAITS, None, "free line", "等待空闲线路"),
        (TRIED, ContactStands.WAITS, LATER, "waits until 2026-11-25 14:00: was busy", "等到 2026-11-25 14:00:上次占线"),
        (replace(TRIED, said=TOO_EARLY), ContactStands.WAITS, LATER, "before its hours", "任务时段未到"),
        (
            replace(NEW, due_at=None, said=REFUSED),
            ContactStands.NEVER,
            None,
            "the person refused",
            "目前不可呼叫:客户已拒绝",
        ),
        (replace(NEW, state=CampaignState.PAUSED), ContactStands.WAITS, None, "is paused", "任务已暂停"),
        (replace(NEW, state=CampaignState.FINISHED), ContactStands.NEVER, None, "is finished", "任务已结束"),
        (
            replace(NEW, held=Held(by=Holds.DAILY_LIMIT, until=LATER)),
            ContactStands.WAITS,
            LATER,
            "calls of today",
            "今日呼叫量已满",
        ),
        (replace(NEW, held=Held(by=Holds.TOTAL_LIMIT)), ContactStands.NEVER, None, "calls are spent", "总呼叫量已满"),
        (
            replace(TRIED, outcome=Ended.BUDGET_SPENT, due_at=None),
            ContactStands.NEVER,
            None,
            "called 1 time",
            "每位客户的呼叫上限",
        ),
        (
            replace(TRIED, outcome="interested", due_at=None),
            ContactStands.DONE,
            None,
            "came to interested",
            "结果 interested",
        ),
        (replace(TRIED, outcome="unknown", due_at=None), ContactStands.NEVER, None, "lost with its worker", "结果不明"),
    ],
)
def test_each_stand_has_its_sentence(
    facts: ContactFacts, kind: ContactStands, until: datetime | None, en: str, zh: str
) -> None:
    told = why(facts, NOW, SHANGHAI)
    assert (told.kind, told.until) == (kind, until)
    assert en in told.en and zh in told.zh


def test_no_contact_is_without_an_answer() -> None:
    """And only who waits for a moment is told one."""
    dues = (None, NOW - timedelta(days=1), LATER)
    helds = (None, *(Held(by=by, until=until) for by, until in product(Holds, (None, LATER))))
    outcomes = (None, "unknown", "call_later", *Ended)
    saids = (None, REFUSED, TOO_EARLY)
    for state, due, held, cause, outcome, said in product(CampaignState, dues, helds, (None, *Cause), outcomes, saids):
        facts = replace(NEW, state=state, due_at=due, held=held, waits_for=cause, outcome=outcome, said=said)
        told = why(facts, NOW, SHANGHAI)
        assert told.en and told.zh and (told.until is None or told.until > NOW)
