"""Floors whose figures are known exactly, to hold the simulator against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.pacing.floor import Scenario, Standing
from bench.pacing.policies import Deaf

SHIFT_S = 8 * 3600.0


def progressive_utilisation(answers: float, *, ring_s: float, talk_s: float) -> float:
    """Of a seat for which one call rings whenever it does not talk: by renewal theory, whatever the distributions."""
    return answers * talk_s / (ring_s + answers * talk_s)


def blocked(erlangs: float, seats: int) -> float:
    """Erlang's first formula (B): the share of arriving calls that find all seats taken, when nobody waits."""
    share = 1.0
    for seat in range(1, seats + 1):
        share = erlangs * share / (seat + erlangs * share)
    return share


def arriving(*, seats: int, talk_s: float) -> Scenario:
    """A floor at which everybody answers, at a moment that is uniform over the shift, and nobody holds."""
    return Scenario(
        name="arrivals",
        seats_at=[(0.0, seats)],
        answers=lambda _: 1.0,
        talk_s=lambda _: talk_s,
        talk=lambda chance, count: chance.exponential(1.0, count),
        rings=lambda chance, count: chance.uniform(0, SHIFT_S, count),
        rings_out=lambda chance, count: chance.exponential(1.0, count),
        hold_s=0.0,
        shift_s=SHIFT_S,
    )


@dataclass
class AllAtOnce(Deaf):
    """Starts a Poisson number of calls at the first moment; with `arriving` they arrive as a Poisson process of `rate` a second."""

    rate: float
    seed: int
    _is_started: bool = False

    def calls(self, floor: Standing) -> int:
        if self._is_started:
            return 0
        self._is_started = True
        return int(np.random.default_rng((self.seed, 7)).poisson(self.rate * (SHIFT_S - floor.now)))
