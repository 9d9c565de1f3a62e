"""What cannot be meant in a campaign, alone or beside another, and what deserves a look. Pure.

A finding that `refuses` keeps a campaign a draft; any other is a warning. Each names the campaigns and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fairdial.core.campaign.hours import day_name, next_open
from fairdial.core.campaign.plan import Plan
from fairdial.core.campaign.retries import Cause
from fairdial.core.policy.case import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found, in English and Chinese, with its remedy."""

    code: str
    refuses: bool
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A campaign as far as it can contradict another; `shared` persons are also the other's (None: not counted)."""

    name: str
    plan: Plan
    list: str
    script_hash: str
    purpose: str
    line: str
    shared: int | None = None
    is_running: bool = False
    """Whether a process calls for it now."""
    barred: Sequence[str] = ()
    """Those of its lines that are not let for its purpose, or whose documents have ended."""


def check(
    asked: Planned, now: datetime, *, law: Sequence[Sequence[Window]] = (), beside: Sequence[Planned] = ()
) -> list[Finding]:
    """All findings of a campaign, those that refuse first.

    Args:
        law: Windows of each rule of the law that always speaks; a call must lie in all of them.
        beside: The tenant's other campaigns that may still call.
    """
    found = [*_alone(asked.plan, now), *_with_law(asked.plan.hours, law), *_lines(asked)]
    for other in beside:
        found += _between(asked, other)
    return sorted(found, key=lambda finding: not finding.refuses)


def contradicts(found: Sequence[Finding]) -> bool:
    return any(finding.refuses for finding in found)


def _refuse(code: str, en: str, zh: str) -> Finding:
    return Finding(code=code, refuses=True, en=en, zh=zh)


def _warn(code: str, en: str, zh: str) -> Finding:
    return Finding(code=code, refuses=False, en=en, zh=zh)


def _alone(plan: Plan, now: datetime) -> Iterator[Finding]:
    starts, stops = plan.starts_at, plan.stops_at
    if starts is not None and stops is not None and stops <= starts:
        yield _refuse("stop-before-start", "it stops before it starts; swap the two", "结束时间早于开始时间,请对调")
    elif stops is not None and stops <= now:
        yield _refuse("over", "its stop time has passed; set a later one", "结束时间已过,请改为将来的时间")
    for name, zh, limit in (("daily", "每日", plan.daily_limit), ("total", "总量", plan.total_limit)):
        if limit is not None and limit < 1:
            yield _refuse(
                f"{name}-limit",
                f"a {name} limit below 1 calls nobody; leave it out",
                f"{zh}上限小于 1,无人可呼;不限请留空",
            )
    if plan.daily_limit is not None and plan.total_limit is not None and plan.daily_limit > plan.total_limit > 0:
        yield _warn(
            "daily-above-total",
            "the daily limit is above the total one; it never speaks",
            "每日上限高于总量上限,不起作用",
        )
    for window in plan.hours:
        if window.start >= window.end or not window.days:
            yield _refuse(
                "empty-window",
                f"the window {_shown(window)} is empty; end it after it starts, on some day",
                f"时段 {_shown(window)} 为空,请让结束晚于开始并选择日期",
            )
    if not 0 <= plan.priority <= 9:
        yield _refuse("priority", "a priority is 0 to 9", "优先级应为 0 到 9")
    yield from _retries(plan)
    first = max(starts or now, now)
    opens = next_open(plan.hours, first, ZoneInfo(plan.zone))
    if stops is not None and stops > first and (opens is None or opens >= stops):
        yield _refuse(
            "no-hour",
            "no hour of its own lies between its start and its stop; widen either",
            "起止时间之间没有可呼时段,请放宽",
        )


def _retries(plan: Plan) -> Iterator[Finding]:
    if plan.retries.budget < 1:
        yield _refuse("budget", "a budget below 1 calls nobody", "每位客户的呼叫次数至少为 1")
    elif plan.retries.budget == 1 and plan.retries.rule(Cause.CALL_BACK).at_most:
        yield _warn(
            "no-call-back",
            "a budget of 1 leaves no call for who asks to be called back; give 2",
            "只呼一次,客户要求回电时无法再呼;建议至少 2 次",
        )
    for cause, rule in plan.retries.rules.items():
        if rule.after_min < 0 or rule.at_most < 0:
            yield _refuse("retry", f"the rule for {cause} has a number below 0", f"{cause} 的重呼规则有负数")


