"""A script's life in the browser: written by one, merged with another's words, submitted, read and approved by a third."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fairdial.app.scripts import STARTER
from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Purpose
from fairdial.errors import InputError, ReviewError
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.intake import Source, import_list
from fairdial.ledger.scripts import submit_script
from fairdial.ledger.setup import create_campaign, create_campaign_of_version
from tests.core.scripts import EXAMPLE, content, renewal
from tests.ledger.stories import TENANT, campaign, one, person
from tests.web.stories import code_of, site

OTHER = "岚山教育"
HERE = "/api/v1/scripts/my-first-script"
STARTED = STARTER.read_text(encoding="utf-8")
RENEWAL = (EXAMPLE / "script.yaml").read_text(encoding="utf-8")
NEW = {"If-None-Match": "*"}


def seen(answer: httpx.Response) -> dict[str, str]:
    """The header that says which text the next one is made from."""
    return {"If-Match": answer.headers["ETag"]}


async def checked(browser: httpx.AsyncClient, text: str) -> dict[str, Any]:
    answer = await browser.post("/api/v1/scripts/check", json={"text": text})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_script_is_written_merged_submitted_approved_by_another_and_compared(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li, chen = [await there.signed_in(name, [Role.WRITER, Role.REVIEWER]) for name in ("li", "chen")]
            starter = (await li.get("/api/v1/scripts/starter")).json()["text"]
            first = await li.put(HERE, json={"text": starter}, headers=NEW)
            assert first.status_code == 200 and first.headers["ETag"] == f'"{first.json()["etag"]}"'
            theirs = starter.replace("我的第一个话术", "预约提醒")
            assert (await chen.put(HERE, json={"text": theirs}, headers=seen(first))).status_code == 200

            mine = starter.replace("预约的服务快到时间了", "预约的保养快到时间了")
            late = await li.put(HERE, json={"text": mine}, headers=seen(first))
            assert (late.status_code, code_of(late)) == (412, "changed")
            current = late.json()["current"]
            assert current["text"] == theirs and current["edited_by"] == "chen"
            merged = mine.replace("我的第一个话术", "预约提醒")
            kept = await li.put(HERE, json={"text": merged}, headers={"If-Match": f'"{current["etag"]}"'})
            assert kept.json()["text"] == merged

            early = await li.post(f"{HERE}/submit", json={}, headers=seen(first))
            assert early.status_code == 412
            submitted = await li.post(f"{HERE}/submit", json={"reason": "第一版"}, headers=seen(kept))
            assert submitted.status_code == 200, submitted.text
            version = submitted.json()
            assert (version["state"], version["submitted_by"]) == ("submitted", "li")
            address = f"{HERE}/versions/{version['hash']}"
            own = await li.post(f"{address}/approve", json={})
            assert (own.status_code, code_of(own)) == (409, "review")
            said = await chen.post(f"{address}/comments", json={"at": "remind", "words": "这一句太长"})
            assert said.status_code == 201
            approved = (await chen.post(f"{address}/approve", json={"reason": "读过"})).json()
            assert approved["state"] == "approved" and approved["approved_until"]
            assert [(c["at"], c["words"], c["by"]) for c in approved["comments"]] == [("remind", "这一句太长", "chen")]

            [listed] = (await li.get("/api/v1/scripts")).json()
            assert (listed["title"], listed["has_draft"], listed["edited_by"]) == ("预约提醒", False, "li")
            assert listed["approved"]["hash"] == version["hash"]
            shown = (await li.get(address)).json()
            assert shown["text"] == merged, "comments and all"
            assert shown["graph"]["begin"] == "confirm" and shown["wordings"]
            diff = (await li.get(f"{address}/diff")).json()
            assert diff["against"] is None and all(change["before"] is None for change in diff["changes"])
            worded = merged.replace("在一个工作日之内给您回电话", "今天给您回电话")
            newer = await li.put(HERE, json={"text": worded}, headers={"If-Match": f'"{kept.json()["etag"]}"'})
            [listed] = (await li.get("/api/v1/scripts")).json()
            assert listed["has_draft"]
            second = (await li.post(f"{HERE}/submit", json={}, headers=seen(newer))).json()
            diff = (await chen.get(f"{HERE}/versions/{second['hash']}/diff")).json()
            assert diff["against"] == version["hash"]
            [change] = diff["changes"]
            assert change["at"] == "call_back"
            assert "一个工作日" in change["before"] and "今天给您" in change["after"]

            rejected = await chen.post(f"{address}/reject", json={"reason": "来意不清"})
            assert rejected.json()["approved_until"] is None

    asyncio.run(story())


def test_a_text_is_never_written_over_unseen(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.WRITER])
            blind = await li.put(HERE, json={"text": "a"})
            assert (blind.status_code, code_of(blind)) == (428, "precondition")
            both = [li.put(HERE, json={"text": text}, headers=NEW) for text in ("a", "b")]
            assert sorted(answer.status_code for answer in await asyncio.gather(*both)) == [200, 412]
            gone = await li.put("/api/v1/scripts/never", json={"text": "a"}, headers={"If-Match": '"x"'})
            assert gone.status_code == 412 and gone.json()["current"] is None
            for name in ("starter", "a b", ".a"):
                taken = await li.put(f"/api/v1/scripts/{name}", json={"text": "a"}, headers=NEW)
                assert code_of(taken) == "input", name

    asyncio.run(story())


def test_a_script_submitted_in_the_terminal_is_edited_in_the_browser_from_what_it_is(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await submit_script(there.app.database, tenant=TENANT, content=content(), script=renewal(), by="author")
            li = await there.signed_in("li", [Role.WRITER])
            address = "/api/v1/scripts/insurance-renewal"
            draft = await li.get(address)
            assert draft.json()["edited_by"] == "author"
            assert (await checked(li, draft.json()["text"]))["hash"] == renewal().hash
            edited = await li.put(address, json={"text": RENEWAL}, headers=seen(draft))
            again = await li.post(f"{address}/submit", json={}, headers=seen(edited))
            assert code_of(again) == "review", "the same content has been submitted already"

    asyncio.run(story())


def test_what_is_wrong_is_told_by_line_while_it_is_written_and_is_not_submitted(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.WRITER])
            good = await checked(li, STARTED)
            assert good["findings"] == [] and good["hash"]
            steps = {step["id"]: step for step in good["graph"]["steps"]}
            assert STARTED.splitlines()[steps["remind"]["line"] - 1] == "  remind:"
            assert (steps["refused"]["kind"], steps["refused"]["refusal"]) == ("end", "hard")
            ways = {(way["from"], way["on"]): way["to"] for way in good["graph"]["ways"]}
            assert ways["remind", "accept"] == "call_back" and ways["anywhere", "silence"] == "unheard"

            wrong = STARTED.replace("accept: call_back", "accept: call_bak")
            [finding] = (await checked(li, wrong))["findings"]
            assert (finding["level"], finding["code"]) == ("error", "unknown-step")
            assert "call_bak" in wrong.splitlines()[finding["line"] - 1] and "call_back" in finding["words"]
            unfilled = await checked(li, STARTED.replace("不好意思打扰您了,", "不好意思打扰{nobody}了,"))
            assert [one["code"] for one in unfilled["findings"]] == ["undeclared-variable"] and unfilled["wordings"]

            kept = await li.put(HERE, json={"text": wrong}, headers=NEW)
            refused = await li.post(f"{HERE}/submit", json={}, headers=seen(kept))
            assert code_of(refused) == "input" and "my-first-script.yaml:" in refused.json()["detail"]
            other = await li.put("/api/v1/scripts/other", json={"text": STARTED}, headers=NEW)
            named = await li.post("/api/v1/scripts/other/submit", json={}, headers=seen(other))
            assert "my-first-script" in named.json()["detail"]

    asyncio.run(story())


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True))
HOSTILE = {
    "references": BOMB,
    "depth": "[" * 100_000,
    "tags": "script: !!python/object/apply:os.system [id]",
    "no script": "- 1",
    "nothing": "",
    "other files": STARTED + "\ninclude: {common: /etc/passwd}\n",
    "control": "script: \x07",
}


def test_hostile_texts_are_refused_with_a_remedy_and_take_no_time(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.WRITER])
            for what, text in HOSTILE.items():
                found = await asyncio.wait_for(checked(li, text), 5)
                assert found["graph"] is None and found["hash"] is None, what
                assert [one["level"] for one in found["findings"]] == ["error"], what
            for long in ("x" * (1 << 19), "测" * (100 * 1024)):
                answer = await li.post("/api/v1/scripts/check", json={"text": long})
                assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"
            for sent in (b'{"text": "\\u0000"}', b'{"text": "\\ud800"}'):
                headers = {"Content-Type": "application/json"}
                assert (await li.post("/api/v1/scripts/check", content=sent, headers=headers)).status_code == 422

    asyncio.run(story())


def test_a_body_without_end_is_refused_before_it_is_read(database_url: str) -> None:
    """A body of a gigabyte was read into memory, whoever sent it."""

    async def story() -> None:
        async with site(database_url) as there:
            sent = 0

            async def endless() -> AsyncIterator[bytes]:
                nonlocal sent
                for _ in range(200):
                    sent += 1
                    yield bytes(1 << 16)
                    await asyncio.sleep(0)

            stranger, headers = there.browser(), {"Content-Type": "application/json"}
            for length, status in ((str(1 << 30), 413), (None, 411)):
                told = headers | ({"Content-Length": length} if length else {})
                answer = await stranger.post("/api/v1/scripts/check", content=endless(), headers=told)
                assert (answer.status_code, sent) == (status, 0)
                assert code_of(answer) in ("too-large", "length")
            li = await there.signed_in("li", [Role.WRITER])
            heard = await li.post("/api/v1/scripts/hear", content=endless(), headers={"Content-Type": "audio/wav"})
            assert code_of(heard) == "input" and 0 < sent < 200, "what is read part by part bounds itself"

    asyncio.run(story())


def test_another_tenants_scripts_are_not_there(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            async with there.app.database.transaction() as connection:
                await tenant_id(connection, OTHER)
            li = await there.signed_in("li", [Role.WRITER])
            await li.put(HERE, json={"text": STARTED}, headers=NEW)
            zhao = await there.signed_in("zhao", [Role.WRITER, Role.REVIEWER], tenant=OTHER)
            assert (await zhao.get("/api/v1/scripts")).json() == []
            version = f"insurance-renewal/versions/{renewal().hash}"
            for method, address, sent in (
                ("GET", "my-first-script", None),
                ("GET", "insurance-renewal", None),
                ("GET", "insurance-renewal/versions", None),
                ("GET", version, None),
                ("POST", f"{version}/approve", {}),
                ("POST", f"{version}/reject", {"reason": "x"}),
                ("POST", f"{version}/comments", {"words": "x"}),
                ("POST", "my-first-script/submit", {}),
            ):
                headers = {"If-Match": '"x"'}
                theirs, nobodys = [
                    await zhao.request(method, f"/api/v1/scripts/{one}", json=sent, headers=headers)
                    for one in (address, address.replace("my-first-script", "x").replace("insurance-renewal", "x"))
                ]
                assert theirs.status_code == 404 and theirs.json() == nobodys.json(), address
            assert (await zhao.put(HERE, json={"text": STARTED}, headers=NEW)).status_code == 200, "a name of their own"
            assert await one(there.app.database, "SELECT count(*) FROM script_draft") == 2

    asyncio.run(story())


def test_the_same_content_is_not_taken_from_two_tenants(database_url: str) -> None:
    """The second tenant's version was kept as the first one's, and the second never saw it."""

    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await submit_script(database, tenant=TENANT, content=content(), script=renewal(), by="author")
            with pytest.raises(InputError, match="company"):
                await submit_script(database, tenant=OTHER, content=content(), script=renewal(), by="author")

    asyncio.run(story())


def test_a_campaign_is_made_of_an_approved_version_and_of_ones_own(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(1)])
            asked: dict[str, Any] = {"contact_list": "renewal", "line": "practice", "caller_number": "+8615499990001"}
            await create_campaign_of_version(database, tenant=TENANT, name="b", script_hash=renewal().hash, **asked)
            assert await one(database, "SELECT purpose FROM campaign WHERE name = 'b'") == "service"
            with pytest.raises(InputError, match="not known"):
                await create_campaign_of_version(database, tenant=OTHER, name="b", script_hash=renewal().hash, **asked)
            changed = content() | {"title": "x"}
            li = await there.signed_in("li", [Role.WRITER])
            address = "/api/v1/scripts/insurance-renewal"
            text = (await li.get(address)).json()["text"].replace(f"title: {content()['title']}", "title: x")
            draft = await li.put(address, json={"text": text}, headers=seen(await li.get(address)))
            version = (await li.post(f"{address}/submit", json={}, headers=seen(draft))).json()
            assert version["title"] == changed["title"]
            with pytest.raises(ReviewError, match="not approved"):
                await create_campaign_of_version(
                    database, tenant=TENANT, name="c", script_hash=version["hash"], **asked
                )

    asyncio.run(story())


def test_a_version_is_taken_away_as_a_document(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await campaign(there.app.database, [person(1)])
            li = await there.signed_in("li", [Role.AUDITOR])
            address = f"/api/v1/scripts/insurance-renewal/versions/{renewal().hash}/document"
            word = await li.get(address)
            assert word.content[:2] == b"PK" and "insurance-renewal" in word.headers["content-disposition"]
            page = await li.get(address, params={"format": "html"})
            assert "晴川保险" in page.text and page.headers["content-disposition"].startswith("attachment")

    asyncio.run(story())


def test_a_rehearsal_counts_every_call_once_and_says_where_they_went(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.WRITER])
            asked = {"text": STARTED, "callees": 60, "seed": 7, "cer": 0.1}
            answer = await li.post("/api/v1/scripts/rehearse", json=asked)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            graph = (await checked(li, STARTED))["graph"]
            ends = [step["id"] for step in graph["steps"] if step["kind"] == "end"]
            left = told["outcomes"].get("hung_up", 0) + told["unfinished"]
            assert told["calls"] == 60 and sum(told["steps_reached"][end] for end in ends) + left == 60
            for counted in ("people", "grades"):
                assert sum(told[counted].values()) == 60, counted
            assert sum(told["outcomes"].values()) + told["unfinished"] == 60
            assert told["refusals"]["violations"] == [] and told["ways_taken"]
            ways = {(way["from"], way["on"]) for way in graph["ways"]}
            for way in told["ways_taken"]:
                assert (way["from"], way["on"]) in ways, "what is drawn is what is counted"
                assert 0 < way["count"] <= told["steps_reached"].get(way["from"], 60)
                assert way["to"] is None or told["steps_reached"][way["to"]] >= way["count"]
            again = (await li.post("/api/v1/scripts/rehearse", json=asked)).json()
            assert again == told, "the same seed brings the same report"

            two = [li.post("/api/v1/scripts/rehearse", json=asked | {"callees": 2000}) for _ in range(2)]
            first, second = sorted(await asyncio.gather(*two), key=lambda one: one.status_code)
            assert (first.status_code, second.status_code, code_of(second)) == (200, 429, "rehearsing")
            wrong = await li.post("/api/v1/scripts/rehearse", json={"text": "a: b"})
            assert code_of(wrong) == "input"
            assert (await li.post("/api/v1/scripts/rehearse", json=asked | {"callees": 2001})).status_code == 422

    asyncio.run(story())


def test_a_script_is_talked_with_up_to_a_refusal(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            li = await there.signed_in("li", [Role.REVIEWER])

            async def talked(*heard: str, **values: str) -> dict[str, Any]:
                asked = {"text": STARTED, "values": values, "heard": heard}
                answer = await li.post("/api/v1/scripts/talk", json=asked)
                found: dict[str, Any] = answer.json()
                return found

            begun = await talked(person="李先生")
            assert [line["who"] for line in begun["lines"]] == ["us"] and "李先生" in begun["lines"][0]["words"]
            assert (begun["step"], begun["is_over"], begun["refusal"]) == ("confirm", False, None)
            silent = await talked("")
            assert silent["lines"][-1]["words"].startswith("您好,请问能听到我说话吗")
            over = await talked("对,我是", "别再打了")
            assert [line["meaning"] for line in over["lines"] if line["who"] == "them"] == ["accept", "refuse_hard"]
            assert "不会再给您打电话了" in over["lines"][-1]["words"]
            assert (over["step"], over["is_over"], over["grade"], over["refusal"]) == ("refused", True, "F", "hard")
            assert (await talked("/sing"))["type"].endswith(":input")
            assert "person" in (await talked(colour="红"))["detail"]

    asyncio.run(story())


def test_a_campaign_takes_only_lines_of_its_own_tenant(database_url: str) -> None:
    """Any tenant's line was taken by its name."""

    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(1)])
            source = Source(file_name="list.csv", sha256="1" * 64)
            await import_list(database, tenant=OTHER, name="own", source=source, contacts=[person(2)], rejected=[])
            with pytest.raises(InputError, match="line 'practice' is not known"):
                await create_campaign(
                    database,
                    tenant=OTHER,
                    name="b",
                    purpose=Purpose.SERVICE,
                    contact_list="own",
                    script_hash=renewal().hash,
                    line="practice",
                    caller_number="+8615499990001",
                    topics=[],
                )

    asyncio.run(story())
