"""Whoever reads a call's words may say what was meant: beside what the machine found, and to be learnt from."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.access.roles import Role
from fairdial.core.call_record import Turn
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.policy.case import Level
from fairdial.errors import AccessError
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.corrections import sentences_to_learn
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.readers import set_reader
from tests.campaign.test_dialer import RECORD
from tests.ledger.stories import KEYS, TENANT, ask_all, campaign, one, person, run_of, whole_database
from tests.web.stories import Site, code_of, site
from tests.web.test_routes import OTHER
from training.understanding.rows import Row, corrected

CALL = "/api/v1/calls/1"
HEARD = ("不需要谢谢", "我姓欧阳", "打15400000001这个号", "王女士不在", "听不清你说啥")


async def a_talk(database: Database) -> None:
    """A call with some sentences; every one was understood as a yes."""
    await campaign(database, [person(1)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    spent = await redeem(database, asked.permit)
    understood = Understood(meaning=Meaning.ACCEPT, confidence=0.6, evidence="")
    turns = tuple(
        Turn(
            heard=heard,
            understood=understood,
            heard_at=spent.dialled_at,
            said="好的",
            said_at=spent.dialled_at,
            gap_ms=500,
            interrupted=False,
        )
        for heard in HEARD
    )
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=replace(RECORD, turns=turns))


async def may_read(there: Site, *names: str, tenant: str = TENANT) -> None:
    for name in names:
        await set_reader(there.app.database, tenant=tenant, name=name, level=Level.PRIVATE, by="王经理")


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.OPERATOR, True), (Role.COMPLIANCE, True), (Role.AUDITOR, False), (Role.WRITER, False)],
)
def test_who_may_correct_reads_the_words_and_does_more_than_audit(database_url: str, role: Role, may: bool) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_talk(there.app.database)
            browser = await there.signed_in("li", [role])
            asked = {"meaning": "busy"}
            early = await browser.put(f"{CALL}/turns/0/correction", json=asked)
            assert code_of(early) == ("access" if may else "permission")
            await may_read(there, "li")
            for address, body in (
                (f"{CALL}/turns/0/correction", asked),
                (f"{CALL}/grade/correction", {"grade": "B", "reason": "x"}),
            ):
                assert (await browser.put(address, json=body)).status_code == (204 if may else 403)
            assert await one(there.app.database, "SELECT count(*) FROM correction") == (2 if may else 0)

    asyncio.run(story())


def test_a_correction_stands_beside_what_was_found_and_the_newest_stands_first(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_talk(database)
            li, zhou = await there.signed_in("li", [Role.OPERATOR]), await there.signed_in("zhou", [Role.COMPLIANCE])
            await may_read(there, "li", "zhou")
            await li.put(f"{CALL}/turns/0/correction", json={"meaning": "busy", "heard": "我在开车"})
            await zhou.put(f"{CALL}/turns/0/correction", json={"meaning": "refuse_soft"})
            await li.put(f"{CALL}/grade/correction", json={"grade": "C", "reason": "她说在开车"})
            call = (await li.get(CALL)).json()
            turn = call["turns"][0]
            assert (turn["meaning"], turn["heard"], call["grade"]) == ("accept", HEARD[0], "D"), "as it was found"
            assert [(c["meaning"], c["heard"], c["by"]) for c in turn["corrections"]] == [
                ("refuse_soft", None, "zhou"),
                ("busy", "我在开车", "li"),
            ]
            [due] = call["grade_corrections"]
            assert (due["grade"], due["reason"], due["by"]) == ("C", "她说在开车", "li")
            assert "开车" not in await whole_database(database)
            events = (
                "SELECT string_agg(body ->> 'by_whom', ' ' ORDER BY id) FROM event WHERE kind = 'correction.insert'"
            )
            assert await one(database, events) == "li zhou li"
            withheld = await (await there.signed_in("wu", [Role.AUDITOR])).get(CALL)
            assert "开车" not in withheld.text and len(withheld.json()["turns"][0]["corrections"]) == 2
            pages, after = [], None
            while True:
                page = (
                    await li.get("/api/v1/corrections", params={"limit": 2, **({"after": after} if after else {})})
                ).json()
                pages.append([(c["position"], c["meaning"], c["meaning_found"], c["grade"]) for c in page["items"]])
                if (after := page["next"]) is None:
                    break
            assert pages == [
                [(None, None, None, "C"), (0, "refuse_soft", "accept", None)],
                [(0, "busy", "accept", None)],
            ]

    asyncio.run(story())


def test_what_is_not_there_or_another_tenants_cannot_be_corrected(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_talk(there.app.database)
            li = await there.signed_in("li", [Role.OPERATOR])
            stranger = await there.signed_in("zhao", [Role.OPERATOR], tenant=OTHER)
            await may_read(there, "li")
            await may_read(there, "zhao", tenant=OTHER)
            due, meant = {"grade": "B", "reason": "x"}, {"meaning": "busy"}
            for browser, call, position in ((stranger, 1, 0), (li, 1, 9), (li, 7, 0)):
                answer = await browser.put(f"/api/v1/calls/{call}/turns/{position}/correction", json=meant)
                assert (answer.status_code, code_of(answer)) == (404, "not-found")
            for browser, call in ((stranger, 1), (li, 7)):
                assert (await browser.put(f"/api/v1/calls/{call}/grade/correction", json=due)).status_code == 404
            assert (await li.put(f"{CALL}/turns/0/correction", json={"meaning": "happy"})).status_code == 422
            assert (await li.put(f"{CALL}/grade/correction", json=due | {"grade": "G"})).status_code == 422
            assert (await stranger.get("/api/v1/corrections")).json() == {"items": [], "next": None}

    asyncio.run(story())


def test_a_refusal_that_the_machine_missed_takes_effect_when_somebody_says_so(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_talk(database)
            li = await there.signed_in("li", [Role.OPERATOR])
            await may_read(there, "li")
            await li.put(f"{CALL}/turns/0/correction", json={"meaning": "refuse_soft"})
            assert await one(database, "SELECT count(*) FROM refusal") == 0
            for _ in range(2):
                await li.put(f"{CALL}/turns/0/correction", json={"meaning": "refuse_hard"})
            assert await one(database, "SELECT string_agg(kind, ' ') FROM refusal") == "hard"
            await li.put(f"{CALL}/turns/0/correction", json={"meaning": "accept"})
            assert (await li.get(CALL)).json()["refusal"]["kind"] == "hard", "no correction lifts a refusal"
            await campaign(database, [person(1)], name="again")
            [asked] = await ask_all(database, await run_of(database, "again"))
            assert "CN-REFUSAL" in {o.rule_id for o in asked.verdict.opinions if o.outcome == "deny"}

    asyncio.run(story())


def test_corrected_sentences_are_written_without_names_and_understand_reads_and_counts_them(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await a_talk(there.app.database)
            li = await there.signed_in("li", [Role.OPERATOR])
            await may_read(there, "li")
            for position, meaning in enumerate(("accept", "accept", "other", "third_party", "ask_repeat")):
                await li.put(f"{CALL}/turns/{position}/correction", json={"meaning": meaning})
            await li.put(f"{CALL}/turns/0/correction", json={"meaning": "refuse_soft", "heard": "不需要\t谢谢了\n"})
            with pytest.raises(AccessError):
                await sentences_to_learn(there.app.database, tenant=TENANT, by="小张")
            learnt = await sentences_to_learn(there.app.database, tenant=TENANT, by="li")
            assert learnt.sentences == [("ask_repeat", "听不清你说啥"), ("refuse_soft", "不需要 谢谢了")]
            assert learnt.left_out == 3, "an introduction, a number, a name"
            read = "SELECT body - 'by' FROM event WHERE kind = 'correction.read'"
            assert await one(there.app.database, read) == {"rows": 2}

    asyncio.run(story())
    monkeypatch.setenv("FAIRDIAL_DATABASE_URL", database_url)
    monkeypatch.setenv("FAIRDIAL_TENANT", TENANT)
    monkeypatch.setenv("FAIRDIAL_NUMBER_KEY", str(KEYS.number))
    monkeypatch.setenv("FAIRDIAL_MASTER_KEY", str(KEYS.master))
    file = tmp_path / "corrected.tsv"
    run = CliRunner().invoke(app, ["corrections", "export", str(file), "--by", "li"])
    assert run.exit_code == 0, run.output
    assert "2 sentences" in run.output and "3 left out" in run.output and file.stat().st_mode & 0o077 == 0
    assert file.read_text(encoding="utf-8") == "ask_repeat\t听不清你说啥\nrefuse_soft\t不需要 谢谢了\n"
    assert corrected(file, ["refuse_soft", "busy"]) == [Row(label="refuse_soft", text="不需要 谢谢了")], (
        "as training reads it"
    )
    told = json.loads(CliRunner().invoke(app, ["understand", str(file), "--fast", "--json"]).stdout)
    assert told["unknown_labels"] == [] and [row["expected"] for row in told["rows"]] == ["ask_repeat", "refuse_soft"]
    right = sum(row["meaning"] == row["expected"] for row in told["rows"])
    assert told["accuracy"] == right / 2
    file.write_text(file.read_text(encoding="utf-8").replace("refuse_soft", "ask_price"), encoding="utf-8")
    wrong = json.loads(CliRunner().invoke(app, ["understand", str(file), "--fast", "--json"]).stdout)
    assert wrong["accuracy"] == (right - 1) / 2, "the sentence was counted as right, and is counted as wrong"


def test_who_was_erased_leaves_no_words_in_corrections_and_nothing_to_learn(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_talk(database)
            li = await there.signed_in("li", [Role.OPERATOR])
            await may_read(there, "li")
            await li.put(f"{CALL}/turns/0/correction", json={"meaning": "busy", "heard": "我在开车"})
            await li.put(f"{CALL}/grade/correction", json={"grade": "C", "reason": "她说在开车"})
            await erase(database, tenant=TENANT, number=person(1).number, by="李合规", reason="asked")
            assert await one(database, "SELECT count(*) FROM correction WHERE sealed IS NOT NULL") == 0
            assert (await sentences_to_learn(database, tenant=TENANT, by="li")).sentences == []
            late = await li.put(f"{CALL}/grade/correction", json={"grade": "B", "reason": "她说在开车"})
            assert (late.status_code, code_of(late)) == (400, "input")
            assert (await li.put(f"{CALL}/turns/0/correction", json={"meaning": "busy"})).status_code == 404
            [due] = (await li.get(CALL)).json()["grade_corrections"]
            assert (due["grade"], due["reason"]) == ("C", None)

    asyncio.run(story())
