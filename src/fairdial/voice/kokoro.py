"""Text to speech in this process: Kokoro-82M with its Mandarin voices, on ONNX Runtime; about real time on two cores.

Only the command that renders imports this module; it needs `fairdial[render]`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from misaki import zh

from fairdial.core.script.clip import Wording
from fairdial.errors import InputError
from fairdial.voice.render import Floats, Speech

RATE = 24_000
"""Hz, as Kokoro speaks."""

_LONGEST = 510
"""Phonemes at once; the voices hold a style vector for each length."""


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

    def speak(self, wording: Wording) -> Speech:
        """Speak one wording.

        Raises:
            InputError: The voice is unknown or the text too long.
        """
        phonemes, _ = self._phonemes(wording.aloud)
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
        return Speech(samples=np.asarray(sound, dtype=np.float32), rate_hz=RATE)

    def _voice(self, name: str) -> Floats:
        if name not in self._voices:
            path = self._folder / f"{name}.bin"
            if not path.is_file():
                known = ", ".join(sorted(p.stem for p in self._folder.glob("z*.bin")))
                raise InputError(f"voice {name!r} is not known; known are {known}")
            self._voices[name] = np.fromfile(path, dtype=np.float32).reshape(-1, 1, 256)
        return self._voices[name]
