"""For one contact of a campaign: being called, done, waiting until when and for what, or never to be called. Pure.

One value with one plain sentence in each language; the rules that spoke stand beside it with their citations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.plan import Held, Holds
from fairdial.core.campaign.retries import Cause, Ended
from fairdial.core.policy.finding import Outcome


class ContactStands(StrEnum):
    """`done`: called, and not again; `never`: not called (again) as things stand."""

    CALLING = "calling"
    DONE = "done"
    WAITS = "waits"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the gate said last: its outcome and, of each rule that did not allow, the reason in both languages."""

    outcome: Outcome
    until: datetime | None
    against: Sequence[tuple[str, str, str]]
    """Rule, Chinese, English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """A contact of a campaign as the ledger has it.

    Attributes:
        tries: Calls dialled; `last` is when and how the newest ended (None while it lives).
        due_at: When it may be claimed; None while it is dialled and when nothing is due.
        waits_for: The cause of another try.
        outcome: What the campaign came to for the contact; None while it goes on.
    """

    state: CampaignState
    held: Held | None
    is_living: bool
    tries: int
    last: tuple[datetime, str] | None
    due_at: datetime | None
    waits_for: Cause | None
    outcome: str | None
    said: Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    kind: ContactStands
    until: datetime | None
    en: str
    zh: str


_CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause.SERVED: ("was served", "已完成"),
    Cause.CALL_BACK: ("asked to be called back", "客户约定回电"),
    Cause.CUT_SHORT: ("our call was cut short", "上次通话被我方中断"),
    Cause.NO_ANSWER: ("did not answer", "上次无人接听"),
    Cause.BUSY: ("was busy", "上次占线"),
    Cause.VOICEMAIL: ("a mailbox answered", "上次转入语音信箱"),
    Cause.CALL_REMINDER: ("the network reminds of our call", "上次转入来电提醒"),
    Cause.REJECTED: ("rejected the call", "对方拒接"),
    Cause.BARRED: ("our calls are not let through", "我方来电被拦截"),
    Cause.FORWARDED: ("the number was forwarded", "上次呼叫转移"),
    Cause.POWERED_OFF: ("the phone was off", "上次关机"),
    Cause.UNREACHABLE: ("could not be reached", "上次无法接通"),
    Cause.SUSPENDED: ("the number is suspended", "停机"),
    Cause.INVALID_NUMBER: ("there is no such number", "空号"),
    Cause.NETWORK: ("the network failed", "上次网络故障"),
    Cause.OWN_LINE: ("our line let no call out", "上次我方线路未呼出"),
    Cause.CANCELLED: ("the call was given up", "上次呼叫已取消"),
}
_HELD: Mapping[Holds, tuple[str, str]] = {
    Holds.NOT_RUNNING: ("the campaign does not run", "任务没有在运行"),
    Holds.NOT_STARTED: ("the campaign has not begun", "任务未到开始时间"),
    Holds.STOPPED: ("the campaign's stop time has passed", "任务已过结束时间"),
    Holds.DAILY_LIMIT: ("the campaign's calls of today are spent", "任务今日呼叫量已满"),
    Holds.TOTAL_LIMIT: ("the campaign's calls are spent", "任务总呼叫量已满"),
}
_SPENT: Mapping[str, tuple[str, str]] = {
    Ended.CAUSE_SPENT: ("it was tried as often as its rule allows", "已达该情形的重呼上限"),
    Ended.BUDGET_SPENT: ("it was tried as often as the campaign allows", "已达每位客户的呼叫上限"),
    Ended.NO_HOUR_LEFT: ("no hour is left before the campaign stops", "任务结束前没有可呼时段"),
    "unknown": ("a call was lost with its worker; it counts as made", "一通电话的结果不明,按已呼计"),
}
_STATES: Mapping[CampaignState, tuple[str, str]] = {
    CampaignState.DRAFT: ("the campaign is a draft", "任务仍是草稿"),
    CampaignState.CHECKED: ("the campaign's script is not approved", "任务的话术未审核"),
    CampaignState.APPROVED: ("the campaign was not started", "任务尚未开始"),
    CampaignState.PAUSED: ("the campaign is paused", "任务已暂停"),
    CampaignState.FINISHED: ("the campaign is finished", "任务已结束"),
}


def why(facts: ContactFacts, now: datetime, zone: ZoneInfo) -> Why:
    """Say how a contact stands; instants in the sentence are on the person's clock."""
    if facts.is_living:
        return Why(kind=ContactStands.CALLING, until=None, en="is being called now", zh="正在呼叫")
    if facts.outcome is not None:
        return _over(facts, facts.outcome, zone)
    if facts.state is CampaignState.FINISHED:
        return _told(ContactStands.NEVER, None, _STATES[CampaignState.FINISHED], zone)
    if facts.due_at is None:
        return _not_due(facts)
    if facts.state is not CampaignState.RUNNING:
        return _told(ContactStands.WAITS, None, _STATES[facts.state], zone)
    if facts.due_at > now:
        return _told(ContactStands.WAITS, facts.due_at, _waits_for(facts), zone)
    held = facts.held
    if held is not None and (held.until is None or held.until > now):
        ends_it = held.by in (Holds.STOPPED, Holds.TOTAL_LIMIT)
        return _told(ContactStands.NEVER if ends_it else ContactStands.WAITS, held.until, _HELD[held.by], zone)
    return _told(ContactStands.WAITS, None, ("is due and waits for a free line", "已到时间,等待空闲线路"), zone)


