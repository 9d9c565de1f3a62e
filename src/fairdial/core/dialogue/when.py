"""When the person wants to be called again, or any day and time they name: from their words to an instant.

Pure; `now` is given. A later time that cannot be read means the next day at ten,
never earlier than an hour from now.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

_DAYS = {"今": 0, "明": 1, "后": 2, "大后": 3}
_NUMBER = "[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_DAY = re.compile("(今|明|大后|后)(?:天|儿|早|晚)|(?<!上)(?<!上个)(下下?)?个?(?:周|星期|礼拜)([一二三四五六日天])")
_DATE = re.compile(f"(?:([0-9]{{4}}|[零〇一二三四五六七八九]{{4}})年)?(?:({_NUMBER})月)?({_NUMBER})[日号]")
_CLOCK = re.compile(
    "(上午|早上|早晨|中午|下午|晚上|傍晚|凌晨|半夜|夜里|晚)?"
    "((?<![0-9])[0-9]{1,2}|(?<![一二三四五六七八九十])(?:二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九]))(?:点|时)"
    f"(?:(半)|(一刻)|(三刻)|({_NUMBER})(?!十)分?)?"
)
_PART = re.compile("上午|早上|早晨|中午|下午|晚上|傍晚")
_PART_HOUR = {"上午": 10, "早上": 9, "早晨": 9, "中午": 12, "下午": 15, "晚上": 19, "傍晚": 18}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WEEKDAYS = "一二三四五六日"
SOONEST = timedelta(hours=1)


def call_back_time(words: str, *, now: datetime) -> datetime:
    """Read the time a person names; `now` is in the person's zone, and so is the answer."""
    day = named_day(words, now)
    clock = named_time(words)
    if day is None and clock is None:
        wanted = datetime.combine(now.date() + timedelta(days=1), time(10), now.tzinfo)
    else:
        date = (now if day is None else day).date()
        wanted = datetime.combine(date, clock or time(10), now.tzinfo)
        if wanted <= now:
            wanted += timedelta(days=1)
    return max(wanted, now + SOONEST)


def named_day(words: str, now: datetime) -> datetime | None:
    """The next day with the name that is said: 明天, 下周三, 十二月十五号, 15号; None when none is named, or several.

    下周三 is the Wednesday of next week, 周三 the one that comes next.
    """
    dates = [_dated(found, now) for found in _DATE.finditer(words)]
    days = dates or [_day(found, now) for found in _DAY.finditer(words)]
    return days[0] if days and all(day == days[0] for day in days) else None


def _day(found: re.Match[str], now: datetime) -> datetime:
    if found.group(1):
        return now + timedelta(days=_DAYS[found.group(1)])
    weekday = _WEEKDAYS.index(found.group(3).replace("天", "日"))
    if found.group(2):
        return now + timedelta(days=7 * len(found.group(2)) + weekday - now.weekday())
    return now + timedelta(days=(weekday - now.weekday()) % 7 or 7)


def _dated(found: re.Match[str], now: datetime) -> datetime | None:
    """The next such date within a year; None when the calendar has none, or when it is over."""
    named, month, day = found.groups()
    for ahead in range(13):
        year, month_0 = divmod(now.year * 12 + now.month - 1 + ahead, 12)
        if named is not None and _year(named) != year:
            continue
        if month is not None and _number(month) != month_0 + 1:
            continue
        try:
            wanted = now.replace(year=year, month=month_0 + 1, day=_number(day))
        except ValueError:
            continue
        if wanted >= now:
            return wanted
    return None


def named_time(words: str) -> time | None:
    """The time of day that is said: 下午三点半, 晚上, 十点一刻; None when none is."""
    found = _CLOCK.search(words)
    if found is None:
        part = _PART.search(words)
        return time(_PART_HOUR[part.group(0)]) if part else None
    hour = _hour(found.group(1) or "", _number(found.group(2)))
    minute = (
        30 if found.group(3) else 15 if found.group(4) else 45 if found.group(5) else _number(found.group(6) or "0")
    )
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _hour(part: str, hour: int) -> int:
    """The hour of the day; twelve at night is its end."""
    if part in ("晚上", "晚", "半夜", "夜里", "凌晨") and hour == 12:
        return 0
    is_late = part in ("下午", "晚上", "傍晚", "晚") or (part in ("半夜", "夜里") and hour > 6)
    return hour + 12 if is_late and hour < 12 else hour


def _year(text: str) -> int:
    return int("".join(str(_DIGITS.get(c, c)) for c in text.replace("〇", "零")))


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        head, _, tail = text.partition("十")
        return (_DIGITS[head] if head else 1) * 10 + (_DIGITS[tail] if tail else 0)
    return _DIGITS[text[0]]
