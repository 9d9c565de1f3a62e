"""The clips of a script: read once, kept as telephone sound, joined into lines."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound

_BETWEEN = np.zeros(TELEPHONE_RATE * 12 // 100, dtype=np.int16)
"""Silence (120 ms) between two clips of a line."""

_MOST_KEPT = 1800 * TELEPHONE_RATE
"""Samples (half an hour, 29 MB) of clips kept in memory; names and amounts of a long list would be without end."""


class ClipShelf:
    """Clips of one folder by what they say; those said last are kept in memory. Safe to use from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: OrderedDict[str, Samples] = OrderedDict()
        self._samples = 0
        self._lock = Lock()

    def require(self, wordings: Iterable[Wording]) -> None:
        """Refuse to start when a clip is missing.

        Raises:
            InputError: Names the missing texts and the command that renders them.
        """
        missing = [w.text for w in wordings if not self._path(w).is_file()]
        if missing:
            shown = "、".join(missing[:3])
            raise InputError(
                f"{len(missing)} clips are missing in {self._folder}, first {shown}; make them on the campaign's page"
                f" or with `fairdial script clips` 缺少 {len(missing)} 句录音,如“{shown}”;请在任务页或用命令补上"
            )

    def warm(self, wordings: Iterable[Wording]) -> None:
        """Read these clips now, so that the voice clock does not wait for their files."""
        for wording in wordings:
            self._clip(wording)

    def sound(self, wordings: Sequence[Wording]) -> Samples:
        """The telephone sound of these clips one after another, 8000 Hz."""
        parts: list[Samples] = []
        for wording in wordings:
            if parts:
                parts.append(_BETWEEN)
            parts.append(self._clip(wording))
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)

    def _clip(self, wording: Wording) -> Samples:
        name = clip_id(wording)
        with self._lock:
            if name in self._read:
                self._read.move_to_end(name)
                return self._read[name]
        samples = read_sound(self._path(wording))
        with self._lock:
            if name not in self._read:
                self._read[name] = samples
                self._samples += len(samples)
            while self._samples > _MOST_KEPT:
                _, oldest = self._read.popitem(last=False)
                self._samples -= len(oldest)
        return samples

    def _path(self, wording: Wording) -> Path:
        return self._folder / f"{clip_id(wording)}.ogg"
