"""Which telephone numbers a list may hold: `read_number(text, packs) -> Number | Problem`.

Pure. Numbers come from lists only; nothing here makes one. A number is usable
when a rule pack covers its country and it can belong to one subscriber.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

from fairdial.core.contacts.rows import Problem
from fairdial.core.policy.case import NumberKind
from fairdial.core.policy.pack import Pack

HOME = "CN"
"""Country a number without `+` belongs to."""

_SEPARATORS = re.compile(r"[\s\-().·]+")
_SPREADSHEET = re.compile(r"[0-9]+[eE]\+?[0-9]+")
_SHAPE = re.compile(r"\+?[0-9]+")
_SHORT_DIGITS = 6
_EMERGENCY_COUNTRIES = (HOME, "US", "GB", "HK")
_SUBSCRIBERS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.MOBILE,
}
_PRACTICE_DIGITS = 11
"""National digits of a practice number, those of a mainland mobile number."""

_HOME_CODE = "86"
_WRITTEN_PLAINLY = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
PLACED_BY = 7
"""First digits of a mainland mobile number that tell where it was issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A usable number: E.164, its country (ISO 3166), its kind, the region its prefix is assigned to when known."""

    e164: str
    country: str
    kind: NumberKind
    region: str | None


def read_number(text: str, packs: Mapping[str, Pack]) -> Number | Problem:
    """Read a number as people write it, or say why it cannot be called."""
    if _WRITTEN_PLAINLY.fullmatch(text) and (plain := _mainland_mobile(text, packs)) is not None:
        return plain
    return read_anyhow(text, packs)


def _mainland_mobile(digits: str, packs: Mapping[str, Pack]) -> Number | None:
    """What `read_anyhow` says of eleven digits that are a mainland mobile or practice number; None for all others.

    Nearly every row of a list is one, and the library takes 50 µs for it, this two. The pattern and the places are the
    library's own.
    """
    pack, e164 = packs.get(HOME), f"+{_HOME_CODE}{digits}"
    if pack is None:
        return None
    if e164.startswith(pack.practice_prefixes):
        return Number(e164=e164, country=HOME, kind=NumberKind.PRACTICE, region=None)
    if not _mobiles().fullmatch(digits):
        return None
    return Number(e164=e164, country=HOME, kind=NumberKind.MOBILE, region=_issued_in(digits[:PLACED_BY]))


@lru_cache(maxsize=1)
def _mobiles() -> re.Pattern[str]:
    known = PhoneMetadata.metadata_for_region(HOME)
    assert known is not None and known.mobile is not None and known.mobile.national_number_pattern is not None
    return re.compile(known.mobile.national_number_pattern)


@lru_cache(maxsize=2**14)
def _issued_in(first: str) -> str:
    """The place of a mainland mobile number by its first digits, the longest that the library knows."""
    from phonenumbers.geodata import GEOCODE_DATA  # the world's places: half a second, and few commands ask for one

    known = f"{_HOME_CODE}{first}"
    for end in range(len(known), len(_HOME_CODE), -1):
        if (named := GEOCODE_DATA.get(known[:end])) is not None and "zh" in named:
            return str(named["zh"])
    return _home_itself()


@lru_cache(maxsize=1)
def _home_itself() -> str:
    """What the library says of a valid number whose first digits it does not know: the country."""
    from phonenumbers import geocoder

    number = PhoneNumber(country_code=int(_HOME_CODE), national_number=13800138000)
    return str(geocoder.country_name_for_number(number, "zh"))


def read_anyhow(text: str, packs: Mapping[str, Pack]) -> Number | Problem:
    """The same by way of the library alone: whatever people write."""
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if _SPREADSHEET.fullmatch(compact):
        return _problem(
            "号码被表格软件改写了",
            "a spreadsheet has rewritten the number",
            "把这一列设为文本后重填",
            "format the column as text and enter it again",
        )
    if not _SHAPE.fullmatch(compact):
        return _INVALID
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    try:
        parsed = phonenumbers.parse(compact, HOME)
    except phonenumbers.NumberParseException:
        return _short(compact) or _INVALID
    if short := _short(phonenumbers.national_significant_number(parsed)):
        return short
    return _subscriber(parsed, packs)


def _subscriber(parsed: PhoneNumber, packs: Mapping[str, Pack]) -> Number | Problem:
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    home = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    country = phonenumbers.region_code_for_number(parsed) or home
    pack = packs.get(country) if country else None
    if pack is None or country is None:
        return _problem(
            f"没有国家代码 +{parsed.country_code} 的规则包",
            f"there is no rule pack for country code +{parsed.country_code}",
            "删去这一行,或安装该国的规则包",
            "remove the row, or install a rule pack for the country",
        )
    is_practice = e164.startswith(pack.practice_prefixes) if pack.practice_prefixes else False
    if is_practice and len(phonenumbers.national_significant_number(parsed)) == _PRACTICE_DIGITS:
        return Number(e164=e164, country=country, kind=NumberKind.PRACTICE, region=None)
    if not phonenumbers.is_valid_number(parsed):
        return _INVALID
    kind = _SUBSCRIBERS.get(phonenumbers.number_type(parsed))
    if kind is None:
        return _problem(
            "不是个人号码(服务号、400、付费号等)",
            "is not a subscriber's number (service, shared cost, premium)",
            "填写本人的手机或固定电话",
            "give the person's own mobile or fixed number",
        )
    from phonenumbers import geocoder

    return Number(e164=e164, country=country, kind=kind, region=geocoder.description_for_number(parsed, "zh") or None)


def _short(digits: str) -> Problem | None:
    """Emergency numbers and short codes, with or without a country code in front."""
    if len(digits) > _SHORT_DIGITS:
        return None
    if any(phonenumbers.is_emergency_number(digits, country) for country in _EMERGENCY_COUNTRIES):
        return _problem(
            "是紧急号码,绝不能呼叫", "is an emergency number and is never called", "删去这一行", "remove the row"
        )
    return _problem(
        "是短号码,不属于个人",
        "is a short code, not a person's number",
        "填写完整的手机或固定电话号码",
        "give a full mobile or fixed number",
    )


def _problem(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Problem:
    return Problem(reason_zh=zh, reason_en=en, remedy_zh=remedy_zh, remedy_en=remedy_en)


_INVALID = _problem(
    "不是有效的电话号码", "is not a valid telephone number", "核对位数和号段", "check its length and prefix"
)


def country_of(e164: str) -> str:
    """The country (ISO 3166) whose code a number begins with, the largest of several; empty when there is none."""
    try:
        code = phonenumbers.parse(e164, None).country_code
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_country_code(code or 0) or ""
