"""Sound in and out of files: mono signed 16-bit samples as numpy arrays."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from fairdial.errors import InputError

Samples = npt.NDArray[np.int16]

TELEPHONE_RATE = 8000
"""Hz; G.711 on every line (RFC 3551, section 4.5.14)."""

RECOGNISED_RATE = 16_000
"""Hz; what recognisers were trained on."""

FRAME_MS = 20
FRAME_SAMPLES = TELEPHONE_RATE * FRAME_MS // 1000
"""160 samples, the packet time of G.711 audio (RFC 3551, section 4.2)."""


def resample(samples: Samples, *, source_hz: int, target_hz: int) -> Samples:
    """Change the sampling rate with a band-limited filter; equal rates return the input."""
    if source_hz == target_hz:
        return samples
    return np.asarray(soxr.resample(samples, source_hz, target_hz), dtype=np.int16)


def levels_db(samples: Samples) -> list[float]:
    """Level of each frame of 20 ms in dBFS, at the telephone's rate; a last incomplete frame is left out."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    power = np.mean((frames / 32768.0) ** 2, axis=1)
    return [float(level) for level in 10 * np.log10(np.maximum(power, 1e-12))]


def read_sound(path: Path, *, rate_hz: int = TELEPHONE_RATE) -> Samples:
    """Read WAV, FLAC or Ogg Opus as mono samples at `rate_hz`.

    Raises:
        InputError: The file is missing or is not sound that can be decoded.
    """
    try:
        data, source_hz = soundfile.read(path, dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(f"{path}: cannot be read as sound ({error}); give WAV, FLAC or Ogg Opus") from error
    mono = np.asarray(data[:, 0], dtype=np.int16)
    return resample(mono, source_hz=source_hz, target_hz=rate_hz)


def write_opus(path: Path, samples: npt.NDArray[np.float32], *, rate_hz: int) -> None:
    """Store mono speech as Ogg Opus, whole or not at all; `rate_hz` is 8000, 12000, 16000, 24000 or 48000."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    soundfile.write(draft, samples, rate_hz, format="OGG", subtype="OPUS")
    draft.replace(path)


def stereo(left: Samples, right: Samples) -> Samples:
    """(samples, 2): the shorter side ends in silence."""
    both = np.zeros((max(len(left), len(right)), 2), dtype=np.int16)
    both[: len(left), 0] = left
    both[: len(right), 1] = right
    return both


def read_stereo(path: Path | BinaryIO) -> tuple[Samples, Samples]:
    """Both sides of a recording, from its file or its bytes.

    Raises:
        InputError: It is no stereo sound at the telephone's rate.
    """
    try:
        data, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(f"{path}: cannot be read as a recording 无法读取录音 ({error})") from error
    if rate_hz != TELEPHONE_RATE or data.shape[1] != 2:
        raise InputError(f"{path}: is no recording of a call (stereo, {TELEPHONE_RATE} Hz) 不是通话录音")
    return data[:, 0], data[:, 1]


def wav_of(samples: Samples, *, rate_hz: int) -> bytes:
    """Mono samples as the bytes of a WAV file."""
    out = BytesIO()
    soundfile.write(out, samples, rate_hz, format="WAV", subtype="PCM_16")
    return out.getvalue()


def spoken_wav(content: bytes, *, longest_s: float) -> Samples:
    """What somebody said into a microphone, at the telephone's rate.

    Args:
        content: A WAV file, 16-bit PCM, mono, 8 to 48 kHz.

    Raises:
        InputError: It is something else, or longer.
    """
    wrong = "send WAV, 16-bit PCM, mono, 8 to 48 kHz 请发送单声道 16 位 WAV"
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            told = (file.format, file.subtype, file.channels)
            if told != ("WAV", "PCM_16", 1) or not 8000 <= file.samplerate <= 48_000:
                raise InputError(f"it is {', '.join(map(str, told))} at {file.samplerate} Hz; {wrong}")
            if file.frames > longest_s * file.samplerate:
                raise InputError(f"it is longer than {longest_s:g} s; say less 录音过长")
            data, rate_hz = file.read(dtype="int16"), file.samplerate
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise InputError(f"it is no sound that can be read; {wrong}") from error
    return resample(np.asarray(data, dtype=np.int16), source_hz=rate_hz, target_hz=TELEPHONE_RATE)
