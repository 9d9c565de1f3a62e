"""Lines and caller numbers: how they stand, what they are used for, and who may change, suspend and free them."""

from __future__ import annotations

import asyncio
from typing import Any

from fairdial.core.access.roles import Role
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.parties import LineEntry, add_line
from fairdial.ledger.people.refusals import record_refusal
from tests.ledger.stories import ask_all, campaign, line_entry, one, person, run_of
from tests.web.stories import Site, code_of, site

TRUNK: dict[str, Any] = {
    "name": "trunk-1",
    "kind": "practice",
    "address": "192.0.2.10:5060",
    "capacity": 20,
    "purposes": ["service", "survey"],
    "documents_until": "2026-12-10",
}
NUMBER: dict[str, Any] = {"number": "+861012345678", "documents_until": "2026-11-24"}


def test_an_administrator_adds_and_changes_lines_and_numbers_and_who_did_is_an_event(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            admin = await there.signed_in("wang", [Role.ADMINISTRATOR])
            assert (await admin.put("/api/v1/lines", json=TRUNK)).status_code == 204
            assert (await admin.put("/api/v1/callers", json=NUMBER)).status_code == 204
            [line] = (await admin.get("/api/v1/lines")).json()
            assert (line["name"], line["capacity"], line["living"]) == ("trunk-1", 20, 0)
            assert line["purposes"] == ["service", "survey"] and line["documents"] == "end_soon"
            assert line["documents_until"] == "2026-12-10T15:59:59Z", "to the end of the day in Beijing"
            [number] = (await admin.get("/api/v1/callers")).json()
            assert (number["number"], number["is_own"], number["documents"]) == ("+861012345678", True, "over")
            await admin.put("/api/v1/lines", json=TRUNK | {"capacity": 30, "documents_until": "2027-12-31"})
            [line] = (await admin.get("/api/v1/lines")).json()
            assert (line["capacity"], line["documents"]) == (30, "hold")
            by = "SELECT string_agg(body ->> 'by', ',') FROM event WHERE kind IN ('line.set', 'caller.set')"
            assert await one(there.app.database, by) == "wang,wang,wang"

    asyncio.run(story())


def test_how_a_line_is_reached_and_a_number_used_stays_when_nothing_is_said_of_it(database_url: str) -> None:
    trunk = {
        "transport": "tls",
        "srtp": True,
        "regions": ["上海"],
        "unavailable": ["西藏"],
        "cost": 0.1,
        "probe": "calls",
    }
    terms = {"region": "上海", "lines": ["trunk-1"], "hourly_limit": 10}

    async def story() -> None:
        async with site(database_url) as there:
            admin = await there.signed_in("wang", [Role.ADMINISTRATOR])
            await admin.put("/api/v1/lines", json=TRUNK | {"trunk": trunk})
            await admin.put("/api/v1/callers", json=NUMBER | {"terms": terms})
            [line] = (await admin.get("/api/v1/lines")).json()
            assert line["trunk"] | trunk == line["trunk"] and line["health"]["state"] == "closed"
            stale = {"If-Match": line["etag"]}
            assert (await admin.put("/api/v1/lines", json=TRUNK | {"trunk": {}}, headers=stale)).status_code == 204
            assert (await admin.put("/api/v1/lines", json=TRUNK, headers=stale)).status_code == 412
            await admin.put("/api/v1/lines", json=TRUNK | {"trunk": trunk})
            for path, asked in (("lines", TRUNK), ("callers", NUMBER)):
                await admin.put(f"/api/v1/{path}", json=asked)
            [line], [number] = (await admin.get("/api/v1/lines")).json(), (await admin.get("/api/v1/callers")).json()
            assert line["trunk"] | trunk == line["trunk"] and number["terms"] | terms == number["terms"]
            bad = await admin.put("/api/v1/lines", json=TRUNK | {"trunk": {"login": "a b"}})
            assert code_of(bad) == "input"

    asyncio.run(story())


def test_what_cannot_be_a_line_or_a_number_is_told_with_the_remedy(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            admin = await there.signed_in("wang", [Role.ADMINISTRATOR])
            for address in ("192.0.2.10", "192.0.2.10:0", "192.0.2.10:99999", ":5060", "x:²"):
                answer = await admin.put("/api/v1/lines", json=TRUNK | {"address": address})
                assert code_of(answer) == "input" and "host:port" in answer.json()["detail"]
            for number in ("tel:+8610", "12", "+86 10 1234"):
                answer = await admin.put("/api/v1/callers", json=NUMBER | {"number": number})
                assert code_of(answer) == "input" and "+861012345678" in answer.json()["detail"]
            wrong: dict[str, Any]
            for wrong in ({"capacity": 0}, {"purposes": []}, {"documents_until": "9999-12-31"}, {"name": "\x00"}):
                assert code_of(await admin.put("/api/v1/lines", json=TRUNK | wrong)) == "shape"
            carrier = await admin.put("/api/v1/lines", json=TRUNK | {"kind": "carrier"})
            assert code_of(carrier) == "input" and "rehearsal clock" in carrier.json()["detail"]

    asyncio.run(story())


def test_a_name_that_is_anothers_is_not_taken_over(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            theirs: LineEntry = line_entry(name="trunk-1")
            await add_line(there.app.database, tenant="岚山教育", line=theirs)
            admin = await there.signed_in("wang", [Role.ADMINISTRATOR])
            assert code_of(await admin.put("/api/v1/lines", json=TRUNK)) == "input"
            assert (await admin.get("/api/v1/lines")).json() == []
            assert await one(there.app.database, "SELECT address FROM line") == theirs.address

    asyncio.run(story())


async def _three_called(there: Site) -> list[int]:
    """Three people, two of them being called; those two attempts."""
    await campaign(there.app.database, [person(index) for index in range(3)])
    called = []
    for asked in (await ask_all(there.app.database, await run_of(there.app.database)))[:2]:
        assert asked.permit is not None
        await redeem(there.app.database, asked.permit)
        called.append(asked.permit.attempt_id)
    return called


def test_living_calls_and_the_use_of_each_day_and_region_are_counted(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await _three_called(there)
            browser = await there.signed_in("li", [Role.OPERATOR])
            [line] = (await browser.get("/api/v1/lines")).json()
            [number] = (await browser.get("/api/v1/callers")).json()
            assert line["living"] == number["living"] == 2, "who is permitted and not dialled occupies nothing"
            async with there.app.database.transaction() as connection:
                await connection.exec_driver_sql(
                    "UPDATE attempt SET state = 'ended', ended_at = fairdial_now(), disposition = 'answered'"
                    " WHERE id = (SELECT min(id) FROM attempt WHERE state = 'dialing')"
                )
            uses = (await browser.get("/api/v1/lines/use")).json()
            use = uses["lines"]["practice"]
            assert uses["callers"]["+8615499990001"] == use
            assert (use["dialled"], use["answer_rate"]) == (2, 1.0), "who is still being called is no answer yet"
            assert len(use["days"]) == 7
            assert use["days"][-1] == {"what": "2026-11-25", "dialled": 2, "answered": 1}
            assert use["regions"] == [{"what": "上海", "dialled": 2, "answered": 1}]

    asyncio.run(story())


def test_a_line_suspended_by_one_is_freed_by_another_only(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            li, zhou = [await there.signed_in(name, [Role.COMPLIANCE]) for name in ("li", "zhou")]
            about = {"resource": "line", "name": "practice", "reason": "the carrier asked"}
            assert (await li.post("/api/v1/suspensions", json=about)).status_code == 204
            [line] = (await li.get("/api/v1/lines")).json()
            assert (line["suspended_by"], line["suspended_because"]) == ("li", "the carrier asked")
            assert code_of(await li.post("/api/v1/suspensions/lift", json=about)) == "access"
            assert (await zhou.post("/api/v1/suspensions/lift", json=about)).status_code == 204
            [line] = (await li.get("/api/v1/lines")).json()
            assert line["suspended_since"] is None

    asyncio.run(story())


def test_how_near_a_brake_is_is_told_for_ones_own_lines_only(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            [refused_in, _] = await _three_called(there)
            async with database.transaction() as connection:
                await connection.exec_driver_sql(
                    "UPDATE attempt SET state = 'ended', answered_at = fairdial_now(), ended_at = fairdial_now(),"
                    " disposition = 'answered' WHERE state = 'dialing'"
                )
            now = await database.now()
            await record_refusal(database, attempt_id=refused_in, kind="hard", words="别再打了", understood_at=now)
            browser = await there.signed_in("li", [Role.OPERATOR])
            found = (await browser.get("/api/v1/brakes")).json()
            assert {one["resource"] for one in found} == {"caller", "line", "script", "tenant"}
            refused = next(one for one in found if (one["resource"], one["signal"]) == ("line", "opt_out"))
            assert (refused["name"], refused["signals"], refused["answered"]) == ("practice", 1, 2)
            assert (refused["share"], refused["at_least"], refused["at_most_ratio"]) == (None, 50, 0.05)
            stranger = await there.signed_in("zhao", [Role.OPERATOR], tenant="岚山教育")
            assert (await stranger.get("/api/v1/brakes")).json() == []

    asyncio.run(story())
