"""Recordings that networks played before an answer: each kept once, labelled by the operator, known to the next call.

A folder: `ID.wav` (8000 Hz), `heard.tsv` with a line for each time one was heard,
`labels.tsv` with what each means. Several processes may use it at once.
"""

from __future__ import annotations

import csv
import fcntl
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import soundfile

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.fingerprint import NOTHING, Fingerprint, Known, fingerprint, is_same_recording
from fairdial.errors import InputError
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound

_log = logging.getLogger(__name__)

MOST_KEPT = 500
"""Recordings; beyond that the one without a label that was heard longest ago makes room."""

MEANS = tuple(
    d
    for d in Disposition
    if d not in (Disposition.ANSWERED, Disposition.FAILED, Disposition.CANCELLED, Disposition.NOT_DIALLED)
)
"""What a recording may mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One recording: how often and when it was heard, what its words said, its label."""

    id: str
    seconds: float
    times: int
    last: str
    words: str
    read_as: str
    label: str


class AnnouncementShelf:
    """The folder's recordings; the folder is made when something is kept."""

    def __init__(self, folder: Path, *, most: int = MOST_KEPT) -> None:
        self._folder, self._most = folder, most
        self._prints: dict[str, Fingerprint] = {}
        self._known: tuple[Known, ...] = ()
        self._read_at = -1

    def known(self) -> tuple[Known, ...]:
        """The labelled recordings; a label set meanwhile counts from the next question on."""
        path = self._folder / "labels.tsv"
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        if changed != self._read_at:
            labels = self._labels()
            self._known = tuple(
                Known(id=id, disposition=Disposition(label), print=self._print(id))
                for id, label in labels.items()
                if (self._folder / f"{id}.wav").is_file() and self._print(id) is not NOTHING
            )
            self._read_at = changed
        return self._known

    def keep(self, sound: Samples, *, at: datetime, words: str, read_as: Disposition | None) -> str:
        """Keep what was heard, unless the same recording is there; note that it was heard. Returns its id.

        Raises:
            OSError: The folder does not take it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        heard = fingerprint(sound)
        with self._only_one():
            id = next((id for id in self._ids() if self._is_this(id, heard)), None)
            if id is None:
                self._make_room()
                id = sha256(sound.tobytes()).hexdigest()[:8]
                self._write(id, sound)
                self._prints[id] = heard
            line = (id, at.isoformat(timespec="seconds"), read_as or "", " ".join(words.split()))
            with (self._folder / "heard.tsv").open("a", encoding="utf-8") as out:
                out.write("\t".join(line) + "\n")
        return id

    def label(self, id: str, disposition: Disposition) -> None:
        """Say what a recording means.

        Raises:
            InputError: There is no such recording, or calls do not end so before an answer.
        """
        if disposition not in MEANS:
            raise InputError(f"{disposition} is nothing a network announces; one of 可选 {', '.join(MEANS)}")
        if id not in self._ids():  # a path is no id
            raise InputError(f"recording {id} is not kept 没有这段录音; `fairdial announcements list` shows them")
        with self._only_one():
            labels = self._labels() | {id: disposition.value}
            draft = self._folder / "labels.draft"
            draft.write_text("".join(f"{id}\t{label}\n" for id, label in sorted(labels.items())), encoding="utf-8")
            draft.replace(self._folder / "labels.tsv")

    def listed(self) -> list[Kept]:
        """Every recording, those without a label first, the most frequent first."""
        labels, heard = self._labels(), self._heard()
        kept = []
        for id in self._ids():
            lines = heard.get(id, [["", "", "", ""]])
            kept.append(
                Kept(
                    id=id,
                    seconds=self._seconds(id),
                    times=len(lines),
                    last=max(line[1] for line in lines),
                    words=max((line[3] for line in lines), key=len),
                    read_as=next((line[2] for line in reversed(lines) if line[2]), ""),
                    label=labels.get(id, ""),
                )
            )
        return sorted(kept, key=lambda one: (bool(one.label), -one.times, one.id))

    def _ids(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.wav"))

    def _write(self, id: str, sound: Samples) -> None:
        """Whole or not at all: a full disk leaves no half of a recording."""
        wav = io.BytesIO()
        soundfile.write(wav, sound, TELEPHONE_RATE, format="WAV", subtype="PCM_16")
        draft = self._folder / f"{id}.draft"
        draft.write_bytes(wav.getbuffer())
        draft.replace(self._folder / f"{id}.wav")

    def _print(self, id: str) -> Fingerprint:
        """The fingerprint of a recording; `NOTHING` of one that cannot be read, so that no call fails of it."""
        if id not in self._prints:
            try:
                self._prints[id] = fingerprint(read_sound(self._folder / f"{id}.wav"))
            except InputError as error:
                _log.warning("%s; it is left out, remove it 无法读取,已忽略,请删除", error)
                self._prints[id] = NOTHING
        return self._prints[id]

    def _is_this(self, id: str, heard: Fingerprint) -> bool:
        kept = self._print(id)
        return kept is not NOTHING and heard is not NOTHING and is_same_recording(heard, kept)

    def _seconds(self, id: str) -> float:
        """How long a recording is; 0 of one that cannot be read."""
        try:
            return round(float(soundfile.info(self._folder / f"{id}.wav").duration), 1)
        except soundfile.LibsndfileError:
            return 0.0

    def _labels(self) -> dict[str, str]:
        """What recordings mean; a line that says nothing a network announces is left out."""
        return {row[0]: row[1] for row in self._rows("labels.tsv", 2) if row[1] in MEANS}

    def _heard(self) -> dict[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = {}
        for row in self._rows("heard.tsv", 4):
            found.setdefault(row[0], []).append(row)
        return found

    def _rows(self, name: str, width: int) -> Sequence[list[str]]:
        path = self._folder / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            return [row for row in rows if len(row) == width]

    def _make_room(self) -> None:
        while len(self._ids()) >= self._most:
            unlabelled = [one for one in self.listed() if not one.label]
            if not unlabelled:
                return
            oldest = min(unlabelled, key=lambda one: one.last)
            (self._folder / f"{oldest.id}.wav").unlink()
            self._prints.pop(oldest.id, None)

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """One process at a time changes the folder."""
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
