"""A second look is a second person's, not a second name's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from fairdial.core.access.roles import SECOND_LOOKS, Permission, Role
from fairdial.ledger.parties import add_line
from fairdial.web.asking import CSRF_HEADER
from tests.console.served import EXAMPLES
from tests.ledger.stories import TENANT, line_entry
from tests.web.stories import Site, code_of, site

SCRIPT = (EXAMPLES / "insurance-renewal" / "script.yaml").read_text(encoding="utf-8")
EVERYTHING = list(Role)


async def program(there: Site, maker: httpx.AsyncClient, scopes: Sequence[Permission]) -> httpx.AsyncClient:
    """A program with a key that somebody has made."""
    ends = (await there.app.database.now()) + timedelta(days=30)
    made = await maker.post("/api/v1/keys", json={"name": "ci", "scopes": scopes, "ends_at": ends.isoformat()})
    assert made.status_code == 201, made.text
    browser = there.browser()
    browser.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return browser


async def submitted(writer: httpx.AsyncClient) -> str:
    """A version of a script; the address at which it is approved."""
    at = "/api/v1/scripts/insurance-renewal"
    kept = await writer.put(at, json={"text": SCRIPT}, headers={"If-None-Match": "*"})
    made = await writer.post(f"{at}/submit", json={}, headers={"If-Match": kept.headers["ETag"]})
    assert made.status_code == 200, made.text
    return f"{at}/versions/{made.json()['hash']}/approve"


@pytest.mark.parametrize("scope", sorted(SECOND_LOOKS))
def test_no_key_is_the_second_person(database_url: str, scope: Permission) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            maker = await there.signed_in("wang", EVERYTHING)
            ends = (await there.app.database.now()) + timedelta(days=30)
            asked = {"name": "ci", "scopes": [scope], "ends_at": ends.isoformat()}
            assert (await maker.post("/api/v1/keys", json=asked)).status_code == 400
            older = await program(there, maker, [Permission.SEE_SCRIPTS])
            async with there.app.database.transaction() as connection:
                await connection.execute(
                    text("UPDATE api_key SET scopes = scopes || cast(:one AS text)"), {"one": scope}
                )
            assert scope not in (await older.get("/api/v1/session")).json()["permissions"], "one of before this was so"

    asyncio.run(story())


def test_who_made_a_key_does_not_approve_what_it_submitted(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            maker = await there.signed_in("wang", EVERYTHING)
            approve = await submitted(await program(there, maker, [Permission.WRITE_SCRIPTS, Permission.SEE_SCRIPTS]))
            own = await maker.post(approve, json={})
            assert (own.status_code, code_of(own)) == (409, "review")
            assert (await (await there.signed_in("li", EVERYTHING)).post(approve, json={})).status_code == 200

    asyncio.run(story())


def test_who_made_a_key_does_not_lift_what_it_suspended(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await add_line(there.app.database, tenant=TENANT, line=line_entry(name="trunk"))
            maker = await there.signed_in("wang", EVERYTHING)
            key = await program(there, maker, [Permission.TAKE_COMPLAINTS])
            asked = {"resource": "line", "name": "trunk", "reason": "x"}
            assert (await key.post("/api/v1/suspensions", json=asked)).status_code == 204
            assert (await maker.post("/api/v1/suspensions/lift", json=asked)).status_code == 403
            other = await there.signed_in("li", EVERYTHING)
            assert (await other.post("/api/v1/suspensions/lift", json=asked)).status_code == 204

    asyncio.run(story())


def test_no_person_is_called_as_a_key_is_and_every_link_names_its_maker(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            admin = await there.signed_in("wang", EVERYTHING)
            assert CSRF_HEADER in admin.headers
            assert (await admin.post("/api/v1/users", json={"name": "key ci", "roles": ["seat"]})).status_code == 400
            assert (await admin.post("/api/v1/users", json={"name": "li", "roles": ["seat"]})).status_code == 201
            assert (await admin.post("/api/v1/users/li/link")).status_code == 201
            async with there.app.database.transaction() as connection:
                found = await connection.execute(text("SELECT body FROM event WHERE kind = 'user.link' ORDER BY id"))
                made = [(body["name"], body["by"]) for body in found.scalars()]
            assert made == [("wang", None), ("li", "wang"), ("li", "wang")]

    asyncio.run(story())
