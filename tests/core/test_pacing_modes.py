"""Modes: one question, and laws that each answer keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.limits import Limit
from fairdial.core.pacing.modes import Fixed, Mode, Pace, Preview, Progressive, handing_over, plan
from fairdial.core.pacing.predictive import Floor, Period, Predictive

ages = st.lists(st.floats(0, 300), max_size=25).map(np.array)
periods = st.lists(
    st.builds(Period, bound=st.sampled_from([0.0, 0.01, 0.03, 0.05]), arrived=st.integers(0, 5000), abandoned=st.integers(0, 200)),
    max_size=2,
)  # fmt: skip
floors = st.builds(
    Floor,
    now_s=st.just(0.0),
    seats=st.integers(0, 20),
    under_way=ages,
    busy=ages,
    waiting=st.integers(0, 4),
    periods=periods,
    asked_for=st.integers(-1, 20),
)


def modes() -> list[Mode]:
    return [Fixed(), Progressive(), Preview(), Predictive(), handing_over(wait_s=20.0)]


def idle(floor: Floor) -> int:
    return max(0, floor.seats - len(floor.busy) - floor.waiting - len(floor.under_way))


def calls(mode: Mode, floor: Floor) -> int:
    count = plan(mode, floor).calls
    assert count is not None
    return count


@given(floor=floors)
def test_no_mode_ever_starts_a_negative_number(floor: Floor) -> None:
    assert all(pace.calls is None or pace.calls >= 0 for pace in (plan(mode, floor) for mode in modes()))


@given(floor=floors)
def test_fixed_lines_wait_for_no_seat(floor: Floor) -> None:
    assert plan(Fixed(), floor) == Pace(calls=None)


@given(floor=floors)
def test_progressive_never_has_more_on_the_way_than_seats(floor: Floor) -> None:
    assert calls(Progressive(), floor) == idle(floor)


@given(floor=floors)
def test_preview_starts_what_seats_asked_for_and_never_more_than_are_free(floor: Floor) -> None:
    started = calls(Preview(), floor)
    assert started <= idle(floor)
    assert started <= max(0, floor.asked_for)


@given(floor=floors)
def test_predictive_leaves_no_seat_idle_that_progressive_would_serve(floor: Floor) -> None:
    assert calls(Predictive(), floor) >= calls(Progressive(), floor)


@given(
    floor=floors,
    month=st.builds(Period, bound=st.just(0.03), arrived=st.integers(0, 9000), abandoned=st.integers(0, 300)),
)
def test_one_more_bound_never_allows_more(floor: Floor, month: Period) -> None:
    both = replace(floor, periods=[*floor.periods, month])
    if floor.periods:
        assert calls(Predictive(), both) <= calls(Predictive(), floor)


@given(floor=floors)
def test_a_bound_that_is_used_up_risks_next_to_nothing_and_is_what_holds(floor: Floor) -> None:
    spent = replace(floor, periods=[*floor.periods, Period(bound=0.03, arrived=1000, abandoned=30)])
    paces = Predictive()
    assert paces.limit(spent) <= 0.004
    assert plan(paces, spent).held_by is Limit.ABANDONMENT


def test_the_time_until_a_machine_is_told_from_a_person_counts_as_hold() -> None:
    talking = Floor(
        now_s=0.0, seats=100, under_way=np.zeros(0), busy=np.full(99, 30.0), waiting=0,
        periods=[Period(bound=0.05, arrived=10_000, abandoned=400)],
    )  # fmt: skip
    assert calls(Predictive(hold_s=5.0, detects_s=5.0), talking) < calls(Predictive(hold_s=5.0), talking)
    assert calls(Predictive(hold_s=5.0, detects_s=3.0), talking) == calls(Predictive(hold_s=2.0), talking)


@pytest.mark.parametrize(("waits", "most"), [(5.0, 60.0), (20.0, 60.0)])
def test_an_ai_with_few_humans_calls_more_the_longer_it_may_keep_company(waits: float, most: float) -> None:
    busy = np.full(4, 30.0)
    floor = Floor(
        now_s=0.0, seats=5, under_way=np.zeros(10), busy=busy, waiting=0,
        periods=[Period(bound=0.03, arrived=1000, abandoned=5)],
    )  # fmt: skip
    assert calls(handing_over(wait_s=most), floor) >= calls(handing_over(wait_s=waits), floor) > 0


def held(of: Sequence[Period]) -> Limit | None:
    floor = Floor(now_s=0.0, seats=5, under_way=np.zeros(0), busy=np.zeros(0), waiting=0, periods=of)
    return plan(Predictive(), floor).held_by


def test_the_month_holds_where_the_shift_does_not() -> None:
    shift = Period(bound=0.03, arrived=1000, abandoned=3)
    assert held([shift]) is Limit.SEATS
    assert held([shift, Period(bound=0.03, arrived=20_000, abandoned=600)]) is Limit.ABANDONMENT
