"""Whoever asks why they were called, or wants to be forgotten, is answered; numbers never stand in an address."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of, whole_database
from tests.ledger.test_recordings import a_recorded_call
from tests.ledger.test_vault import WHO, a_full_call
from tests.web.stories import code_of, site

WHY = {"number": WHO, "reason": "来信询问"}


def test_why_somebody_is_not_called_is_told_by_campaign_with_its_citation(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            for name in ("one", "two"):
                await campaign(database, [person(1)], name=name)
            await add_refusal(database, tenant=TENANT, notice=RefusalNotice(number=WHO, source="sms", evidence="TD"))
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE campaign_contact SET outcome = NULL")
            await ask_all(database, await run_of(database, "two"))
            browser = await there.signed_in("li", [Role.OPERATOR])
            found = await browser.post("/api/v1/people/find", json={"number": "154 0000 0001"})
            assert WHO not in found.text
            contacts = found.json()["contacts"]
            assert [c["number"] for c in contacts] == ["+86154****0001"] * 2
            [first], [second] = [c["campaigns"] for c in contacts]
            assert (first["campaign"], first["verdict"], first["calls"]) == ("one", None, [])
            assert (second["campaign"], second["verdict"]["outcome"]) == ("two", "deny")
            against = {o["rule_id"]: o for o in second["verdict"]["opinions"] if o["outcome"] == "deny"}["CN-REFUSAL"]
            assert against["cite"] and against["reason_zh"] and against["facts"]
            assert [r["source"] for r in found.json()["refusals"]] == ["sms"]
            assert (await browser.post("/api/v1/people/find", json={"number": person(7).number})).status_code == 404
            assert code_of(await browser.post("/api/v1/people/find", json={"number": "12"})) == "input"

    asyncio.run(story())


def test_everything_known_is_shown_for_a_reason_up_to_the_level_one_may_read(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_full_call(database)
            browser = await there.signed_in("li", [Role.COMPLIANCE])
            assert (await browser.post("/api/v1/people/show", json={"number": WHO})).status_code == 422, "no reason"
            assert code_of(await browser.post("/api/v1/people/show", json=WHY)) == "access"
            some = (await browser.post("/api/v1/people/show", json=WHY | {"level": "general"})).json()
            assert "number" not in some["contacts"][0] and "heard" not in some["turns"][0]
            await set_reader(database, tenant=TENANT, name="li", level=Level.SENSITIVE, by="王经理")
            known = (await browser.post("/api/v1/people/show", json=WHY)).json()
            assert known["contacts"][0]["number"] == WHO and known["turns"][0]["heard"] == "我姓欧阳"
            file = await browser.post("/api/v1/people/export", json=WHY)
            assert file.headers["content-disposition"].startswith("attachment") and file.json() == known
            read = 'SELECT count(*) FROM event WHERE kind = \'person.read\' AND body @> \'{"by": "li", "reason": "来信询问"}\''
            assert await one(database, read) == 3
            assert await one(database, "SELECT body ->> 'what' FROM event WHERE kind = 'read.refused'") == "person.read"

    asyncio.run(story())


def test_whoever_wants_to_be_forgotten_is_and_never_called_again(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with site(database_url, recordings=tmp_path) as there:
            database = there.app.database
            name = await a_recorded_call(database, tmp_path)
            await add_refusal(database, tenant=TENANT, notice=RefusalNotice(number=WHO, source="sms", evidence="TD"))
            operator = await there.signed_in("zhao", [Role.OPERATOR])
            assert code_of(await operator.post("/api/v1/people/erase", json=WHY)) == "permission"
            browser = await there.signed_in("li", [Role.COMPLIANCE])
            (tmp_path / name).rename(tmp_path / "moved")
            assert code_of(await browser.post("/api/v1/people/erase", json=WHY)) == "not-erased"
            (tmp_path / "moved").rename(tmp_path / name)
            erased = await browser.post("/api/v1/people/erase", json=WHY)
            assert erased.json() == {"refusals_kept": 1, "recordings_removed": 1} and not (tmp_path / name).exists()
            assert (await browser.get("/api/v1/calls/1/recording")).status_code in (403, 404)
            call = (await browser.get("/api/v1/calls/1")).json()
            assert (call["number"], call["turns"], call["has_recording"]) == (None, [], False)
            assert WHO not in await whole_database(database)
            await campaign(database, [person(1)], name="again")
            [asked] = await ask_all(database, await run_of(database, "again"))
            assert asked.permit is None, "the refusal is found by the hash of the number"

    asyncio.run(story())
