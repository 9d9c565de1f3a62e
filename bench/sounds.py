"""Synthetic sounds of telephone lines, 8000 Hz: codec, noise, coughs, and what a loudspeaker gives back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fairdial.rehearsal.sounds import telephone_band
from fairdial.voice.sound import TELEPHONE_RATE, Samples

_A = 87.6


def a_law(samples: npt.NDArray[np.floating] | Samples) -> Samples:
    """What is left after A-law of eight bits (ITU-T G.711), by its curve."""
    x = np.clip(np.asarray(samples, dtype=np.float64) / 32768, -1, 1)
    sign, size = np.sign(x), np.abs(x)
    top = 1 + np.log(_A)
    code = np.where(size < 1 / _A, _A * size / top, (1 + np.log(np.maximum(_A * size, 1e-9))) / top)
    code = np.round(code * 127) / 127
    back = np.where(code < 1 / top, code * top / _A, np.exp(code * top - 1) / _A)
    return np.asarray(sign * back * 32767, dtype=np.int16)


def cough(seed: int) -> Samples:
    """A cough as its phases go: a burst, a long breath of noise through a throat, often a second one; no pitch."""
    chance = np.random.default_rng(seed)
    parts = []
    for _ in range(int(chance.integers(1, 4))):
        count = int(chance.uniform(0.15, 0.4) * TELEPHONE_RATE)
        shape = np.exp(-np.arange(count) / (chance.uniform(0.05, 0.15) * TELEPHONE_RATE))
        shape[:40] *= np.linspace(0, 1, 40)
        parts += [_through(chance.normal(0, 1, count) * shape, chance.uniform(400, 900), chance.uniform(1200, 2600))]
        parts += [np.zeros(int(chance.uniform(0.05, 0.25) * TELEPHONE_RATE))]
    sound = np.concatenate(parts)
    return np.asarray(sound / np.abs(sound).max() * chance.uniform(3000, 12000), dtype=np.int16)


def line_noise(seed: int) -> Samples:
    """A second of what lines and rooms do: hiss, mains hum, knocks or a passing car."""
    chance = np.random.default_rng(seed)
    count = TELEPHONE_RATE
    time = np.arange(count) / TELEPHONE_RATE
    white = chance.normal(0, 1, count)
    sound = (
        white,
        np.sign(np.sin(2 * np.pi * 50 * time)) + 0.3 * white,
        np.where(chance.random(count) < 0.001, 30.0, 0.0) + 0.05 * white,
        np.cumsum(white) * 0.05 * np.hanning(count),
    )[int(chance.integers(0, 4))]
    return np.asarray(np.clip(sound * chance.uniform(300, 3000), -32000, 32000), dtype=np.int16)


def speakerphone(played: Samples, *, delay_ms: int, loss_db: float, seed: int) -> Samples:
    """What the far end's microphone gives back of our words: loudspeaker, room, attenuation, delay, codec."""
    chance = np.random.default_rng(seed)
    overdriven = np.tanh(played.astype(np.float64) / 32768 * chance.uniform(1.0, 3.0))
    decay = chance.uniform(0.15, 0.4) * TELEPHONE_RATE / 6.9
    room = chance.normal(0, 1, int(0.25 * TELEPHONE_RATE)) * np.exp(-np.arange(int(0.25 * TELEPHONE_RATE)) / decay)
    room *= chance.uniform(0.3, 0.8) / np.sqrt(np.sum(room**2))
    room[0] = 1.0
    heard = np.convolve(overdriven, room)[: len(played)] * 32768 * 10 ** (-loss_db / 20)
    delayed = np.concatenate([np.zeros(delay_ms * TELEPHONE_RATE // 1000), heard])[: len(played)]
    return a_law(telephone_band(np.asarray(np.clip(delayed, -32000, 32000), dtype=np.int16)))


def _through(sound: npt.NDArray[np.float64], *formants_hz: float) -> npt.NDArray[np.float64]:
    """Let resonances ring, 150 Hz wide."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / TELEPHONE_RATE)
    gain = sum(1 / (1 + ((hz - formant) / 150) ** 2) for formant in formants_hz)
    return np.asarray(np.fft.irfft(spectrum * gain, len(sound)), dtype=np.float64)
