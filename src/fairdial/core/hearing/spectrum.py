"""Where the energy of one frame lies: `spectrum(frame) -> Spectrum`.

Pure. 20 ms at 8000 Hz under a Hann window; a steady tone fills 100 Hz to either
side of its frequency, noise fills the band, a voice its harmonics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_RATE = 8000
_FRAME = 160
_BINS = 320
HZ_A_BIN = _RATE / _BINS
_LOBE_HZ = 100
"""Half the main lobe of a Hann window of 20 ms: two bins of 50 Hz."""

_HANN = np.hanning(_FRAME + 1)[:-1].astype(np.float32)


class Spectrum:
    """Energy of one frame; where it lies is worked out when it is first asked for: most frames are silent, and nobody asks.

    Attributes:
        level: Root mean square of the s16 samples.
    """

    __slots__ = ("_sound", "_summed", "level")

    def __init__(self, frame: npt.NDArray[np.int16]) -> None:
        self._sound = frame.astype(np.float32)
        self._summed: npt.NDArray[np.float32] | None = None
        self.level = math.sqrt(float(np.dot(self._sound, self._sound)) / len(self._sound))

    @property
    def summed(self) -> npt.NDArray[np.float32]:
        """Energy below each 25 Hz, summed up from low to high frequencies; its last value is the whole, never 0."""
        if self._summed is None:
            power = np.abs(np.fft.rfft((self._sound - self._sound.mean()) * _HANN, _BINS)) ** 2
            power[-1] += 1e-3
            self._summed = np.cumsum(power, dtype=np.float64).astype(np.float32)
        return self._summed

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
    return Spectrum(frame)


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
