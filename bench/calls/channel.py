"""The telephone between a voice and us: band, level, noise, clipping, G.711; every draw from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairdial.voice.sound import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`snr_db` of white noise under the speech, `gain` before a hard limit, A-law as on the wire."""

    name: str
    snr_db: float | None = None
    gain: float = 1.0


CLEAN, NOISY, VERY_NOISY, CLIPPED = (
    Channel(name="G.711"),
    Channel(name="G.711, noise 15 dB below", snr_db=15.0),
    Channel(name="G.711, noise 8 dB below", snr_db=8.0),
    Channel(name="G.711, clipped by 12 dB", gain=4.0),
)


def through(channel: Channel, sound: Samples, *, seed: int) -> Samples:
    """What arrives of a sound; 8000 Hz in and out, of the same length."""
    wave = sound.astype(np.float64) * channel.gain
    if channel.snr_db is not None:
        voiced = wave[np.abs(wave) > 300]
        level = float(np.sqrt(np.mean(voiced**2))) if len(voiced) else 1000.0
        noise = np.random.default_rng(seed).normal(0, level * 10 ** (-channel.snr_db / 20), len(wave))
        wave = wave + noise
    return a_law(np.clip(wave, -20_000, 20_000).astype(np.int16))


def a_law(samples: Samples) -> Samples:
    """There and back through G.711 A-law (ITU-T G.711): 13 bits to 8 and again."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32_767) / 32_768.0
    a, k = 87.6, 1 + np.log(87.6)
    small = magnitude < 1 / a
    packed = np.where(small, a * magnitude / k, (1 + np.log(np.maximum(a * magnitude, 1e-9))) / k)
    coded = (np.floor(packed * 127) + 0.5) / 127
    back = np.where(coded < 1 / k, coded * k / a, np.exp(coded * k - 1) / a)
    return np.asarray(np.sign(samples) * back * 32_768, dtype=np.int16)
