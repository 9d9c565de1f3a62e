"""Which numbers a list may hold."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from fairdial.core.contacts.number import PLACED_BY, Number, read_anyhow, read_number
from fairdial.core.policy.case import NumberKind
from tests.core.cases import PACKS


@pytest.mark.parametrize(
    ("written", "e164", "kind"),
    [
        ("15400001037", "+8615400001037", NumberKind.PRACTICE),
        ("+86 154 0000 1037", "+8615400001037", NumberKind.PRACTICE),
        ("0086-154-0000-1037", "+8615400001037", NumberKind.PRACTICE),
        ("154 0000 1037", "+8615400001037", NumberKind.PRACTICE),
        ("13800138000", "+8613800138000", NumberKind.MOBILE),
        ("(010) 6552-9988", "+861065529988", NumberKind.FIXED),
    ],
)
def test_numbers_are_read_as_people_write_them(written: str, e164: str, kind: NumberKind) -> None:
    number = read_number(written, PACKS)
    assert isinstance(number, Number) and (number.e164, number.kind) == (e164, kind)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "not a valid"),
        ("王女士", "not a valid"),
        ("1381234", "not a valid"),
        ("1540000103", "not a valid"),
        ("154000010370", "not a valid"),
        ("1.54E+10", "spreadsheet"),
        ("110", "emergency"),
        ("120", "emergency"),
        ("+86119", "emergency"),
        ("112", "emergency"),
        ("12315", "short code"),
        ("95518", "short code"),
        ("4008123123", "not a subscriber"),
        ("+74951234567", "country code +7"),
        ("+85225550123", "country code +852"),
    ],
)
def test_other_numbers_are_refused_with_a_reason_and_a_remedy(written: str, reason: str) -> None:
    problem = read_number(written, PACKS)
    assert not isinstance(problem, Number)
    assert reason in problem.reason_en and problem.reason_zh and problem.remedy_zh and problem.remedy_en


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_and_only_covered_countries_come_through(text: str) -> None:
    number = read_number(text, PACKS)
    assert not isinstance(number, Number) or number.country in PACKS


def test_the_short_way_says_of_every_mobile_prefix_what_the_library_says() -> None:
    """Mainland mobile numbers are valid or not by their first five digits: every one, with the lowest and highest ends."""
    for first in range(10_000, 20_000):
        for end in ("000000", "999999"):
            assert read_number(f"{first}{end}", PACKS) == read_anyhow(f"{first}{end}", PACKS), first


def test_no_pattern_of_the_library_looks_further_than_the_first_five_digits_of_a_mobile_number() -> None:
    known = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    assert known is not None and known.mobile is not None
    assert (
        known.mobile.national_number_pattern
        == r"1(?:610\d|740[0-5])\d{6}|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8}"
    ), "the metadata changed; see that the test above still covers every prefix they tell apart"


def test_the_short_way_knows_every_place_the_library_knows() -> None:
    """Every seventeenth of the 130,000 prefixes, all lengths of them, against the library's own look-up."""
    prefixes = sorted(prefix for prefix in GEOCODE_DATA if prefix.startswith("861"))
    assert max(map(len, prefixes)) - len("86") == PLACED_BY
    for prefix in [p for n, p in enumerate(prefixes) if n % 17 == 0 or len(p) < 8]:
        for end in "09":
            digits = prefix.removeprefix("86").ljust(11, end)
            assert read_number(digits, PACKS) == read_anyhow(digits, PACKS), digits
