"""A write that is sent twice is done once."""

from __future__ import annotations

import asyncio

from fairdial.core.access.roles import Role
from fairdial.web.asking import CSRF_HEADER
from fairdial.web.repeating import HEADER, REPLAYED
from tests.ledger.stories import one, person, whole_database
from tests.web.stories import code_of, site

NEW = {"name": "li", "roles": ["auditor"]}


def test_the_first_answer_is_given_again_for_a_day_and_stands_nowhere_in_clear(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            browser = await there.signed_in("wang", [Role.ADMINISTRATOR])
            key = {HEADER: "order-1"}
            first = await browser.post("/api/v1/users", json=NEW, headers=key)
            again = await browser.post("/api/v1/users", json=NEW, headers=key)
            assert first.status_code == again.status_code == 201 and first.json() == again.json()
            assert REPLAYED not in first.headers and again.headers[REPLAYED] == "true"
            assert first.json()["token"] not in await whole_database(database), "it opens a door"
            other = await browser.post("/api/v1/users", json=NEW | {"name": "zhao"}, headers=key)
            assert (other.status_code, code_of(other)) == (409, "repeated")
            elsewhere = await browser.patch("/api/v1/users/li", json={"is_active": False}, headers=key)
            assert code_of(elsewhere) == "repeated"
            second = await there.signed_in("chen", [Role.ADMINISTRATOR])
            assert (await second.post("/api/v1/users", json=NEW | {"name": "zhou"}, headers=key)).status_code == 201
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE repeated_write SET at = at - interval '25 hours'")
            late = await browser.post("/api/v1/users", json=NEW, headers=key)
            assert (late.status_code, code_of(late)) == (400, "input"), "done anew: the name is taken"
            assert await one(database, "SELECT count(*) FROM repeated_write") == 0

    asyncio.run(story())


def test_what_came_to_nothing_may_be_tried_again_and_what_nobody_saw_the_end_of_may_not(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", [Role.ADMINISTRATOR, Role.COMPLIANCE])
            key = {HEADER: "order-1"}
            assert (await browser.post("/api/v1/users", json={}, headers=key)).status_code == 422
            assert (await browser.post("/api/v1/users", json=NEW, headers=key)).status_code == 201
            spaced = await browser.post("/api/v1/users", json=NEW, headers={HEADER: "two words"})
            assert code_of(spaced) == "idempotency-key"
            assert (await there.browser().post("/api/v1/users", json=NEW, headers=key)).status_code == 401
            wrong = await browser.post("/api/v1/users", json=NEW, headers=key | {CSRF_HEADER: "x"})
            assert code_of(wrong) == "csrf"
            async with there.app.database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE repeated_write SET status = NULL, sealed = NULL")
            died = await browser.post("/api/v1/users", json=NEW, headers=key)
            assert (died.status_code, code_of(died)) == (409, "unfinished")
            asked = {"number": person(1).number, "reason": "来信询问"}
            for verb in ("find", "show", "export"):
                await browser.post(f"/api/v1/people/{verb}", json=asked, headers={HEADER: verb})
            assert await one(there.app.database, "SELECT count(*) FROM repeated_write") == 1, "reads are not kept"

    asyncio.run(story())


def test_of_two_at_once_one_is_done(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("zhang", [Role.SEAT])
            letter = {"number": person(1).number, "source": "letter", "evidence": "file 7"}
            for key in ("a", "b", "c"):
                sent = [browser.post("/api/v1/refusals", json=letter, headers={HEADER: key}) for _ in range(3)]
                answers = list(await asyncio.gather(*sent))
                told = {(a.status_code, None if a.status_code == 201 else code_of(a)) for a in answers}
                assert (201, None) in told and told <= {(201, None), (409, "unfinished")}
                assert len({a.json()["durable_at"] for a in answers if a.status_code == 201}) == 1
            assert await one(there.app.database, "SELECT count(*) FROM refusal") == 3

    asyncio.run(story())


def test_who_has_lost_a_permission_is_not_answered_with_what_it_gave(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", [Role.ADMINISTRATOR])
            key = {HEADER: "order-1"}
            assert (await browser.post("/api/v1/users", json=NEW, headers=key)).status_code == 201
            chief = await there.signed_in("chen", [Role.ADMINISTRATOR])
            assert (await chief.patch("/api/v1/users/wang", json={"roles": ["seat"]})).status_code == 204
            token = (await chief.post("/api/v1/users/wang/link")).json()["token"]
            signed_in = await browser.post("/api/v1/session/link", json={"token": token})
            browser.headers[CSRF_HEADER] = signed_in.json()["csrf"]
            late = await browser.post("/api/v1/users", json=NEW, headers=key)
            assert (late.status_code, code_of(late)) == (409, "repeated")

    asyncio.run(story())
