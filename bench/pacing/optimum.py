"""The best that can be done where nothing remembers: exponential ringing, talking and patience, all rates known.

A constrained Markov decision process: state (ringing, taken or waiting); after each event more calls may be started; the reward
is people served less `price` for each abandoned. Value iteration on the uniformised chain; the price is found by halving so that
the bound is just kept. The hold is exponential here and fixed in the simulator, where the policy found is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Process:
    seats: int
    answers: float
    talk_s: float
    ring_s: float = 10.0
    hold_s: float = 2.0
    _value: np.ndarray | None = field(default=None, repr=False)

    def thresholds(self, price: float, *, precision: float = 2e-4, most: int = 60_000) -> list[int]:
        """By how many seats are taken (or waited for): the ringing calls that are best."""
        n, p = self.seats, self.answers
        taken_most = n + max(6, n // 8)
        ringing_most = int(1.35 * n * self.ring_s / self.talk_s / p + 3.6 * np.sqrt(n / p) + 8)
        r, b = np.arange(ringing_most + 1)[:, None], np.arange(taken_most + 1)[None, :]
        rate = ringing_most / self.ring_s + n / self.talk_s + (taken_most - n) / self.hold_s
        served = np.minimum(b, n) / self.talk_s / rate + 0.0 * r
        lost = np.maximum(b - n, 0) / self.hold_s / rate + 0.0 * r
        answered, ended = r / self.ring_s * p / rate + 0.0 * b, r / self.ring_s * (1 - p) / rate + 0.0 * b
        stays = 1 - answered - ended - served - lost
        reward, leaves = served - price * lost, (served + lost)[:, 1:]
        value = self._value if self._value is not None else np.zeros_like(reward)
        for step in range(most):
            best = np.maximum.accumulate(value[::-1], 0)[::-1]
            new = reward + stays * value
            new[1:, :-1] += answered[1:, :-1] * best[:-1, 1:]
            new[1:, -1] += answered[1:, -1] * (best[:-1, -1] - price)
            new[1:] += ended[1:] * best[:-1]
            new[:, 1:] += leaves * best[:, :-1]
            if step % 100 == 99 and np.ptp(new - value) < precision * served.max():
                break
            value = new - new[0, 0]
        self._value = value
        return [int(one) for one in value.argmax(0)]


def within_bound(
    processes: list[Process], abandonment_of: Callable[[list[list[int]]], float], *, bound: float, halvings: int = 7
) -> list[list[int]]:
    """The tables of the lowest price at which a simulation keeps the bound; one table for each process."""
    low, high, best = 0.4, 40.0, None
    for _ in range(halvings):
        price = (low * high) ** 0.5
        tables = [one.thresholds(price) for one in processes]
        if abandonment_of(tables) > bound:
            low = price
        else:
            high, best = price, tables
    return best or [one.thresholds(high) for one in processes]
