"""Which runs a worker joins, how a line's calls are spread over processes, and when a dead worker is replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.workers import LIMITS, GiveUp, Replace, Wanted, after_death, shares, to_join
from fairdial.errors import CoreMisuse

COUNTS = st.integers(min_value=1, max_value=500)
AGES = st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)), max_size=30)


@pytest.mark.parametrize(
    ("capacity", "processes", "spread"),
    [(10, 1, (10,)), (10, 3, (4, 3, 3)), (12, 4, (3, 3, 3, 3)), (2, 8, (1, 1)), (1, 1, (1,))],
)
def test_calls_are_spread_evenly(capacity: int, processes: int, spread: tuple[int, ...]) -> None:
    assert shares(capacity, processes=processes) == spread


@given(COUNTS, COUNTS)
def test_shares_sum_up_to_the_capacity_and_differ_by_one_call_at_most(capacity: int, processes: int) -> None:
    spread = shares(capacity, processes=processes)
    assert sum(spread) == capacity
    assert max(spread) - min(spread) <= 1


@given(COUNTS, COUNTS)
def test_every_worker_has_a_call_and_there_are_no_more_workers_than_asked_for(capacity: int, processes: int) -> None:
    spread = shares(capacity, processes=processes)
    assert min(spread) >= 1
    assert len(spread) == min(capacity, processes)


@pytest.mark.parametrize(("capacity", "processes"), [(0, 1), (1, 0), (-1, 2)])
def test_a_line_without_calls_or_a_run_without_processes_is_a_defect(capacity: int, processes: int) -> None:
    with pytest.raises(CoreMisuse):
        shares(capacity, processes=processes)


def ago(*seconds: float) -> list[timedelta]:
    return [timedelta(seconds=one) for one in seconds]


@pytest.mark.parametrize(
    ("ages", "after_s"),
    [
        (ago(0), 0),
        (ago(30, 0), 1),
        (ago(3, 2, 0), 2),
        (ago(9, 3, 2, 0), 4),
        (ago(300, 200, 100, 0), 0),
        (ago(61, 3, 2, 1, 0), 4),
    ],
)
def test_a_dead_worker_is_replaced_the_later_the_oftener_workers_died_within_a_minute(
    ages: list[timedelta], after_s: float
) -> None:
    assert after_death(ages) == Replace(after=timedelta(seconds=after_s))


def test_the_fifth_death_within_a_minute_ends_the_run() -> None:
    assert after_death(ago(59, 40, 20, 10, 0)) == GiveUp(deaths=5, within=timedelta(minutes=1))


def test_a_worker_that_dies_every_two_minutes_does_not_cut_people_off_for_ever() -> None:
    assert after_death(ago(*range(0, 38 * 60, 120))) == Replace(after=timedelta(0))
    assert after_death(ago(*range(0, 40 * 60, 120))) == GiveUp(deaths=20, within=timedelta(hours=1))


@given(AGES)
def test_however_deaths_are_spread_no_more_are_borne_than_the_limits_say(earlier: list[timedelta]) -> None:
    ages = [*earlier, timedelta(0)]
    borne = all(sum(age < within for age in ages) < deaths for deaths, within in LIMITS)
    assert isinstance(after_death(ages), Replace) == borne


def test_without_a_death_there_is_nothing_to_decide() -> None:
    with pytest.raises(CoreMisuse):
        after_death([])


def test_a_worker_joins_what_nobody_carries_first_then_by_priority_then_where_fewest_are() -> None:
    wanted = [
        Wanted(id=1, priority=5, carriers=2),
        Wanted(id=2, priority=1),
        Wanted(id=3, priority=5, carriers=1),
        Wanted(id=4, priority=9),
    ]
    assert to_join(wanted, carried=(), finished=(), most=9) == (4, 2, 3, 1)
    assert to_join(wanted, carried=(2,), finished=(), most=2) == (4,)
    assert to_join(wanted, carried=(2, 3), finished=(), most=2) == ()


def test_a_worker_goes_back_to_what_it_has_finished_only_when_nobody_carries_it() -> None:
    wanted = [Wanted(id=1, carriers=1), Wanted(id=2)]
    assert to_join(wanted, carried=(), finished=(1, 2), most=9) == (2,)


@given(
    st.lists(
        st.builds(Wanted, id=st.integers(1, 9), priority=st.integers(0, 3), carriers=st.integers(0, 3)), max_size=8
    ),
    st.sets(st.integers(1, 9), max_size=4),
    st.integers(1, 5),
)
def test_no_worker_takes_more_than_it_may_nor_anything_twice(
    wanted: list[Wanted], carried: set[int], most: int
) -> None:
    joined = to_join(wanted, carried=carried, finished=(), most=most)
    assert len(joined) + len(carried) <= max(most, len(carried)) and not set(joined) & carried
