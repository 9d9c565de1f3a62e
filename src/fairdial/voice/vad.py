"""Voice activity for all calls of a process at once: Silero VAD on ONNX Runtime.

One inference takes every call that has a full window (256 samples at 8000 Hz);
each call keeps its own recurrent state, so calls never influence each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from fairdial.voice.sound import TELEPHONE_RATE, Samples

WINDOW = 256
"""Samples a window at 8000 Hz (Silero VAD, version 5 and later)."""

_CONTEXT = 32
_STATE = (2, 1, 128)
_LOUD_ENOUGH = 60.0
"""Root mean square of s16 samples (about −55 dBFS) below which nobody is asked: digital silence."""


class VadStream:
    """What Silero remembers of one call."""

    def __init__(self) -> None:
        self.state: npt.NDArray[np.float32] = np.zeros(_STATE, dtype=np.float32)
        self.context: npt.NDArray[np.float32] = np.zeros(_CONTEXT, dtype=np.float32)


class SileroVad:
    """Speech probabilities for many calls in one inference."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "silero_vad.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(TELEPHONE_RATE, dtype=np.int64)

    def probabilities(self, windows: Sequence[Samples], streams: Sequence[VadStream]) -> list[float]:
        """Probability of speech in one window of each call; updates the streams.

        Args:
            windows: One array of `WINDOW` samples a call, 8000 Hz.
            streams: The calls' states, in the same order.
        """
        out = [0.0] * len(windows)
        loud = [i for i, window in enumerate(windows) if _rms(window) >= _LOUD_ENOUGH]
        if not loud:
            return out
        sound = np.stack([windows[i] for i in loud]).astype(np.float32) / 32768.0
        context = np.stack([streams[i].context for i in loud])
        state = np.concatenate([streams[i].state for i in loud], axis=1)
        probability, after = self._session.run(
            None, {"input": np.concatenate([context, sound], axis=1), "state": state, "sr": self._rate}
        )
        for row, i in enumerate(loud):
            streams[i].state = after[:, row : row + 1]
            streams[i].context = sound[row, -_CONTEXT:]
            out[i] = float(probability[row, 0])
        return out


def _rms(window: Samples) -> float:
    return float(np.sqrt(np.mean(window.astype(np.float32) ** 2)))
