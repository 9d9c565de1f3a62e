"""Our own voice given back by the far end's speakerphone is not the person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.own_echo import LATEST, LOOKED_AT, explained, is_echo

Sound = npt.NDArray[np.int16]


def voice(seed: int, count: int = LATEST + LOOKED_AT) -> Sound:
    """Noise as a voice is shaped: low sounds loudest, syllables coming and going."""
    noise = np.random.default_rng(seed).normal(0, 1, count + 8)
    smooth = np.convolve(noise, np.ones(9) / 3, "valid")
    return np.asarray(3000 * smooth * (0.6 + 0.4 * np.sin(np.arange(count) / 250)), dtype=np.int16)


def given_back(played: Sound, *, delay: int, gain: float) -> Sound:
    return np.asarray(played[len(played) - LOOKED_AT - delay : len(played) - delay] * gain, dtype=np.int16)


@pytest.mark.parametrize("delay_ms", [0, 40, 180, 400])
@pytest.mark.parametrize("gain", [0.8, 0.1])
def test_what_we_played_is_found_at_any_delay_and_loudness(delay_ms: int, gain: float) -> None:
    ours = voice(1)
    assert is_echo(given_back(ours, delay=delay_ms * 8, gain=gain), ours)


def test_another_voice_over_ours_is_the_person() -> None:
    ours = voice(1)
    person = voice(2, LOOKED_AT)
    assert not is_echo(person, ours)
    assert not is_echo((person + given_back(ours, delay=900, gain=0.2)).astype(np.int16), ours)


def test_silence_of_ours_explains_nothing() -> None:
    assert explained(voice(2, LOOKED_AT), np.zeros(LATEST + LOOKED_AT, dtype=np.int16)) == 0.0


@given(st.integers(0, 30), st.integers(0, 30))
def test_law_a_share_is_one(one: int, other: int) -> None:
    assert 0 <= explained(voice(one, LOOKED_AT), voice(other)) <= 1.0001
