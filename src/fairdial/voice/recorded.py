"""Speech that a person has recorded, found by the name of its clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.voice.render import Speech

KINDS = (".wav", ".flac", ".mp3", ".ogg")


class Recorded:
    """A folder of recordings, `<clip name>.wav` and the like; `clips/index.tsv` names every clip with its text."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder}: is not a folder of recordings 不是录音文件夹")
        self._files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in KINDS}

    def speak(self, wording: Wording) -> Speech | None:
        """The recording of a wording, if there is one.

        Raises:
            InputError: The file is not sound that can be decoded.
        """
        path = self._files.get(clip_id(wording))
        if path is None:
            return None
        try:
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise InputError(f"{path}: cannot be read as sound 无法读取 ({error})") from error
        return Speech(np.ascontiguousarray(samples.mean(axis=1)), int(rate))
