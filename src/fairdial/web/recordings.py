"""A recording as a browser reads it: its size, any part of it, and its words laid along it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fairdial.app import App
from fairdial.core.access.caller import Caller
from fairdial.core.hearing.transcript import aligned, web_vtt
from fairdial.errors import InputError
from fairdial.ledger.calls.recordings import StoredRecording, recording_of
from fairdial.sealed_file import opened_part, opened_size
from fairdial.voice.sound import read_stereo
from fairdial.web.problems import Refused, not_found

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A recording that somebody may hear now; `size` is what it has when opened."""

    path: Path
    stored: StoredRecording
    size: int

    def part(self, first: int, last: int) -> Iterator[bytes]:
        """Bytes `first` to `last`, both included.

        Raises:
            InputError: The file was altered or cut off.
        """
        if self.stored.key is not None:
            about = str(self.stored.permit_id)
            yield from opened_part(self.path, key=self.stored.key, about=about, first=first, last=last)
            return
        with self.path.open("rb") as source:
            source.seek(first)
            left = last + 1 - first
            while left > 0 and (chunk := source.read(min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk


async def heard(app: App, who: Caller, call_id: int, folder: Path) -> Heard:
    """A call's recording for whoever may read sensitive data; that it was read is an event.

    Raises:
        AccessError: They may not; that they asked is an event.
        Refused: The tenant has no such recording, or its file is not in the folder.
    """
    try:
        stored = await recording_of(app.database, tenant=who.tenant, call=str(call_id), by=who.name)
    except InputError as error:
        raise not_found("recording") from error
    path = folder / Path(stored.name).name
    if not path.is_file():
        raise Refused(
            HTTPStatus.NOT_FOUND,
            "recording-elsewhere",
            "the recording's file is not in the server's folder; `fairdial serve --recordings` names it 录音文件不在此处",
        )
    size = path.stat().st_size if stored.key is None else opened_size(path)
    return Heard(path=path, stored=stored, size=size)


async def begun(recording: Heard, first: int, last: int) -> Iterator[bytes]:
    """The part, its first piece read already, so that a harmed file is told before anything is sent.

    Raises:
        Refused: The file was altered or cut off.
    """
    pieces = recording.part(first, last)
    try:
        head = await asyncio.to_thread(next, pieces, b"")
    except InputError as error:
        raise _harmed() from error
    return _joined(head, pieces)


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


async def words_along(recording: Heard) -> str:
    """What was said, as WebVTT.

    Raises:
        Refused: The file was altered or cut off, or is no recording.
    """

    def laid() -> str:
        stored = recording.stored
        person, ours = read_stereo(io.BytesIO(b"".join(recording.part(0, recording.size - 1))))
        return web_vtt(aligned(stored.turns, answered_at=stored.answered_at, person=person, ours=ours))

    try:
        return await asyncio.to_thread(laid)
    except InputError as error:
        raise _harmed() from error


def _harmed() -> Refused:
    return Refused(
        HTTPStatus.CONFLICT,
        "recording-harmed",
        "the recording was altered or cut off; restore its file from a backup 录音文件已损坏或被改动,请从备份恢复",
    )
