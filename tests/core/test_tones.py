"""Call progress tones: heard through noise and loss, told by cadence, and never in speech or music."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdial.core.hearing.spectrum import spectrum
from fairdial.core.hearing.tones import BeepState, ToneState, hear_beep, hear_tone
from fairdial.voice.tone_watch import tone_plan

Sound = npt.NDArray[np.int16]
COUNTRIES = ("CN", "US", "GB", "DE", "FR", "JP", "SG", "AU", "IN")


def sine(ms: int, *hz: float, level: float = 6000.0) -> Sound:
    at = np.arange(ms * 8) / 8000
    waves = [level * np.sin(2 * np.pi * f * at) for f in hz]
    return np.asarray(sum(waves, np.zeros(ms * 8)), dtype=np.int16)


def cadence(country: str, name: str, *, times: int = 4, stretch: float = 1.0) -> Sound:
    """What an exchange plays: the tone with its pauses."""
    tone = next(t for t in tone_plan(country) if t.name == name)
    return np.concatenate([sine(int(s.ms * stretch), *s.hz) for s in tone.period] * times)


def heard(sound: Sound, country: str = "CN") -> list[tuple[str, int]]:
    """Names of tones with the milliseconds at which each became certain."""
    state, found, plan = ToneState(), [], tone_plan(country)
    for start in range(0, len(sound) - 159, 160):
        state, tone = hear_tone(state, spectrum(sound[start : start + 160]), plan=plan)
        if tone is not None:
            found.append((tone.name, start // 8 + 20))
    return found


def noisy(sound: Sound, ratio: float, seed: int = 1) -> Sound:
    noise = np.random.default_rng(seed).normal(0, 4000 * ratio, len(sound))
    return np.clip(sound + noise, -32000, 32000).astype(np.int16)


def test_chinese_busy_tone_is_certain_after_two_periods() -> None:
    [(name, at_ms), *_] = heard(cadence("CN", "busy"))
    assert (name, at_ms) == ("busy", 1420)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_tone_is_told_from_the_others_of_its_country(country: str) -> None:
    for tone in tone_plan(country):
        sound = np.concatenate([sine(500), cadence(country, tone.name), sine(700)])
        assert {name for name, _ in heard(sound, country)} == {tone.name}, tone.name


@settings(max_examples=20, deadline=None)
@given(stretch=st.floats(0.92, 1.08), shift=st.integers(0, 400), ratio=st.floats(0.0, 0.25), seed=st.integers(0, 99))
def test_busy_is_busy_with_noise_and_clocks_that_differ(stretch: float, shift: int, ratio: float, seed: int) -> None:
    sound = noisy(cadence("CN", "busy", stretch=stretch)[shift:], ratio, seed)
    assert {name for name, _ in heard(sound)} == {"busy"}


def test_a_lost_packet_does_not_break_a_cadence() -> None:
    sound = cadence("CN", "busy")
    for frame in (5, 22, 40, 60):
        sound[frame * 160 : (frame + 1) * 160] = 0
    assert heard(sound)[0][0] == "busy"


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 300))
def test_noise_and_melodies_are_no_tones(seed: int) -> None:
    draw = np.random.default_rng(seed)
    notes = [
        sine(int(draw.integers(120, 900)), float(f), 2 * float(f), 3 * float(f), level=2500)
        for f in 220 * 2 ** (draw.integers(0, 25, 16) / 12)
    ]
    noise = draw.normal(0, 3000, 16000).astype(np.int16)
    assert heard(np.concatenate([*notes, noise])) == []


def test_one_note_played_in_any_other_rhythm_is_no_tone() -> None:
    melody = [
        sine(ms, 450) if place % 2 == 0 else sine(ms) for place, ms in enumerate((350, 350, 180, 350, 350, 120) * 4)
    ]
    assert heard(np.concatenate(melody)) == []


def test_a_beep_is_heard_once_and_a_hum_is_none() -> None:
    def beeps(sound: Sound) -> int:
        state, count = BeepState(), 0
        for start in range(0, len(sound), 160):
            state, is_beep = hear_beep(state, spectrum(sound[start : start + 160]))
            count += is_beep
        return count

    assert beeps(np.concatenate([sine(400), sine(500, 1000), sine(400)])) == 1
    assert beeps(np.concatenate([sine(400), sine(100, 1000), sine(400)])) == 0
    assert beeps(sine(800, 250, 500, 750)) == 0
    assert beeps(sine(800, 697, 1209)) == 0, "a key is no beep"


def test_what_sounds_like_a_tone_is_known_from_its_first_frame() -> None:
    """It is never sent to recognition."""
    plan, sound = tone_plan("CN"), cadence("CN", "ringback", times=1)
    state, tonal = ToneState(), []
    for start in range(0, len(sound), 160):
        state, _ = hear_tone(state, spectrum(sound[start : start + 160]), plan=plan)
        tonal.append(state.is_tonal)
    assert tonal == [True] * 50 + [False] * 200
    assert [i for i, (one, other) in enumerate(pairwise(tonal)) if one != other] == [49]
