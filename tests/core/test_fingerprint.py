"""The same recording is known by its sound, another is not, and what costs more must match for longer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.fingerprint import NOTHING, SAME, Known, difference, extended, fingerprint, recognised

Sound = npt.NDArray[np.int16]


def noise(seed: int, seconds: float) -> Sound:
    """Sound nobody else makes: bands of noise that change every 50 ms."""
    draw = np.random.default_rng(seed)
    blocks = []
    for _ in range(int(seconds * 20)):
        shape = np.repeat(draw.uniform(0, 1, 25), 9)[:201] ** 3
        spectrum = shape * np.exp(1j * draw.uniform(0, 2 * np.pi, 201))
        blocks.append(np.fft.irfft(spectrum, 400))
    wave = np.concatenate(blocks)
    return np.asarray(wave / np.abs(wave).max() * 12000, dtype=np.int16)


def known(seed: int, disposition: Disposition, seconds: float = 6.0) -> Known:
    return Known(id=str(seed), disposition=disposition, print=fingerprint(noise(seed, seconds)))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 50), start=st.integers(0, 20000), gain=st.floats(0.2, 2.5))
def test_a_stretch_of_a_recording_is_known_at_any_offset_and_level(seed: int, start: int, gain: float) -> None:
    heard = noise(seed, 6.0)[start : start + 16000]
    louder = np.clip(heard * gain, -12000, 12000).astype(np.int16)
    assert difference(fingerprint(louder), known(seed, Disposition.BUSY).print, seconds=1.6) <= SAME


@settings(max_examples=15, deadline=None)
@given(one=st.integers(0, 50), other=st.integers(51, 99))
def test_another_recording_differs(one: int, other: int) -> None:
    assert difference(fingerprint(noise(one, 2.0)), known(other, Disposition.BUSY).print, seconds=1.6) > SAME


def test_what_takes_a_number_off_the_list_must_match_for_longer() -> None:
    shelf = [known(1, Disposition.POWERED_OFF)], [known(1, Disposition.INVALID_NUMBER)]
    for seconds, found in ((1.5, [False, False]), (1.8, [True, False]), (2.6, [True, True])):
        heard = fingerprint(noise(1, 6.0)[: int(seconds * 8000)])
        assert [recognised(heard, labels) is not None for labels in shelf] == found, seconds


def test_labels_that_contradict_each_other_decide_nothing() -> None:
    heard = fingerprint(noise(1, 4.0))
    assert recognised(heard, [known(1, Disposition.BUSY), known(1, Disposition.POWERED_OFF)]) is None


def test_what_begins_alike_and_goes_on_differently_is_another_recording() -> None:
    """Carriers splice: 对不起,您拨打的用户 is the beginning of many."""
    spliced = np.concatenate([noise(1, 6.0)[:8800], noise(2, 6.0)])
    for end in range(13000, 40000, 1000):
        assert recognised(fingerprint(spliced[:end]), [known(1, Disposition.POWERED_OFF)]) is None, end


def test_silence_is_no_recording() -> None:
    silent = Known(id="0", disposition=Disposition.BUSY, print=fingerprint(np.zeros(40000, np.int16)))
    assert recognised(fingerprint(np.zeros(24000, np.int16)), [silent]) is None


def test_a_fingerprint_grows_as_if_it_had_been_taken_at_once() -> None:
    sound, grown = noise(3, 3.0), NOTHING
    for end in (1000, 2500, 9000, 9100, 20000, len(sound)):
        grown = extended(grown, sound[:end])
    at_once = fingerprint(sound)
    assert np.array_equal(grown.bits, at_once.bits) and np.array_equal(grown.loud, at_once.loud)
