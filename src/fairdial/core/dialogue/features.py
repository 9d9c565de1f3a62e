"""What a sentence is made of: its characters and its sounds, as numbers of a fixed width.

Pure. Grams of one to four neighbours are hashed (CRC-32) into `BUCKETS` numbers a
view; both views weigh the same, so that characters wrong by recognition leave the
sounds standing. Changing anything here makes a trained model useless: raise `FORMAT`.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import syllables

FORMAT = 1
BUCKETS = 1 << 14
WIDTH = 2 * BUCKETS
LONGEST = 200
"""Characters looked at; nobody says more in one breath, and the time stays bounded."""

_LONGEST_GRAM = 4

Features = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Places in [0, WIDTH), each once, and their values; each view has length one (or zero when empty)."""


def features(text: str) -> Features:
    """Describe a sentence; empty for one without letters or characters."""
    words = normalise(text)[:LONGEST]
    views = (_places(words), _places(syllables(words)))
    places = [place + view * BUCKETS for view, found in enumerate(views) for place in found]
    values = [value for found in views if found for value in [len(found) ** -0.5] * len(found)]
    return np.array(places, dtype=np.int64), np.array(values, dtype=np.float32)


def _places(units: Sequence[str]) -> list[int]:
    """The buckets of one to four neighbours, joined by spaces; the ends of the sentence count as neighbours but say nothing alone.

    A CRC is carried on from one gram to the next longer one, which is the same as hashing it whole.
    """
    if not units:
        return []
    ended = [b"^", *(unit.encode("utf-8", "replace") for unit in units), b"$"]
    following = [b" " + unit for unit in ended]
    found = {crc32(unit) for unit in ended[1:-1]}
    for start, unit in enumerate(ended):
        gram = crc32(unit)
        for neighbour in following[start + 1 : start + _LONGEST_GRAM]:
            gram = crc32(neighbour, gram)
            found.add(gram)
    return sorted({gram % BUCKETS for gram in found})
