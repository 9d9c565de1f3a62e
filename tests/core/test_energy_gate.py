"""Which windows the speech detector is asked about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.energy_gate import RULES, Gates, admit, learn


def heard(levels: Sequence[float], *, speech: float = 0.0) -> list[bool]:
    """Whether each window of one call is let through, when the detector says `speech` of those that are."""
    gates, out = Gates.new(1), []
    for level in levels:
        row = np.array([level], dtype=np.float32)
        gates, is_open = admit(gates, row)
        gates = learn(gates, row, np.where(is_open, speech, 0).astype(np.float32))
        out.append(bool(is_open[0]))
    return out


def test_the_first_sound_of_a_call_is_let_through() -> None:
    assert heard([800]) == [True]


def test_silence_is_not_looked_at() -> None:
    assert not any(heard([20] * 50))


def test_steady_noise_is_looked_at_until_it_is_known() -> None:
    let_through = heard([500] * 150)
    assert let_through[0] and not any(let_through[100:])


def test_a_voice_6_db_above_known_noise_is_let_through_at_once() -> None:
    assert heard([500] * 150 + [1000])[-1]


def test_the_quiet_end_of_a_word_is_let_through() -> None:
    assert heard([500] * 150 + [2000] + [500] * (RULES.hold - 1))[-1]


def test_somebody_who_speaks_for_long_never_becomes_noise() -> None:
    assert all(heard([900] * 500, speech=0.9))


def test_when_noise_ceases_a_quieter_voice_is_heard_after_half_a_second() -> None:
    assert heard([2000] * 200 + [100] * 16 + [400])[-1]


@given(st.lists(st.floats(0, 32_000), min_size=1, max_size=200), st.integers(1, 5), st.floats(0, 1))
def test_law_calls_never_influence_each_other(levels: list[float], count: int, speech: float) -> None:
    gates = Gates.new(count)
    together = []
    for at in range(len(levels)):
        row = np.array([levels[(at + call) % len(levels)] for call in range(count)], dtype=np.float32)
        gates, is_open = admit(gates, row)
        gates = learn(gates, row, np.where(is_open, speech, 0).astype(np.float32))
        together.append(bool(is_open[0]))
    assert together == heard(levels, speech=speech)


@given(st.lists(st.floats(0, 32_000), min_size=1, max_size=200))
def test_law_a_floor_never_exceeds_the_loudest_window(levels: list[float]) -> None:
    gates = Gates.new(1)
    for level in levels:
        row = np.array([level], dtype=np.float32)
        gates = learn(gates, row, np.zeros(1, dtype=np.float32))
        assert 0 <= gates.floors[0] <= max(levels) * 1.0001
