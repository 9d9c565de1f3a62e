"""Recordings of networks: kept once, labelled with one command, never more than there is room for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.call_record import Disposition
from fairdial.errors import InputError
from fairdial.voice.announcement_shelf import AnnouncementShelf
from tests.core.test_fingerprint import noise

BEGAN = datetime(2026, 11, 25, tzinfo=UTC)


def heard(shelf: AnnouncementShelf, seed: int, *, day: int = 0, from_s: float = 0.0) -> str:
    sound = noise(seed, 5.0)[int(from_s * 8000) :]
    return shelf.keep(sound, at=BEGAN + timedelta(days=day), words="您拨打的\t电话", read_as=None)


def test_the_same_recording_is_kept_once_wherever_it_began(tmp_path: Path) -> None:
    shelf = AnnouncementShelf(tmp_path)
    assert heard(shelf, 1) == heard(shelf, 1, day=1, from_s=0.7) != heard(shelf, 2, day=2)
    assert [(one.times, one.words, one.last[:10]) for one in shelf.listed()] == [
        (2, "您拨打的 电话", "2026-11-26"),
        (1, "您拨打的 电话", "2026-11-27"),
    ]


def test_an_operator_labels_with_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRDIAL_HOME", str(tmp_path))
    shelf = AnnouncementShelf(tmp_path / "announcements")
    id = heard(shelf, 1)
    [listed] = json.loads(CliRunner().invoke(app, ["announcements", "list", "--json"]).output)
    assert (listed["id"], listed["label"], listed["times"]) == (id, "", 1)
    assert shelf.known() == ()
    assert "已标注" in CliRunner().invoke(app, ["announcements", "label", id, "powered_off"]).output
    assert [(known.id, known.disposition) for known in shelf.known()] == [(id, Disposition.POWERED_OFF)]


def test_a_label_is_for_a_recording_that_is_there_and_says_what_a_network_can_say(tmp_path: Path) -> None:
    shelf = AnnouncementShelf(tmp_path)
    id = heard(shelf, 1)
    with pytest.raises(InputError, match="not kept"):
        shelf.label("00000000", Disposition.BUSY)
    with pytest.raises(InputError, match="announces"):
        shelf.label(id, Disposition.ANSWERED)


def test_what_was_labelled_stays_when_room_is_made(tmp_path: Path) -> None:
    shelf = AnnouncementShelf(tmp_path, most=3)
    ids = [heard(shelf, seed, day=seed) for seed in (1, 2, 3)]
    shelf.label(ids[0], Disposition.BUSY)
    fourth = heard(shelf, 4, day=4)
    assert {one.id for one in shelf.listed()} == {ids[0], ids[2], fourth}


def test_what_cannot_be_read_is_left_out_and_nothing_fails_of_it(tmp_path: Path) -> None:
    """A file of no bytes, as a full disk leaves it, made every call with an announcement `unknown`."""
    shelf = AnnouncementShelf(tmp_path)
    id = heard(shelf, 1)
    for broken, sound in (("00000000", b""), ("ffffffff", (tmp_path / f"{id}.wav").read_bytes()[:60])):
        (tmp_path / f"{broken}.wav").write_bytes(sound)
    (tmp_path / "labels.tsv").write_text(f"{id}\tbusy\n00000000\tbusy\nffffffff\tnonsense\n", encoding="utf-8")
    fresh = AnnouncementShelf(tmp_path)
    assert [known.id for known in fresh.known()] == [id]
    assert heard(fresh, 1, day=1) == id and heard(fresh, 2) != id
    assert {one.id: one.seconds for one in fresh.listed()} | {"00000000": 0.0, id: 5.0} == {
        one.id: one.seconds for one in fresh.listed()
    }


def test_a_path_is_no_id(tmp_path: Path) -> None:
    shelf = AnnouncementShelf(tmp_path / "announcements")
    id = heard(shelf, 1)
    with pytest.raises(InputError, match="not kept"):
        shelf.label(f"../announcements/{id}", Disposition.BUSY)