def _over(facts: ContactFacts, outcome: str, zone: ZoneInfo) -> Why:
    called = "" if facts.last is None else f", last {_clock(facts.last[0], zone)}: {facts.last[1]}"
    called_zh = "" if facts.last is None else f",最近 {_clock(facts.last[0], zone)}:{facts.last[1]}"
    if facts.tries == 0:
        en, zh = _SPENT.get(outcome, (outcome, outcome))
        return Why(kind=ContactStands.NEVER, until=None, en=f"is not called: {en}", zh=f"不再呼叫:{zh}")
    times = f"called {facts.tries} time{'s' * (facts.tries != 1)}{called}"
    times_zh = f"已呼 {facts.tries} 次{called_zh}"
    en, zh = _SPENT.get(outcome, (f"it came to {outcome}", f"结果 {outcome}"))
    kind = ContactStands.NEVER if outcome in _SPENT else ContactStands.DONE
    return Why(kind=kind, until=None, en=f"{times}; not again: {en}", zh=f"{times_zh};不再呼叫:{zh}")


def _not_due(facts: ContactFacts) -> Why:
    if facts.said is None:
        return Why(kind=ContactStands.WAITS, until=None, en="the gate was not asked yet", zh="尚未裁定")
    return Why(
        kind=ContactStands.NEVER,
        until=None,
        en=f"may not be called as things stand: {_reasons(facts.said, 2)}; each run asks the gate anew",
        zh=f"目前不可呼叫:{_reasons(facts.said, 1)};每次运行都会重新裁定",
    )


def _waits_for(facts: ContactFacts) -> tuple[str, str]:
    """What a contact that is due later waits for: the rule that said so last, else the try that ended last."""
    said = facts.said
    if said is not None and said.outcome is Outcome.WAIT and said.until == facts.due_at:
        return _reasons(said, 2), _reasons(said, 1)
    if facts.waits_for is not None:
        return _CAUSES[facts.waits_for]
    return "it is due then", "届时到期"


def _reasons(said: Said, language: int) -> str:
    return "; ".join(dict.fromkeys(one[language] for one in said.against)) or said.outcome.value


def _told(kind: ContactStands, until: datetime | None, words: tuple[str, str], zone: ZoneInfo) -> Why:
    en, zh = words
    if until is not None:
        return Why(
            kind=kind, until=until, en=f"waits until {_clock(until, zone)}: {en}", zh=f"等到 {_clock(until, zone)}:{zh}"
        )
    return Why(kind=kind, until=None, en=f"{'waits' if kind is ContactStands.WAITS else 'not called'}: {en}", zh=zh)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
