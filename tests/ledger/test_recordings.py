"""The key of a recording lives and dies with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.call_record import Turn
from fairdial.core.policy.case import Level
from fairdial.errors import AccessError, InputError
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.recordings import recording_of
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.retention import remove
from fairdial.ledger.protection.rotation import rotate
from fairdial.voice.keeping import keep_recording
from fairdial.voice.sound import read_stereo
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.ledger.stories import KEYS, TENANT, ask_all, campaign, ledger, one, person, run_of, whole_database
from tests.line.fake_line import tone

KEY = bytes(range(32))


async def a_recorded_call(database: Database, folder: Path | None = None) -> str:
    """The name of its file, which lies in the folder if there is one."""
    await campaign(database, [person(1)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    await redeem(database, asked.permit)
    name = f"{asked.permit.id}.wav.sealed"
    now, key = await database.now(), KEY
    if folder is not None:
        sides = {"left": tone(3000, 2.0), "right": tone(1000, 3.0)}
        kept = keep_recording(folder, asked.permit.id, **sides, is_sealed=True)
        assert kept is not None and kept.key is not None
        name, key = kept.name, kept.key
    turn = Turn(
        heard="喂",
        understood=None,
        heard_at=now + timedelta(seconds=2),
        said=None,
        said_at=None,
        gap_ms=None,
        interrupted=False,
    )
    record = replace(RECORD, answered_at=now, ended_at=now, recording=name, recording_key=key, turns=(turn,))
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=record)
    await set_reader(database, tenant=TENANT, name="李合规", level=Level.SENSITIVE, by="王经理")
    return name


def test_whoever_may_read_it_gets_file_key_and_words_and_the_reading_is_an_event(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            assert KEY.hex() not in await whole_database(database)
            await rotate(database, KEYS)
            stored = await recording_of(database, tenant=TENANT, call="1", by="李合规")
            assert (stored.name, stored.key) == (name, KEY) and KEY.hex() not in repr(stored)
            assert await one(database, "SELECT body ->> 'by' FROM event WHERE kind = 'recording.read'") == "李合规"
            with pytest.raises(AccessError):
                await recording_of(database, tenant=TENANT, call="1", by="小张")
            with pytest.raises(InputError, match="no recording"):
                await recording_of(database, tenant=TENANT, call="7", by="李合规")

    asyncio.run(story())


def test_the_command_writes_sound_and_words_for_whoever_may_hear_them(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_recorded_call(database, tmp_path)

    asyncio.run(story())
    assert KEYS.number and KEYS.master
    monkeypatch.setenv("FAIRDIAL_DATABASE_URL", database_url)
    monkeypatch.setenv("FAIRDIAL_NUMBER_KEY", KEYS.number)
    monkeypatch.setenv("FAIRDIAL_MASTER_KEY", KEYS.master)
    monkeypatch.setenv("FAIRDIAL_TENANT", TENANT)
    out = tmp_path / "call.wav"
    asked = ["recording", "export", "1", "--out", str(out), "--recordings", str(tmp_path), "--by"]
    refused = CliRunner().invoke(app, [*asked, "小张"])
    assert isinstance(refused.exception, AccessError) and not out.exists()
    told = CliRunner().invoke(app, [*asked, "李合规"])
    assert told.exit_code == 0, told.output
    left, right = read_stereo(out)
    assert np.count_nonzero(left) == 16_000 and np.count_nonzero(right) == 24_000
    assert out.with_suffix(".vtt").read_text(encoding="utf-8") == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v person>喂\n"
    )
    assert out.stat().st_mode & 0o777 == 0o600
    kept = {path: path.read_bytes() for path in tmp_path.iterdir()}
    [recording] = [path for path in kept if path.suffix == ".sealed"]
    for target in (out, recording, tmp_path, tmp_path / "call.vtt", tmp_path / "nowhere" / "call.wav"):
        asked[4] = str(target)
        assert isinstance(CliRunner().invoke(app, [*asked, "李合规"]).exception, InputError), target
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_erasing_a_person_removes_the_key_so_that_no_copy_of_the_file_opens(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            await erase(
                database, tenant=TENANT, number=person(1).number, by="李合规", reason="asked", files_gone=[name]
            )
            assert await one(database, "SELECT count(*) FROM recording_key") == 0

    asyncio.run(story())


def test_retention_removes_the_key_with_the_file_and_not_before(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE attempt SET ended_at = ended_at - interval '4 years'")
            await remove(database, PACKS, tenant=TENANT, files_gone=[], by="test")
            assert await one(database, "SELECT count(*) FROM recording_key") == 1
            await remove(database, PACKS, tenant=TENANT, files_gone=[name], by="test")
            assert await one(database, "SELECT count(*) FROM recording_key") == 0

    asyncio.run(story())
