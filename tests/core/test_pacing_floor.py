"""The pacing bench's simulator against what is known exactly; `python -m bench.pacing` holds it against simpy, too."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from bench.pacing.erlang import AllAtOnce, arriving, blocked, progressive_utilisation
from bench.pacing.floor import Scenario, shift
from bench.pacing.policies import Ours, Progressive

SEEDS = range(12)


def deviations(found: Sequence[float], exact: float) -> float:
    return abs(float(np.mean(found)) - exact) / (float(np.std(found, ddof=1)) / math.sqrt(len(found)))


def floor(*, seats: int, hours: float) -> Scenario:
    return Scenario(
        name="memoryless",
        seats_at=[(0.0, seats)],
        answers=lambda _: 0.3,
        talk_s=lambda _: 120.0,
        talk=lambda chance, count: chance.exponential(1.0, count),
        rings=lambda chance, count: chance.exponential(10.0, count),
        rings_out=lambda chance, count: chance.exponential(10.0, count),
        shift_s=hours * 3600,
    )


@pytest.mark.parametrize(("erlangs", "seats"), [(8.0, 10), (3.0, 4)])
def test_who_finds_all_seats_taken_is_who_erlang_says(erlangs: float, seats: int) -> None:
    lost = [
        shift(arriving(seats=seats, talk_s=60.0), AllAtOnce(erlangs / 60.0, seed), seed=seed).abandonment
        for seed in SEEDS
    ]
    assert deviations(lost, blocked(erlangs, seats)) < 3


def test_progressive_uses_seats_as_renewal_theory_says_and_abandons_nobody() -> None:
    went = [shift(floor(seats=10, hours=8), Progressive(), seed=seed) for seed in SEEDS]
    exact = progressive_utilisation(0.3, ring_s=10.0, talk_s=120.0)
    assert deviations([one.utilisation for one in went], exact) < 3
    assert {one.abandonment for one in went} == {0.0}


def test_erlang_b_has_its_published_values() -> None:
    assert blocked(8.0, 10) == pytest.approx(0.12166, abs=1e-5)
    assert blocked(1.0, 1) == 0.5


def test_ours_keeps_the_bound_and_uses_seats_better_than_progressive_without_knowing_the_rates() -> None:
    went = [shift(floor(seats=20, hours=4), Ours(), seed=seed) for seed in range(2)]
    assert all(one.abandonment <= 0.03 for one in went)
    assert float(np.mean([one.utilisation for one in went])) > 0.83
