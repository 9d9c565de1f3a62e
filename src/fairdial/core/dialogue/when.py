"""When the person wants to be called again: from their words to an instant.

Pure; `now` is given. A later time that cannot be read means the next day at ten,
never earlier than an hour from now.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

_DAYS = {"今": 0, "明": 1, "后": 2}
_DAY = re.compile("(今|明|后)(?:天|儿|早|晚)|(?:下个?)?(?:周|星期|礼拜)([一二三四五六日天])")
_CLOCK = re.compile(
    "(上午|早上|早晨|中午|下午|晚上|傍晚|晚)?([0-9]{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九])(?:点|时)(半)?"
)
_PART = re.compile("上午|早上|早晨|中午|下午|晚上|傍晚")
_PART_HOUR = {"上午": 10, "早上": 9, "早晨": 9, "中午": 12, "下午": 15, "晚上": 19, "傍晚": 18}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WEEKDAYS = "一二三四五六日"
SOONEST = timedelta(hours=1)


def call_back_time(words: str, *, now: datetime) -> datetime:
    """Read the time a person names; `now` is in the person's zone, and so is the answer."""
    day = _day(words, now)
    clock = _clock(words)
    if day is None and clock is None:
        wanted = datetime.combine(now.date() + timedelta(days=1), time(10), now.tzinfo)
    else:
        date = (now if day is None else day).date()
        wanted = datetime.combine(date, clock or time(10), now.tzinfo)
        if wanted <= now:
            wanted += timedelta(days=1)
    return max(wanted, now + SOONEST)


def _day(words: str, now: datetime) -> datetime | None:
    found = _DAY.search(words)
    if found is None:
        return None
    if found.group(1):
        return now + timedelta(days=_DAYS[found.group(1)])
    weekday = _WEEKDAYS.index(found.group(2).replace("天", "日"))
    ahead = (weekday - now.weekday()) % 7
    return now + timedelta(days=ahead or 7)


def _clock(words: str) -> time | None:
    found = _CLOCK.search(words)
    if found is None:
        part = _PART.search(words)
        return time(_PART_HOUR[part.group(0)]) if part else None
    hour = _hour(found.group(2))
    is_afternoon = (found.group(1) or "") in ("下午", "晚上", "傍晚", "晚")
    if is_afternoon and hour < 12:
        hour += 12
    return time(hour, 30 if found.group(3) else 0) if hour < 24 else None


def _hour(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        head, _, tail = text.partition("十")
        return (_DIGITS[head] if head else 1) * 10 + (_DIGITS[tail] if tail else 0)
    return _DIGITS[text[0]]
