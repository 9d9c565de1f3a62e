"""Which numbers a list may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.contacts.number import Number, read_number
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
