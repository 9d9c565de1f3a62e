"""Before a campaign begins it is told whom the gate would let be called, and why not the others; afterwards, why it was so."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from fairdial.core.access.roles import Role
from fairdial.core.pacing.limits import Limit
from fairdial.core.policy.case import Purpose
from fairdial.errors import InputError
from fairdial.ledger.calls.runs import note_held
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from fairdial.ledger.scripts import reject_script, script_versions
from fairdial.ledger.setup import create_campaign
from tests.core.scripts import renewal
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of
from tests.web.stories import Site, code_of, site

AT = "/api/v1/campaigns"
PLAN = {
    "list": "renewal", "script_hash": renewal().hash, "line": "practice", "caller_number": "+8615499990001",
}  # fmt: skip


async def ten_people(there: Site) -> None:
    """One of them has refused, one gave no basis, one has been called today by somebody else."""
    people = [person(index, basis=None) if index == 3 else person(index) for index in range(10)]
    await campaign(there.app.database, people)
    notice = RefusalNotice(number=person(1).number, source="sms", evidence="TD")
    await add_refusal(there.app.database, tenant=TENANT, notice=notice)


async def previewed(browser: httpx.AsyncClient, *, limit: int = 500) -> list[dict[str, Any]]:
    """Every page of the plan's preview."""
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["next"]:
        after = {"after": pages[-1]["next"]} if pages else {}
        answer = await browser.post(f"{AT}/preview", json=PLAN | after | {"limit": limit})
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
    return pages


def test_a_preview_tells_by_rule_who_may_be_called_and_permits_nothing(database_url: str) -> None:

    async def story() -> None:
        async with site(database_url) as there:
            await ten_people(there)
            database = there.app.database
            browser = await there.signed_in("li", [Role.OPERATOR])
            before = await one(database, "SELECT count(*) FROM event")
            pages = await previewed(browser, limit=4)
            assert [page["asked"] for page in pages] == [4, 4, 2] and {page["contacts"] for page in pages} == {10}
            assert (sum(page["now"] for page in pages), sum(page["never"] for page in pages)) == (8, 2)
            assert pages[0]["denying"]["CN-REFUSAL"] == 1 and pages[0]["denying"]["CN-BASIS-SERVICE"] == 1
            created = (await browser.get(f"{AT}/renewal/preview", params={"limit": 4})).json()
            assert (created["asked"], created["denying"]) == (
                4,
                pages[0]["denying"] | {"ALREADY-SERVED": 1},
            ), "whoever refuses a campaign that exists is served"
            for table in ("verdict", "permit", "attempt", "run"):
                assert await one(database, f"SELECT count(*) FROM {table}") == 0
            assert await one(database, "SELECT count(*) FROM event") == before

    asyncio.run(story())


