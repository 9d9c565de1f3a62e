"""Judges of time: windows, holidays, frequency, spacing, call-backs. Pure; `case.now` is the only clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairdial.core.policy.case import Calendar, Case, Contacted
from fairdial.core.policy.finding import Finding, allow, deny, unknown, wait
from fairdial.core.policy.judge_permission import in_force
from fairdial.core.policy.kinds import AttemptsTest, CallBackTest, Day, SpacingTest, WindowTest

HORIZON = timedelta(days=31)
"""How far a window looks ahead; what stays closed longer is denied."""

_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of this IANA name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def judge_window(test: WindowTest, case: Case, jurisdiction: str) -> Finding:
    if case.person.zone is None:
        return unknown("person.zone", "所在时区")
    zone = zone_of(case.person.zone)
    if zone is None:
        return deny("时区无法识别", "the time zone cannot be read", **{"person.zone": case.person.zone})
    calendar = case.calendars.get(jurisdiction)
    if test.skips_holidays and calendar is None:
        return unknown(f"calendars[{jurisdiction}]", "节假日数据")
    local = case.now.astimezone(zone)
    seen = {"person.zone": case.person.zone, "local_time": local.isoformat(timespec="minutes")}
    if test.lifted_by_consent_to_hours and any(
        c.any_hour and in_force(c, case) for c in case.permission.consents or ()
    ):
        return allow(**seen)
    for offset in range(HORIZON.days + 1):
        day = local.date() + timedelta(days=offset)
        if test.skips_holidays and calendar is not None:
            if calendar.known_until is None or day > calendar.known_until:
                return deny(f"没有 {day} 的节假日数据", f"holidays of {day} are not known", **seen)
            if day in calendar.holidays:
                continue
        for start, end in _open_on(day, test, calendar, zone):
            if start <= case.now < end:
                return allow(**seen)
            if case.now < start:
                return wait(start, f"当地时间 {local:%m-%d %H:%M}", f"{local:%a %H:%M} local time", **seen)
    return deny("一个月内没有可呼叫时段", "no open window within a month", **seen)


def _open_on(day: date, test: WindowTest, calendar: Calendar | None, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The windows of one day as instants, in order; a weekend day worked instead of a weekday counts as one."""
    name = _DAYS[day.weekday()]
    is_workday = calendar is not None and day in calendar.workdays
    spans = [
        (_instant(day, w.start, zone), _instant(day, w.end, zone))
        for w in test.windows
        if name in w.days or (is_workday and "mon" in w.days)
    ]
    return sorted(spans)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _counted(test: AttemptsTest, contacted: tuple[Contacted, ...]) -> list[datetime]:
    return [c.at for c in contacted if test.counts == "everybody" or c.is_same_tenant]


def judge_attempts(test: AttemptsTest, case: Case) -> Finding:
    if case.person.contacted is None:
        return unknown("person.contacted", "以往联系记录")
    span = timedelta(hours=test.within_h)
    recent = sorted(at for at in _counted(test, case.person.contacted) if case.now - span < at)
    seen = {"person.contacted": len(recent), "within_h": test.within_h}
    if len(recent) < test.at_most:
        return allow(**seen)
    if test.at_most == 0:
        return deny("不允许联系", "no contact is allowed", **seen)
    return wait(
        recent[-test.at_most] + span,
        f"{test.within_h:g} 小时内已联系 {len(recent)} 次",
        f"contacted {len(recent)} times within {test.within_h:g} hours",
        **seen,
    )


def judge_spacing(test: SpacingTest, case: Case) -> Finding:
    if case.person.contacted is None:
        return unknown("person.contacted", "以往联系记录")
    last = max((c.at for c in case.person.contacted), default=None)
    until = last + timedelta(minutes=test.apart_min) if last else None
    if until is None or until <= case.now:
        return allow(**{"person.contacted.at": last})
    return wait(until, "距上次联系太近", "too soon after the last contact", **{"person.contacted.at": last})


def judge_call_back(_test: CallBackTest, case: Case) -> Finding:
    if case.progress is None:
        return unknown("progress", "任务进度")
    until = case.progress.not_before
    seen = {"progress.not_before": until}
    if until is None or until <= case.now:
        return allow(**seen)
    return wait(until, "客户约定的时间未到", "the time the person named has not come", **seen)
