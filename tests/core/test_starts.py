"""Start slots of a line with calls per second: laws over any order of workers, and figures written out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.starts import AHEAD_S, Pace, Slots, slots
from fairdial.errors import CoreMisuse


def test_a_line_without_a_rate_starts_whatever_is_wanted_at_once() -> None:
    assert slots(7, Pace()) == Slots(count=7)


def test_slots_follow_each_other_and_the_next_one_is_after_the_last() -> None:
    given_ = slots(3, Pace(per_second=2.0, next_in_s=0.25))
    assert [given_.wait_s(i) for i in range(3)] == [0.25, 0.75, 1.25] and given_.next_in_s == 1.75


def test_no_more_are_given_than_may_wait() -> None:
    assert slots(1000, Pace(per_second=2.0)).count == 11  # at 0.0, 0.5 … 5.0
    assert slots(1, Pace(per_second=2.0, next_in_s=AHEAD_S + 0.1)).count == 0


def test_a_line_of_a_call_each_twenty_seconds_gets_one() -> None:
    first = slots(5, Pace(per_second=0.05))
    assert first.count == 1 and first.next_in_s == 20.0
    assert slots(5, Pace(per_second=0.05, next_in_s=19.0)).count == 0
    assert slots(5, Pace(per_second=0.05, next_in_s=4.0)) == Slots(count=1, first_in_s=4.0, every_s=20.0)


def test_what_a_clock_that_was_set_back_left_behind_holds_nobody() -> None:
    assert slots(1, Pace(per_second=2.0, next_in_s=3600.0)).first_in_s == 0.0


def test_a_rate_of_nothing_is_a_defect() -> None:
    with pytest.raises(CoreMisuse):
        slots(1, Pace(per_second=0.0))


ASKED = st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(0, 20)), max_size=40)


@given(rate=st.floats(0.05, 50.0), asked=ASKED)
def test_however_workers_ask_no_two_starts_are_nearer_than_the_rate_allows(
    rate: float, asked: list[tuple[float, int]]
) -> None:
    now, free_at, starts = 0.0, 0.0, []
    for pause, wanted in asked:
        now += pause
        given_ = slots(wanted, Pace(per_second=rate, next_in_s=free_at - now))
        assert given_.count <= wanted
        starts += [now + given_.wait_s(i) for i in range(given_.count)]
        assert all(start - now <= AHEAD_S + 1e-5 for start in starts[-given_.count :] if given_.count)
        free_at = now + given_.next_in_s if given_.count else free_at
    assert all(later - sooner >= 1 / rate - 1e-6 for sooner, later in pairwise(starts))
