"""Judges of time: windows, holidays, frequency, spacing, call-backs. Pure; `now` is the only clock.

Each kind of rule has `judge_…(test, case, now)`, and `seen_…(test, case)` for the facts it always looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairdial.core.campaign.hours import next_open
from fairdial.core.policy.case import Calendar, Case, Day
from fairdial.core.policy.finding import ALLOW, SILENT, Facts, Finding, Outcome, deny, unknown, wait
from fairdial.core.policy.judge_permission import in_force
from fairdial.core.policy.kinds import AttemptsTest, CallBackTest, CampaignHoursTest, SpacingTest, WindowTest

HORIZON = timedelta(days=62)
"""How far a window looks ahead; what stays closed longer is denied. Thirty days of rest and a week of holidays fit in."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DENY = Outcome.DENY
_hours = lru_cache(maxsize=512)(lambda hours: timedelta(hours=hours))
_minutes = lru_cache(maxsize=512)(lambda minutes: timedelta(minutes=minutes))

ZonesOf = Callable[[str], tuple[str, ...]]
"""The IANA zones a region lies in, as far as they are known."""

_Spans = tuple[tuple[datetime, datetime], ...]
_Openings = Callable[[Calendar | None, ZoneInfo, date], tuple[_Spans, Finding]]


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of this IANA name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=512)
def _clocks(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in names)


def window_judge(
    test: WindowTest, jurisdiction: str, zones_of: ZonesOf
) -> Callable[[WindowTest, Case, datetime], Finding]:
    """The judge of one window by the holidays of `jurisdiction`; it remembers what a day's openings are."""
    openings: _Openings = lru_cache(maxsize=256)(partial(_openings, test))
    named = _clocks(test.zones)
    own_zones = lru_cache(maxsize=1024)(partial(_own_zones, zones_of))

    def judge_window(_test: WindowTest, case: Case, now: datetime) -> Finding:
        if named and not _may_live_in(jurisdiction, case):
            return SILENT
        zones = named or own_zones(case.person.zone, case.person.region)
        if isinstance(zones, Finding):
            return zones
        calendar = case.calendars.get(jurisdiction)
        if test.skips_holidays and calendar is None:
            return unknown(f"calendars[{jurisdiction}]", "节假日数据")
        if test.lifted_by_consent_to_hours and _is_lifted(case, now):
            return ALLOW
        instant = now.astimezone(UTC)
        if len(zones) == 1:
            return _by_clock(zones[0], instant, calendar, openings)
        clocks = [_by_clock(zone, instant, calendar, openings) for zone in zones]
        return max(clocks, key=lambda finding: (finding.outcome is _DENY, finding.until or instant))

    return judge_window


def _may_live_in(country: str, case: Case) -> bool:
    """Whether a region that is not known may be one of this country; one that is known has made its rule speak."""
    person = case.person
    return person.region is not None or country in (person.number_country, person.address_country)


def _own_zones(zones_of: ZonesOf, name: str | None, region: str | None) -> tuple[ZoneInfo, ...] | Finding:
    """The person's clock; all those of the region when it lies in several zones, for nobody sees which is the person's."""
    if name is None:
        return unknown("person.zone", "所在时区")
    if region is not None and len(several := zones_of(region)) > 1:
        return _clocks(several)
    zone = zone_of(name)
    return (zone,) if zone else deny("时区无法识别", "the time zone cannot be read", facts={"person.zone": name})


def _is_lifted(case: Case, now: datetime) -> bool:
    return any(c.any_hour and in_force(c, case, now) for c in case.permission.consents or ())


def _by_clock(zone: ZoneInfo, instant: datetime, calendar: Calendar | None, openings: _Openings) -> Finding:
    """Whether the window is open by the clock of one zone, or when it opens."""
    local = instant.astimezone(zone)
    spans, otherwise = openings(calendar, zone, local.date())
    for start, end in spans:
        if instant < end:
            return ALLOW if start <= instant else _closed_until(start, local)
    return otherwise


def _closed_until(start: datetime, local: datetime) -> Finding:
    return wait(
        start,
        "当地时间 {1:02}-{2:02} {3:02}:{4:02}",
        "{0} {3:02}:{4:02} local time",
        _WEEKDAYS[local.weekday()],
        local.month,
        local.day,
        local.hour,
        local.minute,
    )


def seen_window(zones_of: ZonesOf, test: WindowTest, case: Case) -> Facts:
    region = case.person.region
    zones = test.zones or (zones_of(region) if region is not None else ())
    if test.zones or len(zones) > 1:
        return {"person.region": region, "local_time": tuple(_local(case, name) for name in zones)}
    return {"person.zone": case.person.zone, "local_time": _local(case, case.person.zone or "")}


