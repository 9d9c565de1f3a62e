"""Text to speech, ahead of the calls: Kokoro-82M with its Mandarin voices, on ONNX Runtime.

About real time on two cores, so clips are rendered once and kept by what they say.
Only the command that renders imports this module; it needs `fairdial[render]`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from misaki import zh

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.voice.sound import write_opus

RATE = 24_000
"""Hz, as Kokoro speaks."""

_LONGEST = 510
"""Phonemes at once; the voices hold a style vector for each length."""

_EDGE_S = 0.06
_LOUDNESS = 10 ** (-21 / 20)
"""Root mean square of the voiced part: −21 dBFS for every clip."""

_PEAK = 0.95
_QUIET = 0.012

Floats = npt.NDArray[np.float32]


class Kokoro:
    """Speaks Mandarin; one instance holds the model."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(folder / "kokoro.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._folder = folder
        self._vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._phonemes = zh.ZHG2P()
        self._voices: dict[str, Floats] = {}

    def render(self, wording: Wording) -> Floats:
        """Speak one wording: mono in [-1, 1] at 24,000 Hz, trimmed, at equal loudness.

        Raises:
            InputError: The voice is unknown or the text too long.
        """
        phonemes, _ = self._phonemes(wording.text)
        tokens = [self._vocabulary[p] for p in phonemes if p in self._vocabulary]
        if not 1 <= len(tokens) <= _LONGEST:
            raise InputError(f"{wording.text[:20]}…: {len(tokens)} phonemes, 1 … {_LONGEST} can be spoken at once")
        sound = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self._voice(wording.voice)[len(tokens) - 1],
                "speed": np.array([wording.speed], dtype=np.float32),
            },
        )[0]
        return _even(_trim(np.asarray(sound, dtype=np.float32)))

    def _voice(self, name: str) -> Floats:
        if name not in self._voices:
            path = self._folder / f"{name}.bin"
            if not path.is_file():
                known = ", ".join(sorted(p.stem for p in self._folder.glob("z*.bin")))
                raise InputError(f"voice {name!r} is not known; known are {known}")
            self._voices[name] = np.fromfile(path, dtype=np.float32).reshape(-1, 1, 256)
        return self._voices[name]


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


def render_missing(wordings: Iterable[Wording], folder: Path, models: Path, *, done: Callable[[Wording], None]) -> int:
    """Render every clip of a folder that is missing, remove those no longer said, write `index.tsv`.

    Returns:
        How many clips were rendered.
    """
    wanted = {clip_id(w): w for w in wordings}
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {p.stem for p in folder.glob("*.ogg")} - set(wanted):
        (folder / f"{stale}.ogg").unlink()
    missing = [(name, w) for name, w in wanted.items() if not (folder / f"{name}.ogg").is_file()]
    kokoro = Kokoro(models) if missing else None
    for name, wording in missing:
        if kokoro is not None:
            write_opus(folder / f"{name}.ogg", kokoro.render(wording), rate_hz=RATE)
        done(wording)
    rows = sorted(f"{name}\t{w.voice}\t{w.speed:.2f}\t{w.text}\n" for name, w in wanted.items())
    (folder / "index.tsv").write_text("".join(rows), encoding="utf-8")
    return len(missing)
