"""What personas sound like on the telephone: their clips at 8 kHz, 300 to 3400 Hz."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.rehearsal.persona import Beep
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound

_LOW_HZ, _HIGH_HZ = 300.0, 3400.0
"""The telephone band (ITU-T G.712)."""

_SKIRT_HZ = 100.0
"""Width of the raised-cosine edges outside the band; a steep edge would ring."""

_BEEP_AMPLITUDE = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """All speech of a rehearsal, filtered once and kept in memory."""

    clips: Mapping[Wording, Samples]

    def speech(self, wording: Wording) -> Samples:
        return self.clips[wording]

    def beep(self, tone: Beep) -> Samples:
        """A sine without clicks at its ends."""
        count = TELEPHONE_RATE * tone.ms // 1000
        wave = _BEEP_AMPLITUDE * np.sin(2 * np.pi * tone.hz * np.arange(count) / TELEPHONE_RATE)
        fade = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 40)
        return np.asarray(wave * fade, dtype=np.int16)


def load_sounds(wordings: Iterable[Wording], folder: Path) -> Sounds:
    """Read `<clip id>.ogg` for every wording.

    Raises:
        InputError: Clips are missing (all are listed) or one cannot be decoded.
    """
    paths = {wording: folder / f"{clip_id(wording)}.ogg" for wording in wordings}
    missing = [wording for wording, path in paths.items() if not path.is_file()]
    if missing:
        lines = "\n".join(f"  {wording.voice}: {wording.text}" for wording in missing)
        raise InputError(f"{folder}: {len(missing)} clips are missing; `make clips` renders them:\n{lines}")
    return Sounds(clips={wording: telephone_band(read_sound(path)) for wording, path in paths.items()})


def telephone_band(samples: Samples) -> Samples:
    """Keep what a telephone carries; length and loudness inside the band stay as they are."""
    if not len(samples):
        return samples
    padded = len(samples) + TELEPHONE_RATE // 10  # the filter's tail must not wrap around to the start
    spectrum = np.fft.rfft(samples.astype(np.float64), padded)
    filtered = np.fft.irfft(spectrum * _gain(np.fft.rfftfreq(padded, 1 / TELEPHONE_RATE)), padded)
    return np.asarray(np.clip(np.rint(filtered[: len(samples)]), -32768, 32767), dtype=np.int16)


def _gain(frequency_hz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    outside = np.maximum(_LOW_HZ - frequency_hz, frequency_hz - _HIGH_HZ).clip(0.0, _SKIRT_HZ)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * outside / _SKIRT_HZ), dtype=np.float64)