def test_a_preview_says_of_each_contact_what_the_gate_says_when_it_is_asked(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await ten_people(there)
            browser = await there.signed_in("li", [Role.OPERATOR])
            [page] = await previewed(browser)
            asked = await ask_all(there.app.database, await run_of(there.app.database))
            outcomes = [one.verdict.outcome.value for one in asked]
            assert (page["now"], page["never"]) == (outcomes.count("allow"), outcomes.count("deny"))
            [later] = await previewed(browser)
            assert later["now"] == 0 and sum(hour["contacts"] for hour in later["later"]) == page["now"]
            assert later["waiting"] and later["denying"] == page["denying"]

    asyncio.run(story())


def test_a_campaign_is_created_once_of_an_approved_script_and_of_what_is_ones_own(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await ten_people(there)
            browser = await there.signed_in("li", [Role.OPERATOR])
            made = await browser.post(AT, json=PLAN | {"name": "december"})
            assert made.status_code == 201 and made.json()["contacts"] == 10 and made.json()["run"] is None
            assert code_of(await browser.post(AT, json=PLAN | {"name": "december"})) == "input"
            for wrong in ({"list": "never"}, {"line": "never"}, {"script_hash": "0" * 64}):
                assert code_of(await browser.post(AT, json=PLAN | {"name": "x"} | wrong)) == "input"
                assert code_of(await browser.post(f"{AT}/preview", json=PLAN | wrong)) == "input"
            stranger = await there.signed_in("zhao", [Role.OPERATOR], tenant="岚山教育")
            assert code_of(await stranger.post(AT, json=PLAN | {"name": "x"})) == "input"
            await reject_script(
                there.app.database, tenant=TENANT, script_hash=renewal().hash, by="reviewer", reason="过时"
            )
            assert code_of(await browser.post(AT, json=PLAN | {"name": "x"})) == "review"
            [page] = await previewed(browser)
            assert page["never"] == 10 and len(await script_versions(there.app.database, tenant=TENANT)) == 1

    asyncio.run(story())


def test_nobody_calls_over_another_tenants_line(database_url: str) -> None:
    """A campaign could once name any line of the installation, and call over it."""

    async def story() -> None:
        async with site(database_url) as there:
            await ten_people(there)
            database = there.app.database
            async with database.transaction() as connection:
                other = await tenant_id(connection, "岚山教育")
                await connection.exec_driver_sql(f"INSERT INTO list (tenant_id, name) VALUES ({other}, 'theirs')")
            try:
                await create_campaign(
                    database,
                    tenant="岚山教育",
                    name="x",
                    purpose=Purpose.SERVICE,
                    contact_list="theirs",
                    script_hash=renewal().hash,
                    line="practice",
                    caller_number="+8615499990001",
                    topics=[],
                )
            except InputError as error:
                assert "line 'practice' is not known" in str(error)
            else:
                raise AssertionError("another tenant's line was taken")

    asyncio.run(story())


def test_for_every_contact_it_is_told_why_they_were_called_or_not(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await ten_people(there)
            browser = await there.signed_in("li", [Role.OPERATOR])
            address = f"{AT}/renewal/contacts"
            assert len((await browser.get(address, params={"outcome": "none"})).json()["items"]) == 10
            await ask_all(there.app.database, await run_of(there.app.database))
            [refused] = (await browser.get(address, params={"rule": "CN-REFUSAL"})).json()["items"]
            assert (refused["number"], refused["outcome"], refused["call"]) == ("+86154****0001", "deny", None)
            against = {o["rule_id"]: o for o in refused["opinions"] if o["outcome"] == "deny"}["CN-REFUSAL"]
            assert against["cite"] and refused["pack_versions"]
            denied = (await browser.get(address, params={"outcome": "deny", "limit": 1})).json()
            [second] = (await browser.get(address, params={"outcome": "deny", "after": denied["next"]})).json()["items"]
            assert [denied["items"][0]["line_no"], second["line_no"]] == [2, 4]
            [called, *_] = (await browser.get(address, params={"outcome": "allow"})).json()["items"]
            assert called["call"] and called["disposition"] == "reserved"
            assert (await browser.get(f"{AT}/never/contacts")).status_code == 404

    asyncio.run(story())


def test_an_operator_pauses_plans_and_finishes_a_campaign_and_every_contact_says_why(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            browser = await there.signed_in("li", [Role.OPERATOR])
            assert (await browser.get(f"{AT}/renewal")).json()["state"] == "approved"
            early = await browser.post(f"{AT}/renewal/pause")
            assert early.status_code == 400 and "not started yet" in early.text
            await run_of(there.app.database)
            paused = (await browser.post(f"{AT}/renewal/pause")).json()
            assert (paused["state"], paused["findings"]) == ("paused", [])
            [contact] = (await browser.get(f"{AT}/renewal/contacts")).json()["items"]
            assert (contact["stands"], contact["why_zh"], contact["tries"]) == ("waits", "任务已暂停", 0)
            given = {"daily_limit": 5, "hours": [{"start": "21:00", "end": "22:00"}], "priority": 7}
            refused = await browser.put(f"{AT}/renewal/plan", json=given)
            assert refused.status_code == 400 and "outside those of the law" in refused.text
            planned = await browser.put(f"{AT}/renewal/plan", json=given | {"hours": []})
            assert planned.json()["plan"]["daily_limit"] == 5
            wrong = await browser.put(f"{AT}/renewal/plan", json={"daily": 5})
            assert wrong.status_code == 400 and "daily" in wrong.text
            assert (await browser.post(f"{AT}/renewal/resume")).json()["state"] == "running"
            assert (await browser.post(f"{AT}/renewal/finish")).json()["state"] == "finished"
            assert (await browser.get(f"{AT}/nobody/check")).status_code == 404
            auditor = await there.signed_in("wang", [Role.AUDITOR])
            assert (await auditor.post(f"{AT}/renewal/pause")).status_code == 403

    asyncio.run(story())


def test_a_campaign_tells_which_limit_holds_its_run(database_url: str) -> None:
    """The page of every running campaign was answered with 500: a limit of pages was taken for a limit of calls."""

    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            await note_held(there.app.database, await run_of(there.app.database), Limit.LINES)
            wang = await there.signed_in("wang", [Role.OPERATOR])
            shown = await wang.get(f"{AT}/renewal")
            assert shown.status_code == 200 and shown.json()["held_by"] == "lines"

    asyncio.run(story())
