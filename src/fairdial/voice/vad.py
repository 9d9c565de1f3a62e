"""Voice activity for all calls of a process at once: Silero VAD on ONNX Runtime.

One inference takes every call that has a full window (256 samples at 8000 Hz) which may
be speech; each call keeps its own recurrent state, so calls never influence each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from fairdial.core.hearing.energy_gate import Gates, admit, learn
from fairdial.voice.sound import TELEPHONE_RATE, Samples

WINDOW = 256
"""Samples a window at 8000 Hz (Silero VAD, version 5 and later)."""

_CONTEXT = 32
_STATE = (2, 1, 128)


class VadStream:
    """What is remembered of one call: Silero's state, and the call's gate (`core.hearing.energy_gate`)."""

    def __init__(self) -> None:
        self.state: npt.NDArray[np.float32] = np.zeros(_STATE, dtype=np.float32)
        self.context: npt.NDArray[np.float32] = np.zeros(_CONTEXT, dtype=np.float32)
        self.floor = 0.0
        self.open_for = 0
        self.level: float | None = None
        """Root mean square of the latest window's s16 samples; None where the detector does not tell."""


class SileroVad:
    """Speech probabilities for many calls in one inference; quiet calls are not looked at."""

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
        sound = np.stack(windows).astype(np.float32)
        levels = np.sqrt(np.einsum("ij,ij->i", sound, sound) / WINDOW)
        gates, is_open = admit(_gates_of(streams), levels)
        out = np.zeros(len(windows), dtype=np.float32)
        asked = np.flatnonzero(is_open).tolist()
        sound /= 32768.0
        if asked:
            out[asked] = self._ask(sound[asked], [streams[i] for i in asked])
        gates = learn(gates, levels, out)
        known = zip(gates.floors.tolist(), gates.open_for.tolist(), levels.tolist(), strict=True)
        for stream, context, (floor, open_for, level) in zip(streams, sound[:, -_CONTEXT:], known, strict=True):
            stream.context, stream.floor, stream.open_for, stream.level = context.copy(), floor, open_for, level
        return [float(probability) for probability in out]

    def _ask(self, sound: npt.NDArray[np.float32], streams: Sequence[VadStream]) -> npt.NDArray[np.float32]:
        """Silero's answers for (calls, WINDOW) samples in [-1, 1]."""
        context = np.stack([stream.context for stream in streams])
        state = np.concatenate([stream.state for stream in streams], axis=1)
        probability, after = self._session.run(
            None, {"input": np.concatenate([context, sound], axis=1), "state": state, "sr": self._rate}
        )
        for row, stream in enumerate(streams):
            stream.state = after[:, row : row + 1].copy()
        return np.asarray(probability[:, 0], dtype=np.float32)


def _gates_of(streams: Sequence[VadStream]) -> Gates:
    return Gates(
        floors=np.array([stream.floor for stream in streams], dtype=np.float32),
        open_for=np.array([stream.open_for for stream in streams], dtype=np.int32),
    )
