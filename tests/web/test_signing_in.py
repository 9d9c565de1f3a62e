"""Who gets in, who stays in, and who does not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pyotp

from fairdial.core.access.roles import Permission, Role
from fairdial.ledger.access.users import add_user, make_link
from fairdial.ledger.protection.rotation import rotate, sealed_under_older_keys
from fairdial.web.asking import COOKIE, CSRF_HEADER
from tests.ledger.stories import KEYS, TENANT
from tests.web.stories import PASSWORD, Site, code_of, site

ADMIN = [Role.ADMINISTRATOR]


async def with_password(there: Site, name: str) -> None:
    """Somebody who has set their password."""
    browser = await there.signed_in(name, ADMIN)
    assert (await browser.put("/api/v1/session/password", json={"password": PASSWORD})).status_code == 204


async def sign_in(browser: httpx.AsyncClient, name: str, password: str, code: str | None = None) -> httpx.Response:
    return await browser.post("/api/v1/session", json={"name": name, "password": password, "code": code})


def test_a_link_signs_in_once_and_a_password_from_then_on(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await add_user(there.app.database, tenant=TENANT, name="wang", roles=ADMIN, by="王经理")
            token = await make_link(there.app.database, tenant=TENANT, name="wang")
            browser = there.browser()
            first = await browser.post("/api/v1/session/link", json={"token": token})
            assert first.json()["permissions"] and first.json()["tenant"] == TENANT
            again = await there.browser().post("/api/v1/session/link", json={"token": token})
            assert (again.status_code, code_of(again)) == (401, "link")
            browser.headers[CSRF_HEADER] = first.json()["csrf"]
            assert (await browser.put("/api/v1/session/password", json={"password": PASSWORD})).status_code == 204
            assert (await browser.get("/api/v1/session")).status_code == 401, "every session has ended"
            assert (await sign_in(browser, "wang", PASSWORD)).status_code == 200
            assert (await browser.delete("/api/v1/session", headers={CSRF_HEADER: "x"})).status_code == 403

    asyncio.run(story())


def test_names_that_exist_are_answered_like_those_that_do_not_and_both_must_wait(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")
            answers = {}
            for index, name in enumerate(("wang", "nobody")):
                browser = there.browser(address=f"203.{index}.113.9")
                answers[name] = [(await sign_in(browser, name, f"wrong {n}")) for n in range(7)]
            told = {name: [(a.status_code, code_of(a)) for a in some] for name, some in answers.items()}
            assert told["wang"] == told["nobody"]
            assert told["wang"] == [(401, "password")] * 5 + [(429, "wait")] * 2
            assert int(answers["wang"][-1].headers["Retry-After"]) <= 11
            elsewhere = await sign_in(there.browser(address="198.51.100.7"), "wang", PASSWORD)
            assert elsewhere.status_code == 429, "the name waits, wherever the right password comes from"

    asyncio.run(story())


def test_a_stolen_cookie_from_another_neighbourhood_ends_the_session(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN, address="203.0.113.9")
            assert (await browser.get("/api/v1/session")).status_code == 200
            moved = there.browser(address="203.0.7.1")
            moved.cookies.set(COOKIE, browser.cookies[COOKIE])
            assert (await moved.get("/api/v1/session")).status_code == 200, "another cell of the same network"
            thief = there.browser(address="198.51.100.7")
            thief.cookies.set(COOKIE, browser.cookies[COOKIE])
            assert (await thief.get("/api/v1/session")).status_code == 401
            assert (await browser.get("/api/v1/session")).status_code == 401

    asyncio.run(story())


def test_a_write_without_its_second_token_is_refused(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN)
            del browser.headers[CSRF_HEADER]
            answer = await browser.post("/api/v1/users", json={"name": "li", "roles": ["auditor"]})
            assert (answer.status_code, code_of(answer)) == (403, "csrf")

    asyncio.run(story())


def test_a_second_factor_is_asked_for_once_it_is_set_up_and_no_code_is_taken_twice(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")
            browser = there.browser()
            browser.headers[CSRF_HEADER] = (await sign_in(browser, "wang", PASSWORD)).json()["csrf"]
            secret = (await browser.post("/api/v1/session/totp")).json()["secret"]
            codes = pyotp.TOTP(secret)
            wrong = await browser.put(
                "/api/v1/session/totp", json={"secret": secret, "code": "000000", "present": PASSWORD}
            )
            assert wrong.status_code == 400
            code = codes.now()
            right = await browser.put(
                "/api/v1/session/totp", json={"secret": secret, "code": code, "present": PASSWORD}
            )
            assert right.status_code == 204
            assert code_of(await sign_in(there.browser(), "wang", PASSWORD)) == "code"
            assert code_of(await sign_in(there.browser(), "wang", PASSWORD, code)) == "code", "it has been used"
            await rotate(there.app.database, KEYS)  # what opens second factors changes like all keys
            later = codes.at(datetime.now(UTC) + timedelta(seconds=30))
            assert (await sign_in(there.browser(), "wang", PASSWORD, later)).status_code == 200
            assert await sealed_under_older_keys(there.app.database) == 0

    asyncio.run(story())


def test_whoever_sits_down_at_an_open_screen_takes_nobodys_way_in(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")
            browser = there.browser()
            signed_in = (await sign_in(browser, "wang", PASSWORD)).json()
            browser.headers[CSRF_HEADER] = signed_in["csrf"]
            assert not signed_in["came_by_link"]
            secret = (await browser.post("/api/v1/session/totp")).json()["secret"]
            for present in ({}, {"present": "not their own"}):
                for at, body in (
                    ("password", {"password": "another password"}),
                    ("totp", {"secret": secret, "code": pyotp.TOTP(secret).now()}),
                ):
                    answer = await browser.put(f"/api/v1/session/{at}", json={**body, **present})
                    assert (answer.status_code, code_of(answer)) == (403, "present-password")
            for _ in range(3):
                tried = await browser.put("/api/v1/session/password", json={"password": "x" * 12, "present": "guess"})
            assert (tried.status_code, code_of(tried)) == (403, "present-password")
            guess = {"password": "another password", "present": PASSWORD}
            assert (await browser.put("/api/v1/session/password", json=guess)).status_code == 429, "guesses are counted"

    asyncio.run(story())


def test_a_password_is_changed_by_who_knows_it_or_came_by_a_link(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")
            browser = there.browser()
            browser.headers[CSRF_HEADER] = (await sign_in(browser, "wang", PASSWORD)).json()["csrf"]
            known = {"password": "another password", "present": PASSWORD}
            assert (await browser.put("/api/v1/session/password", json=known)).status_code == 204
            token = await make_link(there.app.database, tenant=TENANT, name="wang")
            by_link = (await browser.post("/api/v1/session/link", json={"token": token})).json()
            browser.headers[CSRF_HEADER] = by_link["csrf"]
            assert by_link["came_by_link"]
            assert (await browser.put("/api/v1/session/password", json={"password": PASSWORD})).status_code == 204
            assert (await sign_in(browser, "wang", PASSWORD)).status_code == 200

    asyncio.run(story())


def test_a_key_may_what_its_scopes_say_until_it_is_revoked(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN)
            ends = (await there.app.database.now()) + timedelta(days=30)
            made = await browser.post(
                "/api/v1/keys",
                json={"name": "crm", "scopes": [Permission.SEE_CAMPAIGNS], "ends_at": ends.isoformat()},
            )
            assert made.status_code == 201, made.text
            program = there.browser()
            program.headers["Authorization"] = f"Bearer {made.json()['key']}"
            assert (await program.get("/api/v1/campaigns")).json() == []
            assert code_of(await program.get("/api/v1/users")) == "permission"
            [key] = (await browser.get("/api/v1/keys")).json()
            assert (await browser.delete(f"/api/v1/keys/{key['id']}")).status_code == 204
            assert (await program.get("/api/v1/campaigns")).status_code == 401
            too_long = {"name": "x", "scopes": ["campaigns:read"], "ends_at": (ends + timedelta(days=400)).isoformat()}
            assert (await browser.post("/api/v1/keys", json=too_long)).status_code == 400

    asyncio.run(story())


def test_who_is_shut_out_is_out_at_once_and_nobody_changes_themselves(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            admin = await there.signed_in("wang", ADMIN)
            auditor = await there.signed_in("li", [Role.AUDITOR])
            assert (await auditor.get("/api/v1/campaigns")).status_code == 200
            assert (await admin.patch("/api/v1/users/li", json={"is_active": False})).status_code == 204
            assert (await auditor.get("/api/v1/campaigns")).status_code == 401
            myself = await admin.patch("/api/v1/users/wang", json={"roles": ["compliance"]})
            assert myself.status_code == 400

    asyncio.run(story())


def test_of_many_tries_at_once_no_more_are_looked_at_than_of_one_after_another(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")

            async def attempt(number: int) -> int:
                async with there.browser(address=f"203.{number}.113.9") as browser:
                    return (await sign_in(browser, "wang", f"wrong {number}")).status_code

            tried = await asyncio.gather(*(attempt(number) for number in range(40)))
            assert (tried.count(401), tried.count(429)) == (5, 35)

    asyncio.run(story())


def test_who_signs_in_at_last_is_not_held_up_by_having_tried(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await with_password(there, "wang")
            for _ in range(9):
                assert (await sign_in(there.browser(), "wang", PASSWORD)).status_code == 200

    asyncio.run(story())


def test_others_are_answered_while_passwords_are_compared(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.AUDITOR])
            hashing = asyncio.gather(
                *(sign_in(there.browser(address=f"203.{n}.113.9"), f"nobody {n}", "wrong") for n in range(30))
            )
            answered = 0
            while not hashing.done():
                assert (await browser.get("/api/v1/session")).status_code == 200
                answered += 1
            assert answered > 10, "nothing else was done meanwhile"

    asyncio.run(story())
