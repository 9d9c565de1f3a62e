"""Calls are read page by page; their words and their sound by whoever may, and each time is an event."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.people.readers import set_reader
from fairdial.voice.sound import read_stereo
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of
from tests.ledger.test_recordings import a_recorded_call
from tests.ledger.test_vault import a_full_call
from tests.web.stories import Site, code_of, site

RECORDING = "/api/v1/calls/1/recording"


async def a_reader(there: Site, level: Level) -> httpx.AsyncClient:
    """Somebody of compliance who may read up to a level."""
    browser = await there.signed_in("li", [Role.COMPLIANCE])
    await set_reader(there.app.database, tenant=TENANT, name="li", level=level, by="王经理")
    return browser


def test_calls_come_in_pages_the_newest_first_and_only_those_that_are_wanted(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(index) for index in range(5)])
            asked = await ask_all(there.app.database, await run_of(there.app.database))
            assert asked[0].permit is not None
            await redeem(there.app.database, asked[0].permit)
            browser = await there.signed_in("li", [Role.OPERATOR])
            seen: list[dict[str, Any]] = []
            after = None
            while True:
                page = (
                    await browser.get("/api/v1/calls", params={"limit": 2} | ({"after": after} if after else {}))
                ).json()
                seen, after = seen + page["items"], page["next"]
                if after is None:
                    break
            assert [call["id"] for call in seen] == [5, 4, 3, 2, 1]
            assert {call["state"] for call in seen} == {"reserved", "dialing"}
            assert {call["number"] for call in seen} == {f"+86154****000{index}" for index in range(5)}
            counts = {}
            for wanted in (
                "campaign=renewal", "campaign=never", "region=上海", "region=拉萨", "disposition=answered", "grade=A",
                "since=2020-01-01T00:00:00Z", "until=2020-01-01T00:00:00Z",
            ):  # fmt: skip
                counts[wanted] = len((await browser.get(f"/api/v1/calls?{wanted}")).json()["items"])
            assert list(counts.values()) == [5, 0, 5, 0, 0, 0, 1, 0]
            assert (await browser.get("/api/v1/calls?since=2020-01-01T00:00:00")).status_code == 422, "no zone"

    asyncio.run(story())


def test_words_are_withheld_from_whoever_reads_what_is_general_and_shown_to_others(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_full_call(database)
            browser = await a_reader(there, Level.GENERAL)
            answer = await browser.get("/api/v1/calls/1")
            call = answer.json()
            assert "欧阳" not in answer.text and call["is_withheld"]
            [turn] = call["turns"]
            assert (turn["heard"], turn["said"], turn["meaning"], turn["gap_ms"]) == (None, None, "accept", 900)
            assert call["why"]["zh"] and call["why"]["words"] is None
            assert call["permit"]["id"] == call["permit_id"] and call["refusal"]["kind"] == "soft"
            assert call["verdict"]["outcome"] == "allow" and all(o["cite"] for o in call["verdict"]["opinions"])
            assert await one(database, "SELECT count(*) FROM event WHERE kind IN ('call.read', 'read.refused')") == 0
            assert code_of(await browser.get("/api/v1/calls/1?words=true")) == "access"
            assert await one(database, "SELECT body ->> 'what' FROM event WHERE kind = 'read.refused'") == "call.read"
            await set_reader(database, tenant=TENANT, name="li", level=Level.PRIVATE, by="王经理")
            told = (await browser.get("/api/v1/calls/1")).json()
            assert not told["is_withheld"] and told["turns"][0]["heard"] == "我姓欧阳"
            assert await one(database, "SELECT body ->> 'by' FROM event WHERE kind = 'call.read'") == "li"
            assert (await browser.get("/api/v1/calls/99")).status_code == 404

    asyncio.run(story())


def test_a_recording_is_heard_whole_and_in_parts_by_whoever_may_sealed_or_not(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with site(database_url, recordings=tmp_path) as there:
            name = await a_recorded_call(there.app.database, tmp_path)
            browser = await a_reader(there, Level.PRIVATE)
            assert code_of(await browser.get(RECORDING)) == "access", "a voice is sensitive"
            await set_reader(there.app.database, tenant=TENANT, name="li", level=Level.SENSITIVE, by="王经理")
            whole = await browser.get(RECORDING)
            assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
            person_side, ours = read_stereo(io.BytesIO(whole.content))
            assert np.count_nonzero(person_side) == 16_000 and np.count_nonzero(ours) == 24_000
            part = await browser.get(RECORDING, headers={"Range": "bytes=65530-65541"})
            assert (part.status_code, part.content) == (206, whole.content[65530:65542])
            assert part.headers["content-range"] == f"bytes 65530-65541/{len(whole.content)}"
            beyond = await browser.get(RECORDING, headers={"Range": f"bytes={len(whole.content)}-"})
            assert (beyond.status_code, code_of(beyond)) == (416, "range")
            assert beyond.headers["content-range"] == f"bytes */{len(whole.content)}"
            words = await browser.get("/api/v1/calls/1/transcript.vtt")
            assert words.headers["content-type"].startswith("text/vtt")
            assert words.text == "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v person>喂\n"
            heard = "SELECT count(*) FROM event WHERE kind = 'recording.read' AND body ->> 'by' = 'li'"
            assert await one(there.app.database, heard) == 1, "one reading, however many parts"
            (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-20])
            for address in (RECORDING, "/api/v1/calls/1/transcript.vtt"):
                assert code_of(await browser.get(address, headers={"Range": "bytes=0-9"})) == "recording-harmed"
            (tmp_path / "open.wav").write_bytes(whole.content)
            async with there.app.database.transaction() as connection:
                await connection.exec_driver_sql("DELETE FROM recording_key")
                await connection.exec_driver_sql("UPDATE attempt SET recording = 'elsewhere/open.wav'")
            assert (await browser.get(RECORDING)).content == whole.content
            end = await browser.get(RECORDING, headers={"Range": "bytes=-70000"})
            assert (end.status_code, end.content) == (206, whole.content[-70000:])
            (tmp_path / "open.wav").unlink()
            assert code_of(await browser.get(RECORDING)) == "recording-elsewhere"

    asyncio.run(story())


def test_what_passed_on_the_wire_is_told_in_order_without_being_asked_for_words(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_full_call(there.app.database)
            li = await there.signed_in("li", [Role.OPERATOR])
            invite, busy = (await li.get("/api/v1/calls/1/wire")).json()
            assert (invite["what"], invite["is_ours"], invite["has_sdp"]) == ("INVITE", True, True)
            assert (busy["after_ms"], busy["told"]) == (40, ["reason: Q.850;cause=17"])
            assert (await li.get("/api/v1/calls/999/wire")).status_code == 404
            zhao = await there.signed_in("zhao", [Role.REVIEWER])
            assert (
                await one(there.app.database, "SELECT count(*) FROM event WHERE kind IN ('call.read', 'read.refused')")
                == 0
            )
            assert (await zhao.get("/api/v1/calls/1/wire")).status_code == 200

    asyncio.run(story())
