"""Tones of one call as the voice hears them."""

from __future__ import annotations

import numpy as np
import pytest

from fairdial.voice.tone_watch import ToneWatch
from tests.core.test_tones import Sound, cadence, sine


def heard(sound: Sound, country: str) -> list[str]:
    watch = ToneWatch(country)
    names = (watch.take(sound[start : start + 160]) for start in range(0, len(sound) - 159, 160))
    return [name for name in names if name is not None]


@pytest.mark.parametrize("hz", [700, 1000, 1400, 1900])
def test_a_mailbox_beeps_at_any_frequency(hz: int) -> None:
    """A beep at 1000 Hz was taken for the first part of the special information tone, and never reported."""
    assert heard(np.concatenate([sine(400), sine(500, hz), sine(400)]), "CN") == ["beep"]


def test_an_unknown_country_has_the_international_tones_alone() -> None:
    assert heard(sine(1200, 2100), "ZZ") == ["fax_answer"]
    assert heard(cadence("CN", "busy"), "ZZ") == []
