"""Whether a voice on the line is the person's, or our own given back by their loudspeaker."""

from __future__ import annotations

import numpy as np

from fairdial.core.hearing.own_echo import LATEST, LOOKED_AT, is_echo
from fairdial.voice.mouth import Mouth, Track
from fairdial.voice.sound import Samples

_MAY_BE_VOICE = 0.3
"""Probability below which nobody asks whose voice it is."""


def is_ours(probability: float, heard: Track, mouth: Mouth, *, until: int) -> bool:
    """Whether our own words explain the voice in the window that ends at position `until`."""
    if probability < _MAY_BE_VOICE or until - mouth.ends_at > LATEST + LOOKED_AT:
        return False
    return is_echo(_latest(heard, LOOKED_AT, until), _latest(mouth.track, LATEST + LOOKED_AT, until))


def _latest(track: Track, count: int, until: int) -> Samples:
    """The `count` samples before position `until`; silence where there is nothing."""
    known = track.samples()[max(0, until - count) : until]
    latest = np.zeros(count, dtype=np.int16)
    offset = count - min(count, until)
    latest[offset : offset + len(known)] = known
    return latest
