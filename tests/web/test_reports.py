"""A report counts what the calls are: its figures agree with the funnel and with the calls behind each."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from fairdial.core.access.roles import Role
from fairdial.core.call_record import Disposition, Turn
from fairdial.core.reporting import Grouping
from fairdial.core.script.parse import parse_script
from fairdial.followup.report_table import Sheet, csv_of
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.complaints import ComplaintNotice, take_complaint
from fairdial.ledger.people.refusals import record_refusal
from fairdial.ledger.report_exports import traced
from fairdial.ledger.scripts import approve_script, submit_script
from fairdial.ledger.views.reports import promises
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.core.scripts import content, renewal
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, person, run_of
from tests.web.stories import code_of, site

DAYS = "first=2026-11-01&last=2026-12-31"


async def calls_made(
    database: Database, *, name: str = "renewal", people: range = range(12), script_hash: str | None = None
) -> None:
    """A campaign that was run: two thirds answer, of whom some speak, refuse, or complain afterwards; two are not dialled."""
    await campaign(database, [person(index, line=n + 1) for n, index in enumerate(people)], name=name)
    if script_hash is not None:
        async with database.transaction() as connection:
            given = text("UPDATE campaign SET script_hash = :hash WHERE name = :name")
            await connection.execute(given, {"hash": script_hash, "name": name})
    asked = await ask_all(database, await run_of(database, name))
    async with database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE contact SET region = CASE mod(id, 3) WHEN 0 THEN '成都' WHEN 1 THEN NULL ELSE region END"
        )
    for index, one in enumerate(asked[:-2]):
        permit = one.permit
        assert permit is not None
        await redeem(database, permit)
        now = await database.now()
        if index % 3 == 2:
            record = replace(
                RECORD,
                disposition=Disposition.NO_ANSWER,
                answered_at=None,
                ended_at=now,
                grade="F",
                goodbye_ended_at=None,
            )
        else:
            turn = Turn(
                heard="喂", understood=None, heard_at=now, said=None, said_at=None, gap_ms=None, interrupted=False
            )
            record = replace(
                RECORD,
                answered_at=now,
                ended_at=now + timedelta(seconds=20 + index),
                grade="ABCD"[index % 4],
                goodbye_ended_at=now if index % 2 else None,
                turns=(turn,) if index % 2 else (),
            )
            if index % 3 == 1:
                await record_refusal(
                    database, attempt_id=permit.attempt_id, kind="hard", words="别打了", understood_at=now
                )
        await end_attempt(database, attempt_id=permit.attempt_id, record=record)


async def complain(database: Database, number: str) -> None:
    """Somebody complains about the call they had."""
    day, at = timedelta(days=1), await database.now()
    notice = ComplaintNotice(
        number=number, caller_number=None, category="nuisance", source="12321", words="骚扰", received_at=at,
        acknowledge_within=day, close_within=day,
    )  # fmt: skip
    await take_complaint(database, tenant=TENANT, notice=notice, brakes=PACKS["*"].brakes)


async def behind(browser: httpx.AsyncClient, query: Mapping[str, str]) -> int:
    """How many calls the list shows by this filter."""
    count, after = 0, None
    while True:
        page = await browser.get("/api/v1/calls", params={**query, "limit": 7, **({"after": after} if after else {})})
        assert page.status_code == 200, page.text
        count, after = count + len(page.json()["items"]), page.json()["next"]
        if after is None:
            return count


def figures(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [*row["stages"].values(), *row["grades"].values()]


@pytest.mark.parametrize("by", Grouping)
def test_every_figure_has_as_many_calls_behind_it_as_it_says(database_url: str, by: Grouping) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await calls_made(there.app.database)
            await calls_made(there.app.database, name="winter", people=range(20, 25))
            await complain(there.app.database, person(4).number)
            browser = await there.signed_in("li", [Role.OPERATOR])
            answer = await browser.get(f"/api/v1/reports/calls?{DAYS}&by={by.value}")
            assert answer.status_code == 200, answer.text
            report = answer.json()
            assert report["rows"]
            for row in [*report["rows"], report["whole"]]:
                for figure in figures(row):
                    assert await behind(browser, figure["calls"]) == figure["count"], figure
            for stage, whole in report["whole"]["stages"].items():
                assert sum(row["stages"][stage]["count"] for row in report["rows"]) == whole["count"], stage
            stages = {name: figure["count"] for name, figure in report["whole"]["stages"].items()}
            assert (stages["dialled"], stages["answered"], stages["complained"]) == (13, 9, 1)
            assert stages["refused"] and stages["spoke"] and stages["finished"]
            assert report["whole"]["asked"] == (None if by is Grouping.GRADE else 17)

    asyncio.run(story())


def test_a_campaigns_report_agrees_with_its_funnel_and_rates_with_their_figures(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await calls_made(there.app.database)
            browser = await there.signed_in("li", [Role.OPERATOR])
            await complain(there.app.database, person(4).number)
            funnel = (await browser.get("/api/v1/campaigns/renewal/funnel")).json()
            address = f"/api/v1/reports/calls?{DAYS}&by=campaign&campaign=renewal"
            [row] = (await browser.get(address)).json()["rows"]
            assert row["key"] == row["name"] == "renewal"
            assert row["asked"] == sum(funnel["asked"].values())
            assert row["stages"]["answered"]["count"] == funnel["dispositions"]["answered"]
            assert row["stages"]["refused"]["count"] == funnel["refusals"]
            assert {grade: one["count"] for grade, one in row["grades"].items() if one["count"]} == funnel["grades"]
            rate = row["answer_rate"]
            assert (rate["hits"], rate["of"]) == (7, 10)
            assert 0 < rate["low"] < rate["share"] == 0.7 < rate["high"] < 1
            assert row["talk_s"] and 20 < row["talk_s"] < 32
            empty = (await browser.get(address.replace("2026-11-01", "2026-12-30"))).json()
            assert empty["rows"] == [] and empty["whole"]["answer_rate"]["share"] is None
            turned = await browser.get("/api/v1/reports/calls?by=line&first=2026-12-01&last=2026-11-01")
            assert code_of(turned) == "input"

    asyncio.run(story())


def test_another_tenant_counts_nothing_of_ours_and_knows_no_version(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await calls_made(there.app.database)
            async with there.app.database.transaction() as connection:
                await tenant_id(connection, "岚山教育")
            stranger = await there.signed_in("zhao", [Role.OPERATOR], tenant="岚山教育")
            for by in Grouping:
                report = (await stranger.get(f"/api/v1/reports/calls?{DAYS}&by={by.value}")).json()
                assert report["rows"] == [] and not any(one["count"] for one in figures(report["whole"]))
            ours = renewal().hash
            answer = await stranger.get(f"/api/v1/reports/ab?{DAYS}&a={ours}&b={ours}")
            assert (answer.status_code, code_of(answer)) == (404, "not-found")
            day = await stranger.post("/api/v1/reports/day", json={"day": "2026-11-25"})
            assert day.status_code == 200 and day.content.startswith(b"%PDF")

    asyncio.run(story())


def test_a_report_that_is_handed_out_says_who_took_it_and_its_mark_leads_back(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await calls_made(there.app.database)
            await campaign(there.app.database, [person(50)], name="=1+1")
            await ask_all(there.app.database, await run_of(there.app.database, "=1+1"))
            browser = await there.signed_in("li", [Role.OPERATOR])
            asked = {"by": "campaign", "first": "2026-11-01", "last": "2026-12-31"}
            sheet = await browser.post("/api/v1/reports/calls/export", json={**asked, "file": "xlsx"})
            assert sheet.status_code == 200, sheet.text
            page = load_workbook(io.BytesIO(sheet.content)).worksheets[0]
            cells = [[cell.value for cell in row] for row in page.iter_rows()]
            about = {str(row[0]): row[1] for row in cells}
            assert about["导出人 exported by"] == "li"
            mark = str(about["追溯号 trace"])
            assert mark in sheet.headers["content-disposition"]
            told = await traced(there.app.database, tenant=TENANT, mark=mark)
            assert told and (told["by"], told["parted"], told["file"]) == ("li", "campaign", "xlsx")
            assert await traced(there.app.database, tenant=TENANT, mark="0" * 16) is None
            renewals = next(row for row in cells if row[0] == "renewal")
            assert renewals[1:4] == [12, 10, 7] and renewals[-1] == mark
            assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, (
                "nothing is calculated"
            )
            plain = await browser.post("/api/v1/reports/calls/export", json={**asked, "file": "csv"})
            rows = list(csv.reader(io.StringIO(plain.content.decode("utf-8-sig"))))
            assert {row[-1] for row in rows[1:4]} == {rows[-1][1]} != {mark}
            assert any(row[:1] == ["'=1+1"] for row in rows)

    asyncio.run(story())


def test_a_day_on_paper_tells_its_promises_and_carries_its_mark(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await calls_made(there.app.database)
            browser = await there.signed_in("li", [Role.AUDITOR])
            day = (await there.app.database.now()).date().isoformat()
            answer = await browser.post("/api/v1/reports/day", json={"day": day})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
            assert answer.content.startswith(b"%PDF") and b"STSong-Light" in answer.content
            mark = answer.headers["content-disposition"].rpartition("-")[2].removesuffix('.pdf"')
            told = await traced(there.app.database, tenant=TENANT, mark=mark)
            assert told and told["report"] == "day" and told["filter"] == {"day": day}

    asyncio.run(story())


async def compared_versions(database: Database) -> tuple[str, str]:
    """Two versions, each spoken by a campaign with people of its own."""
    await calls_made(database)
    other = content() | {"version": 99}
    script = parse_script(other, name="other.yaml")
    await submit_script(database, tenant=TENANT, content=other, script=script, by="author")
    await approve_script(database, tenant=TENANT, script_hash=script.hash, by="reviewer")
    await calls_made(database, name="winter", people=range(20, 29), script_hash=script.hash)
    return renewal().hash, script.hash


def test_two_versions_are_compared_and_it_is_told_how_people_were_given_theirs(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            a, b = await compared_versions(there.app.database)
            browser = await there.signed_in("li", [Role.WRITER])
            found = (await browser.get(f"/api/v1/reports/ab?{DAYS}&a={a}&b={b}")).json()
            assert (found["a"]["people"], found["a"]["answered"], found["b"]["people"]) == (10, 7, 7)
            assert [one["campaign"] for one in found["a"]["given"]] == ["renewal"]
            assert [one["list"] for one in found["b"]["given"]] == ["winter"]
            assert not found["is_random"] and not found["same_lists"] and found["same_days"] and not found["in_both"]
            assert not any(one["is_clear"] for one in found["measures"])
            assert await behind(browser, found["b"]["calls"]) == 7
            itself = (await browser.get(f"/api/v1/reports/ab?{DAYS}&a={a}&b={a}")).json()
            assert itself["in_both"] == 10 and itself["same_lists"] and itself["same_days"]
            assert {one["points"] for one in itself["measures"]} == {0.0}
            none = (await browser.get(f"/api/v1/reports/ab?last=2026-11-01&a={a}&b={b}")).json()
            assert {one["points"] for one in none["measures"]} == {None} and none["a"]["given"] == []

    asyncio.run(story())


def test_promises_that_were_broken_are_told_and_a_newer_consent_is_no_breach(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await calls_made(database)
            now = await database.now()
            span = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
            kept = await promises(database, tenant=TENANT, **span)
            assert (kept.calls, kept.refusals) == (10, 3)
            assert kept.without_permit == kept.despite_refusal == kept.not_durable == kept.overdue == 0
            await complain(database, person(4).number)
            async with database.transaction() as connection:
                for broken in (
                    "UPDATE permit SET used_at = expires_at + interval '1 s' WHERE id IN (SELECT permit_id FROM attempt WHERE id = 3)",
                    "UPDATE refusal SET understood_at = understood_at - interval '2 h', recorded_at = now() - interval '9 years',"
                    " attempt_id = NULL WHERE source = 'call'",
                    "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, evidence_file, evidence_sha256)"
                    " SELECT tenant_id, person_id, '{service}', '{call}', understood_at + interval '1 h', 'f', 'x'"
                    " FROM refusal WHERE source = 'call' ORDER BY id LIMIT 1",
                ):
                    await connection.execute(text(broken))
            found = await promises(database, tenant=TENANT, **span)
            assert (found.without_permit, found.despite_refusal) == (1, 2)
            assert (found.complaints, found.open_complaints, found.due, found.overdue) == (1, 1, 1, 0)
            later = await promises(
                database, tenant=TENANT, since=now + timedelta(days=2), until=now + timedelta(days=3)
            )
            assert (later.complaints, later.open_complaints, later.overdue, later.calls) == (0, 1, 1, 0)

    asyncio.run(story())


def test_what_is_no_day_of_our_time_is_refused(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            for wrong in ("1999-12-31", "2200-01-01", "9999-12-31", "0001-01-01", "1700000000", "soon"):
                for name in ("first", "last"):
                    answer = await browser.get("/api/v1/reports/calls", params={name: wrong})
                    assert answer.status_code == 422, (name, wrong)
                assert (await browser.post("/api/v1/reports/day", json={"day": wrong})).status_code == 422
            assert (await browser.post("/api/v1/reports/day", json={"day": 1_700_006_400})).status_code == 422
            assert (await browser.get("/api/v1/reports/calls?first=2000-01-01&last=2199-12-31")).status_code == 200
            assert (await browser.get("/api/v1/reports/calls?last=2000-01-01")).status_code == 200
            assert (await browser.get("/api/v1/calls?hour=24")).status_code == 422

    asyncio.run(story())


def test_what_a_heading_calls_percent_is_percent_in_a_csv_too() -> None:
    sheet = Sheet(
        title="calls", about=[], header=["dialled", "answer rate %"], rows=[[23, 14 / 23], [0, None]], trace="t"
    )
    assert csv_of(sheet).decode("utf-8-sig").splitlines()[1:3] == ["23,60.9,t", "0,,t"]
