"""Who read personal data stands where compliance can read it; what is over is shown, removed once, and told of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.ledger.people.readers import set_reader
from tests.ledger.stories import TENANT, one
from tests.ledger.test_vault import WHO, a_full_call
from tests.web.stories import code_of, site

MASKED = "+86154****0001"


def test_every_reading_and_every_refused_one_is_told_with_who_of_whom_and_why(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_full_call(there.app.database)
            li = await there.signed_in("li", [Role.COMPLIANCE])
            await li.get("/api/v1/calls/1?words=true")
            await set_reader(there.app.database, tenant=TENANT, name="li", level=Level.SENSITIVE, by="王经理")
            await li.get("/api/v1/calls/1")
            await li.post("/api/v1/people/show", json={"number": WHO, "reason": "asked by letter"})
            answer = await li.get("/api/v1/reads")
            assert WHO not in answer.text
            shown, read, refused = answer.json()["items"]
            assert (shown["kind"], shown["by"], shown["number"]) == ("person.read", "li", MASKED)
            assert (shown["reason"], shown["detail"]["level"]) == ("asked by letter", "sensitive")
            assert (read["kind"], read["detail"]) == ("call.read", {"call": 1})
            assert (refused["kind"], refused["number"]) == ("read.refused", None)
            assert refused["detail"] == {"what": "call.read", "may": "general", "asked": "private"}

    asyncio.run(story())


def test_readings_come_in_pages_and_only_those_that_are_wanted(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_full_call(there.app.database)
            for name in ("li", "zhou"):
                await set_reader(there.app.database, tenant=TENANT, name=name, level=Level.PRIVATE, by="王经理")
            li, zhou = [await there.signed_in(name, [Role.COMPLIANCE]) for name in ("li", "zhou")]
            for browser in (li, zhou, li):
                await browser.get("/api/v1/calls/1")
            seen: list[dict[str, Any]] = []
            after = None
            while True:
                page = (await li.get("/api/v1/reads", params={"limit": 2} | ({"after": after} if after else {}))).json()
                seen, after = seen + page["items"], page["next"]
                if after is None:
                    break
            assert [one["by"] for one in seen] == ["zhou", "li"], "once in ten minutes"
            counts = {
                wanted: len((await li.get(f"/api/v1/reads?{wanted}")).json()["items"])
                for wanted in ("by=zhou", "kind=call.read", "kind=retention.run", "call=1", "call=9", "until=2020-01-01T00:00:00Z")
            }  # fmt: skip
            assert list(counts.values()) == [1, 2, 0, 2, 0, 0]
            assert (await li.get("/api/v1/reads?since=2020-01-01T00:00:00")).status_code == 422, "no zone"
            operator = await there.signed_in("chen", [Role.OPERATOR])
            assert code_of(await operator.get("/api/v1/reads")) == "permission"
            stranger = await there.signed_in("zhao", [Role.COMPLIANCE], tenant="岚山教育")
            assert (await stranger.get("/api/v1/reads")).json() == {"items": [], "next": None}

    asyncio.run(story())


def test_what_is_over_is_shown_removed_once_and_told_of(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with site(database_url, recordings=tmp_path) as there:
            database = there.app.database
            await a_full_call(database)
            li = await there.signed_in("li", [Role.COMPLIANCE])
            assert (await li.get("/api/v1/retention/plan")).json() == []
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE attempt SET ended_at = ended_at - interval '9 years'")
            plan = {one["part"]: one for one in (await li.get("/api/v1/retention/plan")).json()}
            assert plan["turns"]["count"] == 1 and plan["turns"]["duty"] and plan["turns"]["cite"]
            auditor = await there.signed_in("zhou", [Role.AUDITOR])
            assert code_of(await auditor.post("/api/v1/retention/runs", json={})) == "permission"
            done = (await li.post("/api/v1/retention/runs", json={})).json()
            assert done["removed"]["turns"] == 1 and done["not_found"] == 0
            assert await one(database, "SELECT count(*) FROM turn WHERE sealed IS NOT NULL") == 0
            [run] = (await auditor.get("/api/v1/retention/runs")).json()
            assert run["by"] == "li" and run["removed"] == done["removed"]
            assert "turns" not in {one["part"] for one in (await li.get("/api/v1/retention/plan")).json()}

    asyncio.run(story())
