"""Recordings on the disk."""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soundfile

from fairdial.errors import InputError, StorageError
from fairdial.sealed_file import opened_file
from fairdial.voice.keeping import keep_recording, require_space
from fairdial.voice.sound import read_sound, read_stereo
from tests.line.fake_line import tone

PERMIT = uuid4()
LEFT, RIGHT = tone(3000, 1.0), tone(1000, 2.0)


def test_a_sealed_recording_shows_nothing_and_opens_with_its_key(tmp_path: Path) -> None:
    kept = keep_recording(tmp_path, PERMIT, left=LEFT, right=RIGHT, is_sealed=True)
    assert kept is not None and kept.key is not None and kept.name == f"{PERMIT}.wav.sealed"
    file = tmp_path / kept.name
    assert b"RIFF" not in file.read_bytes() and file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "x.wav").write_bytes(b"".join(opened_file(file, key=kept.key, about=str(PERMIT))))
    left, right = read_stereo(tmp_path / "x.wav")
    assert np.array_equal(left[: len(LEFT)], LEFT) and np.array_equal(right, RIGHT)
    assert kept.key.hex() not in repr(kept) and str(kept.key) not in repr(kept)


def test_each_recording_has_a_key_of_its_own(tmp_path: Path) -> None:
    both = [keep_recording(tmp_path, uuid4(), left=LEFT, right=RIGHT, is_sealed=True) for _ in range(2)]
    assert both[0] is not None and both[1] is not None and both[0].key != both[1].key


def test_a_disk_that_takes_no_recording_costs_the_recording_and_not_the_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk raised inside the call, whose end and refusals' turns were then never written."""
    (tmp_path / "file").touch()
    with caplog.at_level(logging.ERROR):
        assert keep_recording(tmp_path / "file", PERMIT, left=LEFT, right=RIGHT, is_sealed=False) is None
    assert "its recording is lost, the call is kept" in caplog.text


def test_no_call_is_started_when_the_disk_is_nearly_full(tmp_path: Path) -> None:
    require_space(tmp_path, least_mb=0)
    with pytest.raises(StorageError, match="磁盘空间不足"):
        require_space(tmp_path, least_mb=10**12)


def test_sound_of_another_rate_is_resampled_for_the_telephone_and_is_no_recording(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "wide.wav", np.zeros((44_100, 2), dtype=np.int16), 44_100, subtype="PCM_16")
    assert len(read_sound(tmp_path / "wide.wav")) == 8000
    with pytest.raises(InputError, match="stereo, 8000 Hz"):
        read_stereo(tmp_path / "wide.wav")
    (tmp_path / "none.wav").write_bytes(b"<html>busy</html>")
    with pytest.raises(InputError, match=r"none\.wav"):
        read_sound(tmp_path / "none.wav")
