"""Clips made ahead of the calls: asked of whoever can speak, trimmed, brought to equal loudness, kept by what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.voice.sound import write_opus

RATE = 24_000
"""Hz of a stored clip."""

_EDGE_S = 0.06
_LOUDNESS = 10 ** (-21 / 20)
"""Root mean square of the voiced part: −21 dBFS for every clip."""

_PEAK = 0.95
_QUIET = 0.012

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound as a speaker gave it: mono in [-1, 1]."""

    samples: Floats
    rate_hz: int


Speaker = Callable[[Wording], Speech | None]
"""Speaks a wording, or has not got it."""


def evened(speech: Speech) -> Floats:
    """A clip as it is stored: 24,000 Hz, trimmed, at equal loudness."""
    samples = speech.samples
    if speech.rate_hz != RATE:
        samples = np.asarray(soxr.resample(samples, speech.rate_hz, RATE), dtype=np.float32)
    return _even(_trim(samples))


def render_missing(
    wordings: Iterable[Wording],
    folder: Path,
    speakers: Sequence[Speaker],
    *,
    done: Callable[[Wording], None],
    is_shared: bool = False,
) -> int:
    """Make every clip of a folder that is missing, remove those no longer said, write `index.tsv`.

    Args:
        speakers: Asked one after another; the first that has a wording speaks it.
        is_shared: Whether others' clips lie there, too; then none is removed, and the index keeps its rows.

    Returns:
        How many clips were made.

    Raises:
        InputError: Nobody has some of them; the others are made and those are named with their text.
    """
    wanted = {clip_id(w): w for w in wordings}
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.tsv"
    rows = {f"{name}\t{w.voice}\t{w.speed:.2f}\t{w.text}\n" for name, w in wanted.items()}
    if is_shared:
        rows |= set(index.read_text(encoding="utf-8").splitlines(keepends=True)) if index.is_file() else set()
    else:
        for stale in {p.stem for p in folder.glob("*.ogg")} - set(wanted):
            (folder / f"{stale}.ogg").unlink()
    index.write_text("".join(sorted(rows)), encoding="utf-8")
    missing = [(name, w) for name, w in wanted.items() if not (folder / f"{name}.ogg").is_file()]
    unspoken = []
    for name, wording in missing:
        speech = next((speech for speak in speakers if (speech := speak(wording)) is not None), None)
        if speech is None:
            unspoken.append(f"{name} {wording.text}")
        else:
            write_opus(folder / f"{name}.ogg", evened(speech), rate_hz=RATE)
            done(wording)
    if unspoken:
        listed = "\n  ".join(unspoken)
        raise InputError(f"{folder}: {len(unspoken)} clips nobody has spoken 还没有录音:\n  {listed}")
    return len(missing)


def _trim(sound: Floats) -> Floats:
    """Cut silence at both ends, leaving 60 ms, and fade the edges so that nothing clicks."""
    voiced = np.flatnonzero(np.abs(sound) > _QUIET)
    if not len(voiced):
        return sound
    edge = int(_EDGE_S * RATE)
    cut = sound[max(0, voiced[0] - edge) : voiced[-1] + edge].copy()
    fade = np.linspace(0, 1, edge // 4, dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[-len(fade) :] *= fade[::-1]
    return cut


def _even(sound: Floats) -> Floats:
    """Bring the voiced part to the common loudness without clipping."""
    voiced = sound[np.abs(sound) > _QUIET]
    if not len(voiced):
        return sound
    gain = _LOUDNESS / float(np.sqrt(np.mean(voiced**2)))
    return np.asarray(sound * min(gain, _PEAK / float(np.max(np.abs(sound)))), dtype=np.float32)
