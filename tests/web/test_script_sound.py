"""What is said is heard in the browser, what is missing is spoken, and a microphone is understood."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from fairdial.app.scripts import STARTER
from fairdial.core.access.roles import Role
from fairdial.voice.sound import wav_of
from tests.core.scripts import EXAMPLE
from tests.ledger.stories import KEYS, campaign, person
from tests.voice.endpoint import endpoint
from tests.web.stories import code_of, site

HERE = "/api/v1/scripts/my-first-script"
STARTED = STARTER.read_text(encoding="utf-8")
NEW = {"If-None-Match": "*"}


def tone(*, seconds: float = 1.0, rate_hz: int = 16_000) -> bytes:
    """Sound with gaps, as speech has them."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    loud = 8000 * np.sin(2 * np.pi * 300 * at) * (np.sin(2 * np.pi * 4 * at) > 0)
    return wav_of(loud.astype(np.int16), rate_hz=rate_hz)


def test_missing_clips_are_spoken_by_the_command_and_heard(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        clips = tmp_path / "clips"
        clips.mkdir()
        theirs = clips / ("a" * 16 + ".ogg")
        theirs.write_bytes(next((EXAMPLE / "clips").glob("*.ogg")).read_bytes())
        async with site(database_url, clips=clips) as there:
            await campaign(there.app.database, [person(1)])
            li = await there.signed_in("li", [Role.WRITER])
            await li.put(HERE, json={"text": STARTED}, headers=NEW)
            unknown = await li.post(f"{HERE}/render", json={"list": "never"})
            assert code_of(unknown) == "input"
            [refused, begun] = await asyncio.gather(
                *[li.post(f"{HERE}/render", json={"list": "renewal"}) for _ in "ab"]
            )
            if begun.status_code != 202:
                refused, begun = begun, refused
            assert begun.status_code == 202, begun.text
            assert (refused.status_code, code_of(refused)) == (409, "cannot-render")
            while (told := (await li.get(f"{HERE}/render")).json())["is_running"]:
                await asyncio.sleep(0.1)
            missing = begun.json()["missing"]
            assert told == {"is_running": False, "done": missing, "total": missing, "last_words": None}
            assert theirs.is_file(), "what other scripts say stays"
            wordings = (await li.post("/api/v1/scripts/check", json={"text": STARTED})).json()["wordings"]
            assert len(wordings) < missing and all(one["has_clip"] for one in wordings), "and one for everybody's name"
            heard = await li.get(f"/api/v1/scripts/clips/{wordings[0]['clip']}")
            assert heard.headers["content-type"] == "audio/wav" and heard.content[:4] == b"RIFF"
            again = await li.post(f"{HERE}/render", json={"list": "renewal"})
            assert again.json() == {"missing": 0}
            for nothing in ("b" * 16, "a" * 15 + ".", "x"):
                assert (await li.get(f"/api/v1/scripts/clips/{nothing}")).status_code == 404

    with endpoint() as speaks:
        speaks.body = tone()
        monkeypatch.setenv("FAIRDIAL_SPEECH_URL", speaks.url)
        monkeypatch.setenv("FAIRDIAL_DATABASE_URL", database_url)
        monkeypatch.setenv("FAIRDIAL_NUMBER_KEY", str(KEYS.number))
        monkeypatch.setenv("FAIRDIAL_MASTER_KEY", str(KEYS.master))
        asyncio.run(story())


def test_without_a_folder_or_a_voice_nothing_is_rendered(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRDIAL_SPEECH_URL", raising=False)

    async def story(clips: Path | None, remedy: str) -> None:
        async with site(database_url, clips=clips, settings={"FAIRDIAL_MODELS": str(tmp_path)}) as there:
            li = await there.signed_in(f"li {clips is None}", [Role.WRITER])
            await li.put(HERE, json={"text": STARTED}, headers=NEW)
            refused = await li.post(f"{HERE}/render", json={})
            assert (refused.status_code, code_of(refused)) == (409, "cannot-render")
            assert remedy in refused.json()["detail"]

    asyncio.run(story(None, "--clips"))
    asyncio.run(story(tmp_path, "run `fairdial models fetch" if importlib.util.find_spec("misaki") else "make clips"))


def test_a_microphone_is_written_down_by_the_recogniser_of_calls(database_url: str) -> None:
    async def story(url: str) -> None:
        settings = {
            "FAIRDIAL_RECOGNISER": "openai",
            "FAIRDIAL_TRANSCRIPTION_URL": url,
            "FAIRDIAL_TRANSCRIPTION_MODEL": "m",
        }
        async with site(database_url, settings=settings) as there:
            li = await there.signed_in("li", [Role.WRITER])
            heard = await li.post("/api/v1/scripts/hear", content=tone(rate_hz=48_000))
            assert heard.json() == {"words": "不需要,谢谢"}
            for wrong in (b"", b"RIFFxxxxWAVE", tone(seconds=31, rate_hz=16_000), bytes(4_000_000)):
                assert code_of(await li.post("/api/v1/scripts/hear", content=wrong)) == "input"

    with endpoint() as hears:
        hears.body = json.dumps({"text": "不需要,谢谢"}).encode()
        asyncio.run(story(hears.url))


def test_without_a_recogniser_the_remedy_is_told(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with site(database_url, settings={"FAIRDIAL_MODELS": str(tmp_path)}) as there:
            li = await there.signed_in("li", [Role.WRITER])
            refused = await li.post("/api/v1/scripts/hear", content=tone())
            assert (refused.status_code, code_of(refused)) == (409, "no-recogniser")
            assert "models fetch" in refused.json()["detail"]

    asyncio.run(story())


def test_what_a_run_would_miss_is_told_before_it(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with site(database_url, clips=tmp_path) as there:
            await campaign(there.app.database, [person(1)])
            li = await there.signed_in("li", [Role.WRITER])
            assert (await li.get(f"{HERE}/lacking?list=renewal")).status_code == 404
            await li.put(HERE, json={"text": STARTED}, headers=NEW)
            wordings = (await li.post("/api/v1/scripts/check", json={"text": STARTED})).json()["wordings"]
            told = (await li.get(f"{HERE}/lacking?list=renewal")).json()
            assert told["everybody"] == len(wordings) and told["people"] > 0, "one for everybody's name"
            (tmp_path / f"{wordings[0]['clip']}.ogg").touch()
            assert (await li.get(f"{HERE}/lacking?list=renewal")).json()["everybody"] == len(wordings) - 1
            assert code_of(await li.get(f"{HERE}/lacking?list=never")) == "input"
        async with site(database_url) as there:
            li = await there.signed_in("wang", [Role.WRITER])
            assert (await li.get(f"{HERE}/lacking?list=renewal")).json() == {"everybody": None, "people": None}

    asyncio.run(story())
