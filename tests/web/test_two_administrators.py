"""Two administrators change one thing: the second is told, and nothing of the first is lost."""

from __future__ import annotations

import asyncio

import pytest

from fairdial.core.access.roles import Role
from tests.web.stories import code_of, site

ADMIN = [Role.ADMINISTRATOR]
LINE = {
    "name": "trunk-9",
    "kind": "practice",
    "address": "192.0.2.10:5060",
    "capacity": 20,
    "purposes": ["service"],
    "documents_until": "2027-12-31",
}
CALLER = {"number": "+861012345678", "documents_until": "2027-12-31"}


def quoted(etag: str) -> dict[str, str]:
    return {"If-Match": f'"{etag}"'}


@pytest.mark.parametrize(
    ("path", "thing", "first", "second"),
    [
        ("lines", LINE, {"capacity": 30}, {"capacity": 10}),
        ("callers", CALLER, {"is_own": False}, {"documents_until": "2029-01-01"}),
    ],
)
def test_who_did_not_see_the_newest_line_or_number_is_told_what_stands_there(
    database_url: str, path: str, thing: dict[str, object], first: dict[str, object], second: dict[str, object]
) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN)
            address, new = f"/api/v1/{path}", {"If-None-Match": "*"}
            assert (await browser.put(address, json=thing, headers=new)).status_code == 204
            again = await browser.put(address, json=thing, headers=new)
            assert (again.status_code, code_of(again)) == (412, "changed"), "there is one already"
            [seen] = (await browser.get(address)).json()
            assert (await browser.put(address, json=thing | first, headers=quoted(seen["etag"]))).status_code == 204
            late = await browser.put(address, json=thing | second, headers=quoted(seen["etag"]))
            assert (late.status_code, code_of(late)) == (412, "changed")
            [stands] = (await browser.get(address)).json()
            assert late.json()["current"] == stands and stands["etag"] != seen["etag"]
            kept = await browser.put(address, json=thing | second, headers=quoted(stands["etag"]))
            assert kept.status_code == 204
            assert (await browser.put(address, json=thing)).status_code == 204, "who does not care says nothing"

    asyncio.run(story())


def test_who_did_not_see_the_newest_rights_of_a_user_is_told_what_they_are(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN)
            await there.signed_in("li", [Role.AUDITOR])
            rows = (await browser.get("/api/v1/users")).json()
            seen = {one["name"]: one["etag"] for one in rows}["li"]
            change = {"roles": ["reviewer"]}
            first = await browser.patch("/api/v1/users/li", json={"is_active": False}, headers=quoted(seen))
            assert first.status_code == 204
            late = await browser.patch("/api/v1/users/li", json=change, headers=quoted(seen))
            assert (late.status_code, code_of(late)) == (412, "changed")
            assert (late.json()["current"]["is_active"], late.json()["current"]["roles"]) == (False, ["auditor"])
            etag = late.json()["current"]["etag"]
            assert (await browser.patch("/api/v1/users/li", json=change, headers=quoted(etag))).status_code == 204

    asyncio.run(story())


def test_a_user_who_does_not_exist_is_not_found(database_url: str) -> None:
    """It was answered with 400, as if the request could not be used."""

    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", ADMIN)
            await there.signed_in("zhao", [Role.AUDITOR], tenant="岚山教育")
            for name in ("nobody", "zhao"):
                changed = await browser.patch(f"/api/v1/users/{name}", json={"is_active": False})
                linked = await browser.post(f"/api/v1/users/{name}/link")
                assert [(one.status_code, code_of(one)) for one in (changed, linked)] == [(404, "not-found")] * 2

    asyncio.run(story())


def test_an_administrator_says_who_reads_what_was_said_and_nobody_raises_themselves(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            wang = await there.signed_in("wang", [Role.ADMINISTRATOR])
            await there.signed_in("li", [Role.OPERATOR])
            assert (await wang.put("/api/v1/users/li/level", json={"level": "sensitive"})).status_code == 204
            assert {u["name"]: u["reads"] for u in (await wang.get("/api/v1/users")).json()} == {
                "li": "sensitive",
                "wang": "general",
            }
            own = await wang.put("/api/v1/users/wang/level", json={"level": "private"})
            assert (own.status_code, code_of(own)) == (400, "input")
            assert (await wang.put("/api/v1/users/nobody/level", json={"level": "private"})).status_code == 404

    asyncio.run(story())
