"""Clips in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError
from fairdial.voice import clips
from fairdial.voice.clips import ClipShelf
from fairdial.voice.sound import write_opus


def test_only_what_was_said_last_is_kept_and_the_rest_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every clip ever said stayed in memory: a list of 10,000 names took hundreds of megabytes."""
    monkeypatch.setattr(clips, "_MOST_KEPT", 20_000)
    said = [Wording(text=text, voice="v") for text in "甲乙丙"]
    for wording in said:
        write_opus(tmp_path / f"{clip_id(wording)}.ogg", np.zeros(24_000, dtype=np.float32), rate_hz=24_000)
    shelf = ClipShelf(tmp_path)
    shelf.warm(said)
    for wording in said:
        (tmp_path / f"{clip_id(wording)}.ogg").unlink()
    assert len(shelf.sound(said[1:])) > 15_000
    with pytest.raises(InputError, match="cannot be read"):
        shelf.sound(said[:1])
