"""What people say against us is taken in, stops what it must, and is answered in time; nobody lifts what they stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from fairdial.core.access.roles import Role
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.complaints import unknown_attempts
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of
from tests.ledger.test_complaints import denied_by
from tests.ledger.test_vault import a_full_call
from tests.web.stories import code_of, site


def complaint(index: int) -> dict[str, str]:
    return {"number": person(index).number, "category": "nuisance", "source": "12321", "words": "天天打"}


def test_a_complaint_is_due_is_a_refusal_and_is_closed_once(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(1), person(2)])
            browser = await there.signed_in("li", [Role.COMPLIANCE])
            for index in (1, 2, 3):
                taken = await browser.post("/api/v1/complaints", json=complaint(index))
                assert taken.status_code == 201 and taken.json()["acknowledge_by"] < taken.json()["close_by"]
            assert (await browser.post("/api/v1/complaints/1/close")).status_code == 204
            assert code_of(await browser.post("/api/v1/complaints/1/close")) == "not-open"
            assert (await browser.post("/api/v1/complaints/99/close")).status_code == 404
            seen: list[dict[str, Any]] = []
            after = None
            while True:
                asked = {"limit": 1} | ({"after": after} if after else {})
                page = (await browser.get("/api/v1/complaints", params=asked)).json()
                seen, after = seen + page["items"], page["next"]
                if after is None:
                    break
            assert [one["id"] for one in seen] == [2, 3, 1] and seen[-1]["closed_at"]
            refusals = (await browser.get("/api/v1/refusals?source=complaint")).json()["items"]
            assert [r["number"] for r in refusals] == [None, "+86154****0002", "+86154****0001"], "3 is on no list"
            assert all("CN-REFUSAL" in denied_by(one) for one in await ask_all(database, await run_of(database)))
            by = "SELECT count(*) FROM event WHERE kind IN ('complaint.taken', 'complaint.close') AND body ->> 'by' = 'li'"
            assert await one(database, by) == 4

    asyncio.run(story())


def test_a_refusal_that_came_by_letter_counts_at_once_and_says_who_took_it(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(1)])
            browser = await there.signed_in("zhang", [Role.SEAT])
            letter = {"number": person(1).number, "source": "letter", "evidence": "file 7"}
            for wrong in ({"scope": "purpose"}, {"purpose": "survey"}, {"scope": "platform"}):
                assert (await browser.post("/api/v1/refusals", json=letter | wrong)).status_code == 422
            assert (await browser.post("/api/v1/refusals", json=letter)).json()["durable_at"]
            [asked] = await ask_all(database, await run_of(database))
            assert "CN-REFUSAL" in denied_by(asked)
            assert await one(database, "SELECT body ->> 'by' FROM event WHERE kind = 'refusal.taken'") == "zhang"

    asyncio.run(story())


def test_nobody_lifts_what_they_suspended_themselves(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            first, second = [await there.signed_in(name, [Role.COMPLIANCE]) for name in ("li", "zhao")]
            line = {"resource": "line", "name": "practice", "reason": "carrier asked"}
            assert (await first.post("/api/v1/suspensions", json=line)).status_code == 204
            assert code_of(await first.post("/api/v1/suspensions", json=line)) == "input"
            own = await first.post("/api/v1/suspensions/lift", json=line)
            assert (own.status_code, code_of(own)) == (403, "access")
            [shown] = (await first.get("/api/v1/suspensions")).json()
            assert (shown["name"], shown["suspended_by"]) == ("practice", "li")
            operator = await there.signed_in("wang", [Role.OPERATOR])
            assert code_of(await operator.post("/api/v1/suspensions/lift", json=line)) == "permission"
            assert (await second.post("/api/v1/suspensions/lift", json=line)).status_code == 204
            assert (await first.get("/api/v1/suspensions")).json() == []

    asyncio.run(story())


def test_an_unknown_attempt_is_settled_once_with_a_carriers_record(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(1)])
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None
            await redeem(database, asked.permit)
            browser = await there.signed_in("wang", [Role.OPERATOR])
            record = {"disposition": "no_answer", "record": "cdr-17"}
            assert code_of(await browser.post("/api/v1/attempts/1/settle", json=record)) == "not-unknown"
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE attempt SET state = 'unknown'")
            [unknown] = (await browser.get("/api/v1/attempts/unknown")).json()
            address = f"/api/v1/attempts/{unknown['id']}/settle"
            assert (await browser.post(address, json=record)).status_code == 204
            assert await unknown_attempts(database, tenant=TENANT) == []
            settled = (await browser.get("/api/v1/calls/1")).json()
            assert (settled["settled_by"], settled["settled_with"]) == ("wang", "cdr-17")

    asyncio.run(story())


def test_a_complaint_tells_nothing_of_the_calls_of_another_tenant_nor_stops_what_is_theirs(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_full_call(database)
            async with database.transaction() as connection:
                await tenant_id(connection, "岚山教育")
            stranger = await there.signed_in("zhao", [Role.COMPLIANCE], tenant="岚山教育")
            taken = await stranger.post("/api/v1/complaints", json=complaint(1))
            assert all(one.startswith("tenant ") for one in taken.json()["stopped"]), "what is another's is not told"
            [shown] = (await stranger.get("/api/v1/complaints")).json()["items"]
            assert (shown["line"], shown["caller_number"]) == (None, None)

    asyncio.run(story())
