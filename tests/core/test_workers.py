"""How a line's calls are spread over processes, and when a dead worker is replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.workers import LIMITS, GiveUp, Replace, after_death, shares
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
