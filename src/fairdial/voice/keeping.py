"""The recording of a call onto the disk, sealed when the operator wants it so: whole or not at all."""

from __future__ import annotations

import io
import logging
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import soundfile

from fairdial.errors import StorageError
from fairdial.sealed_file import seal_file
from fairdial.voice.sound import TELEPHONE_RATE, Samples, stereo

SEALED = ".sealed"
"""Ending of a sealed recording's name, after `.wav`."""

_KEY_BYTES = 32
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A recording's file name, and the key that opens it when it is sealed; the ledger keeps the key."""

    name: str
    key: bytes | None = field(repr=False)


def keep_recording(folder: Path, permit: UUID, *, left: Samples, right: Samples, is_sealed: bool) -> Kept | None:
    """Write 8 kHz stereo, the person on the left, the system on the right; None when the disk did not take it."""
    wav = io.BytesIO()
    soundfile.write(wav, stereo(left, right), TELEPHONE_RATE, format="WAV", subtype="PCM_16")
    wav.seek(0)
    kept = Kept(name=f"{permit}.wav{SEALED if is_sealed else ''}", key=os.urandom(_KEY_BYTES) if is_sealed else None)
    draft = folder / f"{kept.name}.draft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            if kept.key is None:
                target.write(wav.getbuffer())
            else:
                seal_file(wav, target, key=kept.key, about=str(permit))
        draft.replace(folder / kept.name)
    except OSError as error:
        _log.error("permit %s: its recording is lost, the call is kept: %s 录音未能保存", permit, error.strerror)
        if draft.is_file():
            draft.unlink()
        return None
    return kept


def require_space(folder: Path, *, least_mb: int) -> None:
    """Refuse to go on when the disk is nearly full; what lives may still write its end.

    Raises:
        StorageError: Less than `least_mb` (10^6 bytes) are free where recordings go.
    """
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < least_mb:
        raise StorageError(
            f"{folder}: {free_mb} MB are free, less than FAIRDIAL_MIN_FREE_MB ({least_mb}); no call was started, the same"
            " command goes on when there is space. 磁盘空间不足,未再拨出;腾出空间后再次运行同一命令可继续"
        )
