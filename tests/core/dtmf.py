"""Keys of a telephone as ITU-T Q.23 sounds them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


def key_sound(
    key: str, seconds: float, *, off_by: float = 0.0, twist_db: float = 0.0, level: float = 4000
) -> npt.NDArray[np.int16]:
    """A key at 8000 Hz; `off_by` is a share of both frequencies, `twist_db` how much louder the lower one is."""
    place = KEYS.index(key)
    t = np.arange(int(seconds * 8000)) / 8000
    low, high = (np.sin(2 * np.pi * hz * (1 + off_by) * t) for hz in (ROWS[place // 4], COLUMNS[place % 4]))
    twist = 10 ** (twist_db / 20)
    return np.asarray(level * (twist * low + high) / (1 + twist), dtype=np.int16)
