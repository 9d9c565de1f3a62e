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
    characters, sounds = _places(words), _places(syllables(words))
    places = np.array(characters + sounds, dtype=np.int64)
    places[len(characters) :] += BUCKETS
    values = np.empty(len(places), dtype=np.float32)
    values[: len(characters)] = max(len(characters), 1) ** -0.5
    values[len(characters) :] = max(len(sounds), 1) ** -0.5
    return places, values


def _places(units: Sequence[str]) -> list[int]:
    """The buckets of one to four neighbours, joined by spaces; the ends of the sentence count as neighbours but say nothing alone.

    A CRC is carried on from one gram to the next longer one, which is the same as hashing it whole.
    """
    if not units:
        return []
    ended = [b"^", *(unit.encode("utf-8", "replace") for unit in units), b"$"]
    following = [b" " + unit for unit in ended]
    grams = [crc32(unit) for unit in ended]
    found = set(grams[1:-1])
    for longer in range(1, _LONGEST_GRAM):
        grams = list(map(crc32, following[longer:], grams))
        found.update(grams)
    return sorted({gram % BUCKETS for gram in found})
