"""Pacing: never fewer calls than free seats, never more risk than the bound leaves, and what has been seen is believed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.arrivals import ARRIVED, ENDED, arrivals, under_way
from fairdial.core.pacing.lives import Lives
from fairdial.core.pacing.predictive import Floor, Period, Predictive

NOBODY = np.zeros(0)
SHIFT = Period(bound=0.03, arrived=1000, abandoned=20)
STANDS = Floor(now_s=0.0, seats=10, under_way=NOBODY, busy=NOBODY, waiting=0, periods=[SHIFT])


def floor(*, abandoned: int = 20, **known: Any) -> Floor:
    return replace(STANDS, periods=[replace(SHIFT, abandoned=abandoned)], **known)


def learnt(*, answers: float = 0.3, ring_s: float = 10.0, talk_s: float = 120.0) -> Predictive:
    """One that has seen three hundred calls of these means."""
    paces = Predictive()
    chance = np.random.default_rng(1)
    for lucky, ring, talk in zip(
        chance.random(300), chance.exponential(ring_s, 300), chance.exponential(talk_s, 300), strict=True
    ):
        if lucky < answers:
            paces.arrived(ring)
            paces.freed(talk)
        else:
            paces.ended(ring)
    return paces


ages = st.lists(st.floats(0, 300), max_size=30).map(np.array)


@given(under_way=ages, busy=ages, waiting=st.integers(0, 5), abandoned=st.integers(0, 60))
def test_there_is_a_call_for_each_idle_seat_and_never_a_negative_number(
    under_way: np.ndarray, busy: np.ndarray, waiting: int, abandoned: int
) -> None:
    stands = floor(under_way=under_way, busy=busy, waiting=waiting, abandoned=abandoned)
    count = learnt().calls(stands)
    assert count >= max(0, stands.seats - len(under_way) - len(busy) - waiting)


@given(under_way=ages, busy=ages, more=st.integers(1, 40))
def test_the_more_were_abandoned_the_fewer_calls_are_started(
    under_way: np.ndarray, busy: np.ndarray, more: int
) -> None:
    paces = learnt()
    stands = {"under_way": under_way, "busy": busy}
    assert paces.calls(floor(**stands, abandoned=more)) <= paces.calls(floor(**stands, abandoned=0))


@given(busy=ages, ringing=st.integers(1, 20))
def test_a_call_that_rings_already_takes_the_place_of_one_to_start(busy: np.ndarray, ringing: int) -> None:
    paces = learnt()
    alone = paces.calls(floor(busy=busy))
    assert paces.calls(floor(busy=busy, under_way=np.zeros(ringing))) <= alone


def test_the_fewer_answer_the_more_calls_it_takes() -> None:
    few, many = learnt(answers=0.1), learnt(answers=0.5)
    assert few.calls(floor()) > 2 * many.calls(floor()) > 0


def test_a_bound_of_nothing_is_progressive() -> None:
    paces, nobody = Predictive(), [replace(SHIFT, bound=0.0)]
    assert paces.calls(replace(floor(), periods=nobody)) == 10
    assert paces.calls(replace(floor(busy=np.zeros(7), under_way=np.zeros(2)), periods=nobody)) == 1
    assert paces.calls(replace(floor(), periods=[])) == 10
    assert paces.calls(floor(seats=0)) == 0


def test_what_has_been_seen_fades_by_half() -> None:
    calls = under_way(step_s=1.0, chance=0.5, mean_s=10.0, half_life_s=600.0)
    for _ in range(400):
        calls.ended(8.0, ENDED)
    assert arrivals(calls, NOBODY).chance < 0.05
    calls.fade(6000.0)
    for _ in range(60):
        calls.ended(8.0, ARRIVED)
    assert arrivals(calls, NOBODY).chance > 0.8


@pytest.mark.parametrize("step_s", [1.0, 5.0])
def test_the_chance_to_arrive_is_the_share_that_did(step_s: float) -> None:
    calls = under_way(step_s=step_s, chance=0.9, mean_s=3.0, half_life_s=1e9)
    chance = np.random.default_rng(2)
    for lucky, lasts in zip(chance.random(4000), chance.exponential(10.0 * step_s, 4000), strict=True):
        calls.ended(lasts, ARRIVED if lucky < 0.25 else ENDED)
    known = arrivals(calls, NOBODY)
    assert known.chance == pytest.approx(0.25 * (1 - math.exp(-3.6)), abs=0.02), "by the last moment, 36 steps ahead"
    assert known.when.sum() == pytest.approx(1.0)


def test_a_life_that_goes_on_is_evidence_of_length() -> None:
    known = Lives(edges=np.array([0.0, 10, 100, 1000]), prior_s=50.0, half_life_s=1e9)
    for _ in range(30):
        known.ended(20.0)
    assert (known.rates([90.0] * 30) < known.rates()).all()


def test_ends_at_one_rate_are_found_at_every_age() -> None:
    known = Lives(edges=np.array([0.0, 20, 60, 200, 2000]), prior_s=10.0, half_life_s=1e9)
    for age in np.random.default_rng(3).exponential(80.0, 4000):
        known.ended(age)
    assert 1 / known.rates()[0, :3] == pytest.approx(80.0, rel=0.1)
