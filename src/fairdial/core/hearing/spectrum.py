"""Where the energy of one frame lies: `spectrum(frame) -> Spectrum`.

Pure. 20 ms at 8000 Hz under a Hann window; a steady tone fills 100 Hz to either
side of its frequency, noise fills the band, a voice its harmonics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_RATE = 8000
_FRAME = 160
_BINS = 320
HZ_A_BIN = _RATE / _BINS
_LOBE_HZ = 100
"""Half the main lobe of a Hann window of 20 ms: two bins of 50 Hz."""

_HANN = np.hanning(_FRAME + 1)[:-1].astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Energy of one frame, summed up from low to high frequencies.

    Attributes:
        level: Root mean square of the s16 samples.
        summed: Energy below each 25 Hz; its last value is the whole, never 0.
    """

    level: float
    summed: npt.NDArray[np.float32]

    def share(self, *hz: float, lobe_hz: float = _LOBE_HZ) -> float:
        """Share of the energy within `lobe_hz` of any of these frequencies, in [0, 1]."""
        found, done = 0.0, 0
        for centre in sorted(hz):
            low = max(done, int((centre - lobe_hz) / HZ_A_BIN))
            high = min(len(self.summed) - 1, int((centre + lobe_hz) / HZ_A_BIN))
            if high > low:
                found += float(self.summed[high] - self.summed[low])
                done = high
        return found / float(self.summed[-1])

    def peak_hz(self) -> float:
        """The frequency with the most energy."""
        return float(np.argmax(np.diff(self.summed, prepend=np.float32(0)))) * HZ_A_BIN


def spectrum(frame: npt.NDArray[np.int16]) -> Spectrum:
    """Analyse one frame of 160 samples, s16 at 8000 Hz."""
    sound = frame.astype(np.float32)
    power = np.abs(np.fft.rfft((sound - sound.mean()) * _HANN, _BINS)) ** 2
    power[-1] += 1e-3
    return Spectrum(
        level=float(np.sqrt(np.mean(sound * sound))), summed=np.cumsum(power, dtype=np.float64).astype(np.float32)
    )


def same_place(one_hz: float, other_hz: float) -> bool:
    """Whether two peaks are the same tone: within one and a half bins of the window."""
    return abs(one_hz - other_hz) <= 75


Frequencies = tuple[int, ...]


def loudest_of(heard: Spectrum, sets: Sequence[Frequencies], *, at_least: float) -> Frequencies | None:
    """The set of frequencies that holds most of a frame; every one of a set must be there."""
    best, most = None, at_least
    for hz in sets:
        share = heard.share(*hz)
        if share >= most and (len(hz) == 1 or all(heard.share(f, lobe_hz=60) >= 0.15 for f in hz)):
            best, most = hz, share
    return best
