"""Pacing: never fewer calls than free seats, never more risk than the bound leaves, and what has been seen is believed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.hazard import Hazard
from fairdial.core.pacing.predictive import Floor, Predictive
from fairdial.core.pacing.under_way import UnderWay


def floor(**known: object) -> Floor:
    stands: dict[str, object] = {
        "now_s": 0.0, "seats": 10, "under_way": np.zeros(0), "busy": np.zeros(0), "waiting": 0, "arrived": 1000, "abandoned": 20,
    }  # fmt: skip
    return Floor(**(stands | known))  # type: ignore[arg-type]


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
    paces = Predictive(bound=0.0)
    assert paces.calls(floor()) == 10
    assert paces.calls(floor(busy=np.zeros(7), under_way=np.zeros(2))) == 1
    assert paces.calls(floor(seats=0)) == 0


def test_what_has_been_seen_fades_by_half() -> None:
    paces = UnderWay(step_s=1.0, prior_chance=0.5, prior_s=10.0, half_life_s=600.0)
    for _ in range(400):
        paces.over(8.0, arrived=False)
    assert paces.arrivals([]).chance < 0.05
    paces.fade(6000.0)
    for _ in range(60):
        paces.over(8.0, arrived=True)
    assert paces.arrivals([]).chance > 0.8


def test_the_chance_to_arrive_is_the_share_that_did() -> None:
    paces = UnderWay(step_s=1.0, prior_chance=0.9, prior_s=3.0, half_life_s=1e9)
    chance = np.random.default_rng(2)
    for lucky, ring in zip(chance.random(4000), chance.exponential(10.0, 4000), strict=True):
        paces.over(ring, arrived=bool(lucky < 0.25))
    assert paces.arrivals([]).chance == pytest.approx(0.25, abs=0.02)


def test_a_life_that_goes_on_is_evidence_of_length() -> None:
    known = Hazard(edges=np.array([0.0, 10, 100, 1000]), prior_s=50.0, half_life_s=1e9)
    for _ in range(30):
        known.ended(20.0)
    alone = known.cumulative()[-1]
    assert known.cumulative([90.0] * 30)[-1] < alone


def test_ends_at_one_rate_are_found_at_every_age() -> None:
    known = Hazard(edges=np.array([0.0, 20, 60, 200, 2000]), prior_s=10.0, half_life_s=1e9)
    for age in np.random.default_rng(3).exponential(80.0, 4000):
        known.ended(age)
    lasts = np.exp(-known.cumulative())
    assert lasts[1:4] == pytest.approx([math.exp(-edge / 80) for edge in (20, 60, 200)], abs=0.02)
