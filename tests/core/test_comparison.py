"""Laws of intervals: they hold what was seen, stay where shares are, and narrow as more is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.comparison import difference, share
from fairdial.core.reporting import Measure, Tried, compared

SEEN = st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(SEEN)
def test_an_interval_stays_within_0_and_1_and_holds_the_share(seen: tuple[int, int]) -> None:
    found = share(*seen)
    assert found.share is not None
    assert 0 <= found.low <= found.share <= found.high <= 1


@given(SEEN, st.integers(2, 50))
def test_the_same_share_of_more_is_surer(seen: tuple[int, int], times: int) -> None:
    hits, of = seen
    few, many = share(hits, of), share(hits * times, of * times)
    assert many.high - many.low < few.high - few.low


@given(SEEN)
def test_what_was_not_hit_has_the_interval_turned_round(seen: tuple[int, int]) -> None:
    hits, of = seen
    found, rest = share(hits, of), share(of - hits, of)
    assert (rest.low, rest.high) == pytest.approx((1 - found.high, 1 - found.low))


@given(SEEN, SEEN)
def test_a_difference_stays_within_1_holds_what_was_seen_and_turns_with_its_sides(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found, turned = difference(share(*one), share(*other)), difference(share(*other), share(*one))
    assert found.points is not None
    assert -1 - 1e-9 <= found.low <= found.points <= found.high <= 1 + 1e-9
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert found.is_clear == turned.is_clear


@given(SEEN)
def test_a_share_does_not_differ_from_itself(seen: tuple[int, int]) -> None:
    assert not difference(share(*seen), share(*seen)).is_clear


def test_of_none_nothing_is_known() -> None:
    assert share(0, 0).share is None and (share(0, 0).low, share(0, 0).high) == (0, 1)
    assert difference(share(0, 0), share(5, 10)).points is None


def test_an_interval_is_the_published_one() -> None:
    """Newcombe 1998, table I, method 3 (81 of 263), and table II, method 10 (56 of 70 less 48 of 80)."""
    found = share(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    between = difference(share(56, 70), share(48, 80))
    assert (round(between.low, 4), round(between.high, 4)) == (0.0524, 0.3339)


def test_versions_are_compared_by_people_of_whom_it_can_be_said() -> None:
    hits = dict.fromkeys(Measure, 5)
    a = Tried(people=100, answered=50, hits=hits)
    b = Tried(people=100, answered=50, hits=hits | {Measure.REFUSED: 25})
    found = {one.measure: one for one in compared(a, b)}
    assert (found[Measure.ANSWERED].a.of, found[Measure.REFUSED].a.of) == (100, 50)
    assert found[Measure.REFUSED].difference.points == pytest.approx(0.4) and found[Measure.REFUSED].difference.is_clear
    assert [one for one in compared(a, b) if one.difference.is_clear] == [found[Measure.REFUSED]]
