"""The gate is tried on any case: the same answer as `fairdial decide`, and nothing is written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairdial.core.access.roles import Role
from fairdial.core.policy.pack import PLATFORM
from fairdial.ledger.adjustments import store_adjustments
from fairdial.packs import overlaid
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, campaign, one, person
from tests.ledger.test_vault import WHO
from tests.web.stories import Site, code_of, site

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "case-cn.json"
SIMULATE = "/api/v1/gate/simulate"


async def told(browser: httpx.AsyncClient, case: object) -> dict[str, Any]:
    answer = await browser.post(SIMULATE, json=case)
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


def against(verdict: dict[str, Any]) -> set[str]:
    return {one["rule_id"] for one in verdict["opinions"] if one["outcome"] != "allow"}


def test_a_fact_is_changed_and_the_verdict_changes_with_every_rule_that_spoke(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            writer = await there.signed_in("li", [Role.WRITER])
            case = (await writer.get("/api/v1/packs/CN/case")).json()["case"]
            allowed = await told(writer, case)
            assert (allowed["outcome"], against(allowed)) == ("allow", set())
            assert len(allowed["opinions"]) > 10 and all(one["cite"] for one in allowed["opinions"])
            refusal = {"scope": "tenant", "at": "2026-11-01T09:00:00+08:00", "source": "call"}
            refused = await told(writer, overlaid(case, {"person": {"refusals": [refusal]}}))
            assert refused["outcome"] == "deny" and "CN-REFUSAL" in against(refused)
            late = await told(writer, case | {"now": "2026-11-25T22:30:00+08:00"})
            assert (late["outcome"], late["until"][:10]) == ("wait", "2026-11-26")
            missing = await told(writer, {"now": case["now"], "purpose": "service"})
            assert missing["outcome"] == "deny", "unknown is no"
            assert await one(there.app.database, "SELECT count(*) FROM verdict") == 0

    asyncio.run(story())


def test_every_packs_example_case_can_be_judged_and_so_can_its_worked_examples(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            writer = await there.signed_in("li", [Role.WRITER])
            names = [one["jurisdiction"] for one in (await writer.get("/api/v1/packs")).json()]
            assert names[:2] == [PLATFORM, "CN"] and set(names) == set(PACKS)
            for name in names:
                base = (await writer.get(f"/api/v1/packs/{name}/case")).json()["case"]
                verdict = await told(writer, base)
                assert "fact missing" not in str(verdict["opinions"]), name
                pack = (await writer.get(f"/api/v1/packs/{name}")).json()
                assert pack["version"] and all(r["cite"] and r["examples"] and r["confidence"] for r in pack["rules"])
            assert (await writer.get("/api/v1/packs/XX")).status_code == 404

    asyncio.run(story())


BROKEN: list[tuple[str | bytes, str]] = [
    (b"", "the whole"),
    (b"\xff\x00", "the whole"),
    (b"[" * 200_000, "the whole"),
    ("{}", "now"),
    ('{"now": "2026-11-25T09:40:00", "purpose": "service"}', "no zone"),
    ('{"now": 1, "purpose": "service"}', "now"),
    ('{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "person": {"zone": 8}}', "person.zone"),
    ('{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "personn": {}}', "personn"),
    ('{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "purpose": "survey"}', "written twice"),
    ('{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "person": {"number_country": "Mars"}}', "Mars"),
]


@pytest.mark.parametrize(("case", "place"), BROKEN)
def test_a_case_that_breaks_the_schema_is_told_with_its_place(database_url: str, case: str | bytes, place: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            writer = await there.signed_in("li", [Role.WRITER])
            answer = await writer.post(SIMULATE, content=case)
            assert code_of(answer) == "input" and place in answer.json()["detail"], answer.text

    asyncio.run(story())


def test_a_case_of_a_megabyte_is_refused_unread(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            writer = await there.signed_in("li", [Role.WRITER])
            assert code_of(await writer.post(SIMULATE, content=b" " * (1 << 20))) == "too-large"

    asyncio.run(story())


async def _a_contact(there: Site) -> None:
    await campaign(there.app.database, [person(1)])


def test_a_real_contacts_facts_hold_no_number_or_name_and_are_judged_as_the_gate_would(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await _a_contact(there)
            li = await there.signed_in("li", [Role.COMPLIANCE])
            answer = await li.get("/api/v1/campaigns/renewal/contacts/1/case")
            assert answer.status_code == 200 and WHO not in answer.text and "王" not in answer.text
            verdict = await told(li, answer.json()["case"])
            assert (verdict["outcome"], against(verdict)) == ("allow", set())
            for nobody in ("campaigns/renewal/contacts/99/case", "campaigns/never/contacts/1/case"):
                assert (await li.get(f"/api/v1/{nobody}")).status_code == 404
            assert await one(there.app.database, "SELECT count(*) FROM verdict") == 0
            stranger = await there.signed_in("zhao", [Role.COMPLIANCE], tenant="岚山教育")
            assert (await stranger.get("/api/v1/campaigns/renewal/contacts/1/case")).status_code == 404

    asyncio.run(story())


def test_a_contacts_facts_leave_out_what_they_said_to_another_tenant(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await _a_contact(there)
            stranger = await there.signed_in("zhao", [Role.SEAT], tenant="岚山教育")
            letter = {"number": person(1).number, "source": "letter", "evidence": "x"}
            assert (await stranger.post("/api/v1/refusals", json=letter)).status_code == 201
            li = await there.signed_in("li", [Role.COMPLIANCE])
            address = "/api/v1/campaigns/renewal/contacts/1/case"
            assert (await li.get(address)).json()["case"]["person"]["refusals"] == []
            assert (await li.post("/api/v1/refusals", json=letter)).status_code == 201
            [own] = (await li.get(address)).json()["case"]["person"]["refusals"]
            assert own["is_same_tenant"]

    asyncio.run(story())


def test_the_simulator_and_the_rules_speak_as_this_enterprise_adjusted_them(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.COMPLIANCE])
            window = {"start": "10:00", "end": "11:00"}
            stricter = [{"rule": "CN-HOURS-SERVICE", "set": {"windows": [window]}}]
            rule = await _rule(li, "CN-HOURS-SERVICE")
            assert rule["adjusted"] is None
            await store_adjustments(there.app.database, tenant=TENANT, content=stricter, by="li", reason="自律")
            rule = await _rule(li, "CN-HOURS-SERVICE")
            assert rule["adjusted"]["by"] == "li"
            case = json.loads(EXAMPLE.read_text(encoding="utf-8"))
            case["person"] |= {"region": "上海", "zone": "Asia/Shanghai"}
            verdict = await told(li, case)
            assert verdict["outcome"] == "wait" and any("adj1" in one for one in verdict["pack_versions"])

    asyncio.run(story())


async def _rule(browser: httpx.AsyncClient, rule_id: str) -> dict[str, Any]:
    pack = (await browser.get("/api/v1/packs/CN")).json()
    return next(one for one in pack["rules"] if one["id"] == rule_id)
