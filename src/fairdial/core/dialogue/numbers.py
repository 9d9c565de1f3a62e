"""Numbers as people say them: 两千八 → 2800, 一百二 → 120, 三点五 → 3.5, 九分 → 9. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_NUMERAL = re.compile(
    r"(?<![负下.0-9])[0-9]+(?:\.[0-9]+)?[十百千万亿]*(?![几0-9])"
    "|(?<![负几零〇一二两俩三四五六七八九幺十百千万亿])[零〇一二两俩三四五六七八九幺十百千万亿]+"
    "(?:点[零〇一二三四五六七八九]+)?[万亿]?(?![几零〇一二两俩三四五六七八九幺十百千万亿])"
)
_LONGEST = 20
"""Characters of a numeral; a longer one is no answer to any question."""

_NO_NUMBER = re.compile(
    "(?<![十百千万零])第?一(?:点儿?(?![零一二三四五六七八九])|[下些般样直定起边共向切旦]|会儿?)"
    "|(?<![一二两三四五六七八九十百千万])(?:万一|千万)|统一|唯一|十分(?=[满不好喜感])|三心二意|百分之百"
)
"""Words that hold a numeral and mean no number."""


def numbers_in(words: str) -> list[Decimal]:
    """Every number that is said, in order; one said twice stands twice."""
    return [value for found in _numerals(words) if (value := _value(found)) is not None]


def _numerals(words: str) -> Iterator[str]:
    for found in _NUMERAL.finditer(_NO_NUMBER.sub("□", words)):
        if len(found.group(0)) <= _LONGEST:
            yield found.group(0)


def _value(numeral: str) -> Decimal | None:
    """The value of one numeral; None when it is none, such as 十百."""
    if numeral[0].isascii():
        digits = re.match(r"[0-9.]+", numeral)
        assert digits is not None
        value = Decimal(digits.group(0))
        for unit in numeral[digits.end() :]:
            value *= _UNITS.get(unit) or _LARGE[unit]
        return value
    whole, point, rest = numeral.partition("点")
    if point:
        large = rest[-1] if rest[-1] in _LARGE else ""
        tail = "".join(str(_DIGITS[c]) for c in rest.rstrip("万亿"))
        head = _whole(whole)
        return None if head is None else Decimal(f"{head}.{tail}") * _LARGE.get(large, 1)
    value_or_none = _whole(whole)
    return None if value_or_none is None else Decimal(value_or_none)


def _whole(numeral: str) -> int | None:
    if all(c in _DIGITS for c in numeral):
        if len(numeral) == 2 and _DIGITS[numeral[1]] == _DIGITS[numeral[0]] + 1:
            return None  # 七八 is seven or eight
        return int("".join(str(_DIGITS[c]) for c in numeral))
    total, section, digit, last = 0, 0, None, 1
    for c in numeral:
        if c in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[c]
            if digit == 0:
                last = 1
        elif c in _UNITS:
            section += (1 if digit in (None, 0) else digit) * _UNITS[c]
            digit, last = None, _UNITS[c]
        else:
            total = (total + section + (digit or 0)) * _LARGE[c]
            section, digit, last = 0, None, _LARGE[c]
    # 三千五 is 3500: a digit at the end counts by the unit below the last one
    return total + section + (digit or 0) * (last // 10 if last > 10 else 1)
