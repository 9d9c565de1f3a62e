"""Keys in the sound itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.dtmf import KeyState, hear_key
from fairdial.core.hearing.spectrum import spectrum
from fairdial.voice.sound import read_sound
from tests.core.dtmf import KEYS, key_sound

QUIET = np.zeros(800, dtype=np.int16)


def keys(sound: npt.NDArray[np.int16]) -> str:
    state, heard = KeyState(), ""
    for start in range(0, len(sound) - 159, 160):
        state, key = hear_key(state, spectrum(sound[start : start + 160]))
        heard += key or ""
    return heard


@given(
    st.sampled_from(KEYS),
    st.floats(0.08, 0.5),
    st.floats(-0.015, 0.015),
    st.floats(-6, 6),
    st.integers(0, 159),
)
def test_law_a_key_within_the_limits_of_q24_is_heard_once(
    key: str, seconds: float, off_by: float, twist_db: float, shift: int
) -> None:
    sound = key_sound(key, seconds, off_by=off_by, twist_db=twist_db)
    assert keys(np.concatenate([QUIET, QUIET[:shift], sound, QUIET])) == key


def test_a_row_of_keys_is_heard_in_order() -> None:
    row = "1390#*55"
    assert keys(np.concatenate([part for key in row for part in (key_sound(key, 0.1), QUIET)])) == row


def test_a_lost_packet_in_a_key_does_not_press_it_twice() -> None:
    sound = key_sound("5", 0.3)
    sound[960:1120] = 0
    assert keys(np.concatenate([QUIET, sound, QUIET])) == "5"


@pytest.mark.parametrize(
    "sound",
    [
        key_sound("5", 0.03),
        key_sound("5", 0.3, off_by=0.06),
        key_sound("5", 0.3, twist_db=20),
        key_sound("5", 0.3, level=100),
        key_sound("5", 0.3)[::2],
    ],
    ids=["too short", "off by 6 %", "one tone alone", "too faint", "an octave up"],
)
def test_what_is_no_key(sound: npt.NDArray[np.int16]) -> None:
    assert keys(np.concatenate([QUIET, sound, QUIET])) == ""


def test_no_voice_presses_a_key() -> None:
    """All the clips of an example, and of its people."""
    clips = sorted((Path(__file__).parents[2] / "examples" / "insurance-renewal").rglob("*.ogg"))
    assert len(clips) > 20 and all(keys(read_sound(clip)) == "" for clip in clips)
