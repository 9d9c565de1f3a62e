"""How written figures are read aloud in Mandarin. Pure.

Amounts, dates, times and shares as numbers; telephone numbers and codes digit by digit, one as 幺 (GB/T 15835 leaves
reading open; this is what people on the telephone do). A script's `pronounce` comes last: a word and characters that
sound as it should, for 多音字 and foreign letters, so that any engine reads it alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from fairdial.core.script.numerals import spoken_amount, spoken_number

_DIGITS = "零一二三四五六七八九"
_BY_TELEPHONE = str.maketrans("0123456789", "零幺二三四五六七八九")
_MEASURES = "个|位|次|遍|天|年|节|份|名|家|套|种|点|分钟|小时|个月|人|户|米|公里|平|公斤|岁|期|堂|门|张|块|元|万|千|百"
_LONGEST_NUMBER = 8

_SERVICE = r"(?<!\d)(?:110|119|120|122|114)(?!\d)"
_TELEPHONE = (
    r"(?<![\d,.])(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4}|\d+(?:-\d+)+|0\d+|"
    rf"\d{{5,}}(?!\d|[.,]\d|(?:{_MEASURES})))"
)


def read_aloud(text: str, pronounce: Mapping[str, str]) -> str:
    """A text as it is read: no figures are left, and every word of `pronounce` is replaced, the longest first.

    What was replaced is not looked at again: words that hold each other would grow without bound.
    """
    for pattern, read in _RULES:
        text = pattern.sub(read, text)
    parts = [text]  # those at odd places are replaced already
    for word in sorted((w for w in pronounce if w in text), key=lambda w: (-len(w), w)):
        parts = [
            piece
            for place, part in enumerate(parts)
            for piece in ([part] if place % 2 else _parted(part, word, pronounce[word]))
        ]
    return "".join(parts)


def _parted(text: str, word: str, read: str) -> list[str]:
    """A text cut at a word, with how it is read between the pieces."""
    first, *rest = text.split(word)
    return [first, *(piece for after in rest for piece in (read, after))]


def _by_digit(digits: str) -> str:
    return digits.translate(_BY_TELEPHONE)


def _telephone(match: re.Match[str]) -> str:
    """Digit by digit, with a short pause where a person makes one."""
    written = match.group(0)
    if "-" in written:
        return ",".join(_by_digit(part) for part in written.split("-"))
    if len(written) == 11 and written.startswith("1"):
        return ",".join(_by_digit(part) for part in (written[:3], written[3:7], written[7:]))
    return _by_digit(written)


def _number(written: str) -> str:
    """A number of any size, with its decimals."""
    whole, _, decimals = written.replace(",", "").partition(".")
    head = spoken_number(int(whole)) if len(whole.lstrip("0")) <= _LONGEST_NUMBER else _by_digit(whole)
    return head + (f"点{''.join(_DIGITS[int(d)] for d in decimals)}" if decimals else "")


def _amount(match: re.Match[str]) -> str:
    written = match.group(1).replace(",", "")
    whole, _, decimals = written.partition(".")
    if len(whole) > _LONGEST_NUMBER or len(decimals) > 2:
        return f"{_number(written)}元"
    return spoken_amount(Decimal(written))


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{_year(year)}年{_number(month)}月{_number(day)}日"


def _year(written: str) -> str:
    return "".join(_DIGITS[int(d)] for d in written)


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match.group(1)), int(match.group(2))
    if not minute:
        return f"{_hour(hour)}点"
    return f"{_hour(hour)}点{'零' if minute < 10 else ''}{spoken_number(minute)}分"


def _hour(hour: int) -> str:
    return "两" if hour == 2 else spoken_number(hour)


def _measured(match: re.Match[str]) -> str:
    return ("两" if match.group(1) == "2" else _number(match.group(1))) + match.group(2)


_FIGURE = r"\d[\d,]*(?:\.\d+)?"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), _date),
    (re.compile(r"(?<!\d)(\d{4})(?=年)"), lambda m: _year(m.group(1))),
    (re.compile(r"(?<!\d)(\d{1,2})[:\uff1a](\d{2})(?!\d)"), _time),
    (re.compile(rf"[¥\uffe5]\s?({_FIGURE})(?:元)?"), _amount),
    (re.compile(rf"(?<![\d.])({_FIGURE})元"), _amount),
    (re.compile(rf"({_FIGURE})[%\uff05]"), lambda m: f"百分之{_number(m.group(1))}"),
    (re.compile(f"{_TELEPHONE}|{_SERVICE}"), _telephone),
    (re.compile(rf"(?<![\d.第])({_FIGURE})({_MEASURES})"), _measured),
    (re.compile(_FIGURE), lambda m: _number(m.group(0))),
)
