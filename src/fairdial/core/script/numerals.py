"""Numbers, amounts and dates as words. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fairdial.errors import CoreMisuse

_DIGITS = "零一二三四五六七八九"


def spoken_amount(amount: Decimal) -> str:
    """Read yuan aloud: 2860 → 两千八百六十元, 1980.5 → 一千九百八十元五角."""
    cents = int((amount * 100).to_integral_value())
    yuan, rest = divmod(cents, 100)
    tail = (f"{_DIGITS[rest // 10]}角" if rest // 10 else "") + (f"{_DIGITS[rest % 10]}分" if rest % 10 else "")
    return f"{spoken_number(yuan)}元{tail}"


def spoken_date(day: date) -> str:
    """Read a date of this or next year aloud: 2026-12-15 → 十二月十五日."""
    return f"{spoken_number(day.month)}月{spoken_number(day.day)}日"


def spoken_number(number: int) -> str:
    """Read a whole number from 0 to 99,999,999 aloud, with 两 before 千 and 万."""
    if not 0 <= number < 100_000_000:
        raise CoreMisuse(f"{number} is outside 0 … 99,999,999")
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        head = "两万" if high == 2 else f"{spoken_number(high)}万"
        if not low:
            return head
        return head + ("零" if low < 1000 else "") + _under_ten_thousand(low, is_tail=True)
    return _under_ten_thousand(number, is_tail=False)


def _under_ten_thousand(number: int, *, is_tail: bool) -> str:
    if number == 0:
        return "零"
    out, needs_zero = "", False
    for unit, value in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, value)
        if digit == 0:
            needs_zero = bool(out)
            continue
        out += "零" if needs_zero else ""
        needs_zero = False
        out += ("两" if digit == 2 and unit == "千" else _DIGITS[digit]) + unit
        if number == 0:
            break
    if out.startswith("一十") and not is_tail:
        return out[1:]
    return out