def _local(case: Case, name: str) -> str:
    return case.now.astimezone(zone_of(name)).isoformat(timespec="minutes")


def _openings(test: WindowTest, calendar: Calendar | None, zone: ZoneInfo, today: date) -> tuple[_Spans, Finding]:
    """The windows of today and of the next open day as instants, in order, and what holds when they are over."""
    spans: list[tuple[datetime, datetime]] = []
    for offset in range(HORIZON.days + 1):
        day = today + timedelta(days=offset)
        if test.skips_holidays and calendar is not None:
            if calendar.known_until is None or day > calendar.known_until:
                return tuple(spans), deny("没有 {} 的节假日数据", "holidays of {} are not known", day)
            if day in calendar.holidays:
                continue
        found = _open_on(day, test, calendar, zone)
        spans += found
        if found and offset:
            break
    return tuple(spans), deny("{0} 天内没有可呼叫时段", "no open window within {0} days", HORIZON.days)


def _open_on(day: date, test: WindowTest, calendar: Calendar | None, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The windows of one day, in order; a weekend day worked instead of a weekday counts as one."""
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


def _recent(test: AttemptsTest, case: Case, now: datetime) -> list[datetime]:
    """When the person was contacted within the rule's hours."""
    since, is_counting_all = now - _hours(test.within_h), test.counts == "everybody"
    recent: list[datetime] = []
    for contact in case.person.contacted or ():  # a comprehension costs twice as much for so few
        if contact.at > since and (is_counting_all or contact.is_same_tenant):
            recent.append(contact.at)
    return recent


def judge_attempts(test: AttemptsTest, case: Case, now: datetime) -> Finding:
    if case.person.contacted is None:
        return unknown("person.contacted", "以往联系记录")
    if len(case.person.contacted) < test.at_most:
        return ALLOW
    recent = _recent(test, case, now)
    if len(recent) < test.at_most:
        return ALLOW
    if test.at_most == 0:
        return deny("不允许联系", "no contact is allowed")
    return wait(
        sorted(recent)[-test.at_most] + _hours(test.within_h),
        "{1:g} 小时内已联系 {0} 次",
        "contacted {0} times within {1:g} hours",
        len(recent),
        test.within_h,
    )


def seen_attempts(test: AttemptsTest, case: Case) -> Facts:
    return {"person.contacted": len(_recent(test, case, case.now)), "within_h": test.within_h}


def _last_contact(case: Case) -> datetime | None:
    last: datetime | None = None
    for contact in case.person.contacted or ():
        if last is None or contact.at > last:
            last = contact.at
    return last


def judge_spacing(test: SpacingTest, case: Case, now: datetime) -> Finding:
    if case.person.contacted is None:
        return unknown("person.contacted", "以往联系记录")
    last = _last_contact(case)
    if last is None or (until := last + _minutes(test.apart_min)) <= now:
        return ALLOW
    return wait(until, "距上次联系太近", "too soon after the last contact")


def seen_spacing(_test: SpacingTest, case: Case) -> Facts:
    return {"person.contacted.at": _last_contact(case)}


def judge_call_back(_test: CallBackTest, case: Case, now: datetime) -> Finding:
    if case.progress is None:
        return unknown("progress", "任务进度")
    until = case.progress.not_before
    if until is None or until <= now:
        return ALLOW
    return wait(
        until,
        "客户约定或下次重呼的时间未到",
        "the time promised, or of another try, has not come",
    )


def seen_call_back(_test: CallBackTest, case: Case) -> Facts:
    return {"progress.not_before": case.progress and case.progress.not_before}


def judge_campaign_hours(_test: CampaignHoursTest, case: Case, now: datetime) -> Finding:
    hours = case.campaign.hours
    if not hours:
        return ALLOW
    zone = zone_of(case.person.zone or "")
    if zone is None:
        return unknown("person.zone", "所在时区")
    opens = next_open(hours, now, zone)
    if opens is None:
        return deny("任务没有可呼时段", "the campaign has no hour of its own")
    return ALLOW if opens <= now else wait(opens, "任务时段未到", "before the campaign's next hour")


def seen_campaign_hours(_test: CampaignHoursTest, case: Case) -> Facts:
    hours = case.campaign.hours or ()
    return {"campaign.hours": tuple(f"{','.join(w.days)} {w.start:%H:%M}-{w.end:%H:%M}" for w in hours)}
