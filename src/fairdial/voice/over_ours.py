"""What of the sound that comes while we speak is the person, and how much of it is words."""

from __future__ import annotations

import numpy as np

from fairdial.core.hearing.movement import Bands, bands, worth_ms
from fairdial.core.hearing.own_echo import LATEST, LOOKED_AT, is_echo
from fairdial.voice.mouth import Mouth, Track
from fairdial.voice.sound import Samples
from fairdial.voice.vad import WINDOW

_MAY_BE_VOICE = 0.3
"""Probability below which nobody asks whose voice it is."""


class OverOurs:
    """Follows one call while our words are being heard; `speech_ms` counts the person's words over them."""

    def __init__(self, heard: Track, mouth: Mouth) -> None:
        self._heard, self._mouth = heard, mouth
        self._before: tuple[Bands | None, Bands | None] = (None, None)
        self.speech_ms = 0.0

    def sift(self, probability: float, *, until: int) -> float:
        """Take in the window that ends at position `until`.

        Returns:
            The probability that the person speaks: 0 where our own words explain what is heard.
        """
        if probability < _MAY_BE_VOICE or until - self._mouth.ends_at > LATEST + LOOKED_AT:
            self._before = (None, None)
            return probability
        heard = _latest(self._heard, LOOKED_AT, until)
        if is_echo(heard, _latest(self._mouth.track, LATEST + LOOKED_AT, until)):
            return 0.0
        now = bands(heard[-WINDOW:])
        if self._mouth.is_speaking:
            self.speech_ms += worth_ms(self._before[0], now)
        self._before = (self._before[1], now)
        return probability


def _latest(track: Track, count: int, until: int) -> Samples:
    """The `count` samples before position `until`; silence where there is nothing."""
    known = track.samples()[max(0, until - count) : until]
    ours = np.zeros(count, dtype=np.int16)
    offset = count - min(count, until)
    ours[offset : offset + len(known)] = known
    return ours
