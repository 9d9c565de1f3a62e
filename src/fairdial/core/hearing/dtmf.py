"""Which key is heard in the sound itself: `hear_key(state, frame) -> (state, key)`.

Pure. For lines that bring keys as sound (in-band) and not as RFC 4733 events: two tones of
ITU-T Q.23, one of each group, that are nearly all there is and last for three frames of
20 ms (Q.24 wants 40 ms accepted; a voice holds two such tones for one frame now and then).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from fairdial.core.hearing.spectrum import HZ_A_BIN, Spectrum

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")

_OFF_BY = 0.025
"""Q.24 accepts 1.5 % and rejects 3.5 %; the middle, for a peak read from 20 ms is not exact."""

_PURE = 0.85
"""Least share of a frame's energy in the two tones."""

_LEAST = 300.0
"""Root mean square (about -41 dBFS): keys are loud."""

_TWIST = 10 ** (8 / 10)
"""Greatest ratio of the two tones' energies (Q.24: 4 to 8 dB)."""

FRAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """The key that has sounded for `frames`, of which the last `missed` did not show it."""

    key: str = ""
    frames: int = 0
    missed: int = 0

    @property
    def is_sounding(self) -> bool:
        """Whether what is heard is a key and no speech."""
        return self.frames >= FRAMES


def hear_key(state: KeyState, heard: Spectrum) -> tuple[KeyState, str | None]:
    """Take in one frame of 20 ms; the key in the frame in which it becomes certain, once however long it is held."""
    key = _key(heard)
    if key and key == state.key:
        moved = KeyState(key=key, frames=state.frames + 1)
        return moved, key if moved.frames == FRAMES else None
    if not key and state.is_sounding and not state.missed:
        return KeyState(key=state.key, frames=state.frames, missed=1), None  # a lost packet does not press it twice
    return KeyState(key=key, frames=1 if key else 0), None


def _key(heard: Spectrum) -> str:
    if heard.level < _LEAST:
        return ""
    row, column = _nearest(heard, _ROWS), _nearest(heard, _COLUMNS)
    if row is None or column is None:
        return ""
    low, high = heard.share(_ROWS[row]), heard.share(_COLUMNS[column])
    if low + high < _PURE or not 1 / _TWIST <= low / high <= _TWIST:
        return ""
    return _KEYS[row][column]


def _nearest(heard: Spectrum, group: tuple[int, ...]) -> int | None:
    """The place of the tone at which a group's loudest frequency lies; None when it lies between them."""
    energy = np.diff(heard.summed)
    first = int((group[0] - 60) / HZ_A_BIN)
    peak = first + int(np.argmax(energy[first : int((group[-1] + 60) / HZ_A_BIN)]))
    left, middle, right = (log(max(float(energy[peak + step]), 1e-6)) for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    hz = (peak + 1 + offset) * HZ_A_BIN
    near = min(range(len(group)), key=lambda place: abs(group[place] - hz))
    return near if abs(group[near] - hz) <= _OFF_BY * group[near] else None
