"""Every route: it names what it needs, and shows a tenant's own things to it and to nobody else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from fastapi.routing import APIRoute

from fairdial.core.access.roles import Permission, Role, permissions_of
from fairdial.core.policy.case import Level
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import set_reader
from fairdial.web.server import PARTS, PREFIX
from tests.core.scripts import renewal
from tests.ledger.stories import TENANT, campaign, person
from tests.ledger.test_vault import WHO, a_full_call
from tests.web.stories import Site, code_of, site

OTHER = "岚山教育"

ANYBODYS = {
    "POST /api/v1/session", "POST /api/v1/session/link", "GET /api/v1/session", "DELETE /api/v1/session",
    "PUT /api/v1/session/password", "POST /api/v1/session/totp", "PUT /api/v1/session/totp",
    "GET /api/v1/session/ways", "POST /api/v1/session/oidc", "POST /api/v1/session/oidc/answer",
}  # fmt: skip
"""Routes that need no permission: one's own session, or the way to one."""


def routes() -> Iterator[tuple[str, str, Permission | None]]:
    """Method, address and the permission that each route needs."""
    for route in (one for part in PARTS for one in part.router.routes):
        assert isinstance(route, APIRoute)
        needed = [getattr(one.call, "permission", None) for one in route.dependant.dependencies]
        for method in sorted(route.methods or ()):
            yield method, PREFIX + route.path, next((one for one in needed if one is not None), None)


def filled(path: str, *, name: str, id: int) -> str:
    """An address with its parameters in it: names are called `name`, everything else is a number."""
    return re.sub(r"\{(\w+)\}", lambda found: name if found[1] == "name" else str(id), path)


def test_every_route_needs_a_permission_or_is_about_ones_own_session() -> None:
    assert {f"{method} {path}" for method, path, needed in routes() if needed is None} == ANYBODYS


def test_each_role_is_refused_what_is_not_its_own_and_nobody_gets_in_without_a_name(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            for role in Role:
                browser = await there.signed_in(role.value, [role])
                may = permissions_of([role])
                for method, path, needed in routes():
                    if needed is None:
                        continue
                    address = filled(path, name="nothing", id=0)
                    answer = await browser.request(method, address, json={})
                    is_refused = answer.status_code == 403 and code_of(answer) == "permission"
                    assert is_refused == (needed not in may), (role, method, path, answer.text)
                    assert answer.status_code < 500
                    assert (await there.browser().request(method, address, json={})).status_code == 401

    asyncio.run(story())


async def two_tenants(there: Site) -> None:
    await a_full_call(there.app.database)
    async with there.app.database.transaction() as connection:
        await tenant_id(connection, OTHER)


def test_a_campaign_says_how_far_it_has_come_and_why_not_further(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_full_call(there.app.database)
            browser = await there.signed_in("li", [Role.OPERATOR])
            [shown] = (await browser.get("/api/v1/campaigns")).json()
            assert (shown["name"], shown["contacts"], shown["run"]) == ("renewal", 1, 1)
            funnel = (await browser.get("/api/v1/campaigns/renewal/funnel")).json()
            assert funnel["asked"] == {"allow": 1} and funnel["contacts"] == 1
            assert funnel["refusals"] == 1 and funnel["without_permit"] == 0
            assert sum(funnel["dispositions"].values()) == 1

    asyncio.run(story())


def test_every_rule_has_its_words_and_its_citation(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.WRITER])
            rules = {one["id"]: one for one in (await browser.get("/api/v1/rules")).json()}
            assert len(rules) == sum(len(pack.rules) for pack in there.app.packs.values())
            assert rules["CN-REFUSAL"]["reason_zh"] == "本人已明确拒绝" and rules["CN-REFUSAL"]["cite"]

    asyncio.run(story())


ABOUT: dict[str, object] = {"number": WHO, "reason": "asked"}
THEIRS: list[tuple[str, str, dict[str, object]]] = [
    ("GET", "campaigns/renewal", {}),
    ("GET", "campaigns/renewal/funnel", {}),
    ("GET", "campaigns/renewal/preview", {}),
    ("GET", "campaigns/renewal/contacts", {}),
    ("GET", "lists/renewal/contacts", {}),
    ("GET", "lists/renewal/imports", {}),
    ("GET", "calls/1", {}),
    ("GET", "calls/1/recording", {}),
    ("GET", "calls/1/transcript.vtt", {}),
    ("GET", "calls/1/evidence", {}),
    ("GET", "calls/1/evidence/proof", {}),
    ("POST", "complaints/1/close", {}),
    ("POST", "attempts/1/settle", {"disposition": "busy", "record": "cdr-1"}),
    ("POST", "people/find", ABOUT),
    ("POST", "people/show", ABOUT),
    ("POST", "people/export", ABOUT),
    ("POST", "people/erase", ABOUT),
]
"""What one tenant has, and another asks for."""

ASKED = {f"{PREFIX}/reports/ab": {"a": renewal().hash, "b": renewal().hash}}
"""What an address cannot be read without."""

NOBODY = {"number": person(99).number}
NOBODYS, ONE = re.compile("renewal"), re.compile("/1(?=/|$)")


def test_another_tenants_things_are_not_there(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await two_tenants(there)
            stranger = await there.signed_in("zhao", [Role.OPERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR], tenant=OTHER)
            await set_reader(there.app.database, tenant=OTHER, name="zhao", level=Level.SENSITIVE, by="王经理")
            for collection in ("campaigns", "lists", "lines", "callers", "brakes", "suspensions", "attempts/unknown"):
                assert (await stranger.get(f"/api/v1/{collection}")).json() == []
            for pages in ("calls", "refusals", "complaints", "consents", "lists/imports"):
                assert (await stranger.get(f"/api/v1/{pages}")).json() == {"items": [], "next": None}
            for method, address, body in THEIRS:
                theirs, nobodys = [
                    await stranger.request(method, f"/api/v1/{one}", json=sent)
                    for one, sent in ((address, body), (NOBODYS.sub("never", ONE.sub("/99", address)), body | NOBODY))
                ]
                assert theirs.status_code == 404 and theirs.json() == nobodys.json(), address

    asyncio.run(story())


def test_contacts_come_in_pages_with_their_numbers_masked(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(index) for index in range(7)])
            browser = await there.signed_in("li", [Role.OPERATOR])
            [listed] = (await browser.get("/api/v1/lists")).json()
            address, seen, after = f"/api/v1/lists/{listed['name']}/contacts", [], None
            while True:
                page = (await browser.get(address, params={"limit": 3, **({"after": after} if after else {})})).json()
                seen += page["items"]
                after = page["next"]
                if after is None:
                    break
            assert [one["line_no"] for one in seen] == list(range(1, 8))
            assert seen[0]["number"] == "+86154****0000" and person(0).number == "+8615400000000"
            assert (await browser.get(address, params={"region": "拉萨"})).json()["items"] == []
            assert code_of(await browser.get(address, params={"after": "bm90aGluZw=="})) == "cursor"

    asyncio.run(story())


def test_no_answer_holds_a_number_in_clear(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_full_call(there.app.database)
            browser = await there.signed_in("li", list(Role))
            for method, path, _ in routes():
                if method == "GET" and not path.endswith("/live"):  # which never ends
                    answer = await browser.get(filled(path, name="renewal", id=1), params=ASKED.get(path))
                    assert answer.status_code in (200, 403, 404, 409), (path, answer.text)
                    assert WHO not in answer.text and TENANT not in answer.text.replace(f'"tenant":"{TENANT}"', "")

    asyncio.run(story())