def _lines(asked: Planned) -> Iterator[Finding]:
    for line in asked.barred:
        yield _warn(
            "line-barred",
            f"line {line!r} is not let for {asked.purpose}, or its documents have ended; nobody is called over it: put it right"
            f" with `fairdial line set {line} --purpose … --documents-until …`",
            f"线路 {line} 的用途不含 {asked.purpose} 或资质已到期,不会用它呼出;请用 fairdial line set 更正",
        )


def _with_law(hours: Sequence[Window], law: Sequence[Sequence[Window]]) -> Iterator[Finding]:
    """By the minutes of a week: what of the own hours the law leaves."""
    if not hours or not law:
        return
    own = _minutes(hours)
    lawful = set.intersection(*(_minutes(windows) for windows in law))
    if own and not own & lawful:
        yield _refuse(
            "outside-law",
            "its hours lie outside those of the law; nobody could ever be called",
            "时段全在法定可呼时间之外,永远无法呼出",
        )
    elif own - lawful:
        yield _warn(
            "partly-outside-law",
            f"{len(own - lawful) / 60:g} hours a week of its hours are outside those of the law; nobody is called then",
            f"每周有 {len(own - lawful) / 60:g} 小时在法定可呼时间之外,届时不会呼出",
        )


def _between(asked: Planned, other: Planned) -> Iterator[Finding]:
    if not _meet(asked.plan, other.plan):
        return
    is_same_list = asked.list == other.list
    if is_same_list and asked.script_hash == other.script_hash:
        yield Finding(
            code="same-calls",
            refuses=other.is_running,
            en=f"{asked.name!r} and {other.name!r} call the same list with the same script at the same time: everybody would be"
            f" called twice for one thing; finish {other.name!r} or keep to it",
            zh=f"任务 {asked.name} 与 {other.name} 同时用同一话术呼叫同一名单,每人会被呼两遍;请结束 {other.name} 或只用它",
        )
    elif (is_same_list or asked.shared or other.shared) and asked.plan.priority == other.plan.priority:
        many = "the same list" if is_same_list else f"{other.shared or asked.shared} of the same persons"
        zh = "同一名单" if is_same_list else f"{other.shared or asked.shared} 位相同的客户"
        yield _warn(
            "same-persons",
            f"{asked.name!r} and {other.name!r} call {many} at the same time with equal priority: chance says who comes first"
            " and the other waits for the law's spacing; give one a higher priority or other hours",
            f"任务 {asked.name} 与 {other.name} 同时以相同优先级呼叫{zh},先后全凭偶然;请调高一个的优先级或错开时段",
        )
    for high, low in ((asked, other), (other, asked)):
        if high.line == low.line and high.plan.priority > low.plan.priority and _starves(high.plan, low.plan):
            yield _warn(
                "starves",
                f"{high.name!r} goes before {low.name!r} on line {high.line!r} in all its hours, without a daily limit: {low.name!r}"
                f" is called only when nobody of {high.name!r} is due; give {high.name!r} a limit or {low.name!r} hours of its own",
                f"任务 {high.name} 在线路 {high.line} 上始终优先于 {low.name} 且没有每日上限,{low.name} 只能等它无人可呼;"
                f"请给 {high.name} 设上限或给 {low.name} 留出时段",
            )


def _meet(one: Plan, other: Plan) -> bool:
    """Whether both may call at one moment, by their periods and their hours."""
    starts = [at for at in (one.starts_at, other.starts_at) if at is not None]
    stops = [at for at in (one.stops_at, other.stops_at) if at is not None]
    if starts and stops and max(starts) >= min(stops):
        return False
    return bool(_minutes(one.hours) & _minutes(other.hours))


def _starves(high: Plan, low: Plan) -> bool:
    is_longer = (high.stops_at is None or (low.stops_at is not None and low.stops_at <= high.stops_at)) and (
        high.starts_at is None or (low.starts_at is not None and low.starts_at >= high.starts_at)
    )
    return (
        is_longer
        and high.daily_limit is None
        and high.total_limit is None
        and _minutes(low.hours) <= _minutes(high.hours)
    )


def _minutes(hours: Sequence[Window]) -> set[int]:
    """The minutes of a week that lie within the hours; no hours are all of them."""
    day = 24 * 60
    if not hours:
        return set(range(7 * day))
    return {
        weekday * day + minute
        for weekday in range(7)
        for window in hours
        if day_name(weekday) in window.days
        for minute in range(_minute(window.start), _minute(window.end))
    }


def _minute(clock: time) -> int:
    return int(timedelta(hours=clock.hour, minutes=clock.minute) / timedelta(minutes=1)) + (clock.second > 0)


def _shown(window: Window) -> str:
    return f"{window.start:%H:%M}-{window.end:%H:%M}"
