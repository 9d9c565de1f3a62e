"""Whether two stretches of sound are the same recording: sign bits of band energies.

Pure. 32 bits every 16 ms say between which neighbouring bands energy grew (Haitsma
and Kalker, A Highly Robust Audio Fingerprinting System, ISMIR 2002). Level, coding,
noise and clipping leave most of them; another recording has half of them by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairdial.core.call_record import Disposition

_RATE = 8000
_WINDOW, _HOP = 2048, 128
_LOUD = 200.0
"""Root mean square (about -44 dBFS) from which a window has something in it to compare."""

SAME = 0.25
"""Most bits that may differ in the same recording (docs/why/before-the-answer.md)."""

_LEAST_LOUD = 0.6

LASTING = frozenset({Disposition.INVALID_NUMBER, Disposition.SUSPENDED})
"""What takes a number off the list: believed after `_SURER_S`, everything else after `_SURE_S`."""

_SURE_S, _SURER_S = 1.6, 2.4

_EDGES = np.round(np.geomspace(300.0, 3000.0, 34) * _WINDOW / _RATE).astype(int)
_HANN = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Bits of each window, 16 ms apart, and which windows are loud enough to be compared."""

    bits: npt.NDArray[np.uint32]
    loud: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A recording somebody has labelled."""

    id: str
    disposition: Disposition
    print: Fingerprint


NOTHING = Fingerprint(bits=np.zeros(0, np.uint32), loud=np.zeros(0, np.bool_))


def fingerprint(samples: npt.NDArray[np.int16]) -> Fingerprint:
    """Take the fingerprint of s16 mono at 8000 Hz; empty when shorter than a quarter of a second."""
    if len(samples) < _WINDOW + _HOP:
        return NOTHING
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP].astype(np.float32)
    power = np.abs(np.fft.rfft(windows * _HANN, axis=1)) ** 2
    summed = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    bands = np.diff(summed[:, _EDGES], axis=1)
    slope = np.diff(bands, axis=1)
    signs = np.diff(slope, axis=0) > 0
    bits = (signs.astype(np.uint64) << np.arange(32, dtype=np.uint64)).sum(axis=1).astype(np.uint32)
    return Fingerprint(bits=bits, loud=np.sqrt(np.mean(windows[1:] ** 2, axis=1)) > _LOUD)


def difference(heard: Fingerprint, known: Fingerprint, *, seconds: float) -> float:
    """Share of bits in which the last `seconds` heard differ from the likest stretch of `known`.

    The worst third counts: carriers splice recordings, and what begins alike goes on differently. 1.0 when too short or too
    quiet to tell.
    """
    count = round((seconds * _RATE - _WINDOW) / _HOP)
    bits, loud = heard.bits[-count:], heard.loud[-count:]
    if len(bits) < count or len(known.bits) < count or loud.mean() < _LEAST_LOUD:
        return 1.0
    stretches = np.lib.stride_tricks.sliding_window_view(known.bits, count)
    wrong = np.bitwise_count(stretches ^ bits) * loud
    likest = wrong[int(wrong.sum(axis=1).argmin())]
    thirds = zip(np.array_split(likest, 3), np.array_split(loud, 3), strict=True)
    return max(float(w.sum()) / (32 * int(heard_well.sum())) for w, heard_well in thirds if heard_well.any())


def recognised(heard: Fingerprint, shelf: Sequence[Known]) -> Known | None:
    """The labelled recording that is being played, once enough of it was heard and no other label fits."""
    fitting = [known for known in shelf if difference(heard, known.print, seconds=_SURE_S) <= SAME]
    if len({known.disposition for known in fitting}) != 1:
        return None
    if fitting[0].disposition not in LASTING:
        return fitting[0]
    return next((known for known in fitting if difference(heard, known.print, seconds=_SURER_S) <= SAME), None)


def is_same_recording(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether one is in the other, by the end of the shorter: a call may have ended before the recording did."""
    shorter, longer = sorted((one, other), key=lambda each: len(each.bits))
    return difference(shorter, longer, seconds=min(_SURER_S, _seconds(shorter))) <= SAME


def extended(heard: Fingerprint, sound: npt.NDArray[np.int16]) -> Fingerprint:
    """The fingerprint of a sound whose beginning has its fingerprint already; only what is new is looked at."""
    more = fingerprint(sound[len(heard.bits) * _HOP :])
    return Fingerprint(bits=np.concatenate([heard.bits, more.bits]), loud=np.concatenate([heard.loud, more.loud]))


def _seconds(heard: Fingerprint) -> float:
    return (len(heard.bits) * _HOP + _WINDOW) / _RATE
