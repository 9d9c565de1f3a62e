"""How much of a voice is words: they move from sound to sound, a hum or a breath stays as it is.

Pure: the spectrum of 32 ms in twelve bands, and what a window is worth by how
far it lies from the one before last.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from fairdial.core.hearing.turns import WINDOW_MS

Bands = npt.NDArray[np.float64]

_RATE_HZ = 8000
_SIZE = _RATE_HZ * WINDOW_MS // 1000
_LOWEST_HZ, _HIGHEST_HZ, _BANDS = 200.0, 3600.0, 12
_HISS = 1e4
"""Power below which a band is silent: a quiet line's noise does not move."""

_SPEECH_MOVES = 1.5
"""Change, in natural logarithms of power, that is ordinary within speech (read and rendered Mandarin: median 1.4 to 2.4)."""

_LEAST, _MOST = 0.25, 1.5
"""Worth of a window, as a share of its length: any voice that goes on for long is listened to in the end."""


def bands(window: npt.NDArray[np.int16]) -> Bands:
    """The shape of one window's spectrum, whatever its loudness.

    Args:
        window: `WINDOW_MS` of sound at 8000 Hz.
    """
    power = np.abs(np.fft.rfft(window * np.hanning(_SIZE))) ** 2
    shape = np.log(_filters() @ power + _HISS)
    return np.asarray(shape - shape.mean(), dtype=np.float64)


def worth_ms(before_last: Bands | None, now: Bands) -> float:
    """Milliseconds of speech that a window of voice is worth: least for one that stays as it was."""
    if before_last is None:
        return WINDOW_MS
    change = float(np.sqrt(np.mean((now - before_last) ** 2)))
    return WINDOW_MS * min(_MOST, max(_LEAST, change / _SPEECH_MOVES))


@cache
def _filters() -> Bands:
    """Triangular bands, evenly spaced by the logarithm of frequency: (bands, frequencies)."""
    hz = np.fft.rfftfreq(_SIZE, 1 / _RATE_HZ)
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 2)
    rows = [
        np.clip(np.minimum((hz - low) / (mid - low), (high - hz) / (high - mid)), 0, None)
        for low, mid, high in zip(edges, edges[1:], edges[2:], strict=False)
    ]
    return np.asarray(rows, dtype=np.float64)
