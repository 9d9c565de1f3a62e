"""Which bytes a `Range` header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import pytest

from fairdial.web.ranges import Beyond, Part, asked_part


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        (None, None),
        ("bytes=0-99", Part(first=0, last=99)),
        ("Bytes=5-", Part(first=5, last=999)),
        ("bytes=990-5000", Part(first=990, last=999)),
        ("bytes=-10", Part(first=990, last=999)),
        ("bytes=-5000", Part(first=0, last=999)),
        ("bytes=1000-", Beyond()),
        ("bytes=-0", Beyond()),
        ("bytes=9-2", None),
        ("bytes=0-1,5-6", None),
        ("seconds=0-1", None),
        ("bytes=-", None),
    ],
)
def test_a_range_is_a_part_of_the_file_or_beyond_it_or_not_understood(header: str | None, asked: object) -> None:
    assert asked_part(header, 1000) == asked


def test_of_nothing_there_is_no_part() -> None:
    assert asked_part("bytes=0-", 0) == asked_part("bytes=-1", 0) == Beyond()
