"""A list that somebody sends is looked at, checked and taken in; what cannot be used is told, and nothing is kept in clear."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from openpyxl import Workbook
from sqlalchemy import text

from fairdial.app import imports as app_imports
from fairdial.core.access.roles import Role
from fairdial.ledger.people.uploads import expire
from tests.ledger.stories import one, whole_database
from tests.web.stories import Site, code_of, site

AT = "/api/v1/lists/imports"
HEADER = "姓名,电话,数据来源,依据,授权用途,授权渠道,授权时间,证据文件,证据SHA256"
GOOD = "陈静,15400000001,保单登记,现有客户,,,,,"
EVIDENCE = "同意书 2025-0117".encode()
CONSENTED = f"赵敏,15400000002,开放日,授权,服务,电话,2025-06-20,consents/a.txt,{hashlib.sha256(EVIDENCE).hexdigest()}"
BAD = "何平,12345,保单登记,现有客户,,,,,"
PLACES = {"name": 0, "number": 1, "source": 2, "basis": 3, "consent_for": 4, "consent_by": 5, "consent_at": 6}
PLACES |= {"evidence_file": 7, "evidence_sha256": 8}
ORDERS = {"list": "renewals", "places": PLACES}


def csv_of(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join((HEADER, *rows)).encode(encoding)


def xlsx_of(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


async def sent(browser: httpx.AsyncClient, content: bytes, *, name: str = "customers.csv") -> dict[str, Any]:
    answer = await browser.post(AT, params={"file_name": name}, content=content)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def told(browser: httpx.AsyncClient, upload: int, verb: str, orders: dict[str, Any]) -> dict[str, Any]:
    """Ask for a check or an import, and wait for its end."""
    answer = await browser.post(f"{AT}/{upload}/{verb}", json=orders)
    assert answer.status_code == 202, answer.text
    while True:
        shown: dict[str, Any] = (await browser.get(f"{AT}/{upload}")).json()
        if shown["state"] not in ("checking", "importing"):
            return shown
        await asyncio.sleep(0.05)


def waiting(there: Site) -> list[Path]:
    """Files that wait to be taken in."""
    return list((there.app.settings.home / "uploads").iterdir())


def test_good_rows_are_taken_in_and_bad_ones_told_with_line_column_and_remedy(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            upload = (await sent(browser, csv_of(GOOD, BAD, GOOD)))["id"]
            checked = await told(browser, upload, "check", ORDERS)
            assert (checked["state"], checked["accepted"], checked["rejected"]) == ("checked", 1, 2)
            assert (await browser.get("/api/v1/lists")).json() == [], "a check takes nobody in"
            done = await told(browser, upload, "start", ORDERS)
            assert (done["state"], done["accepted"], done["rejected"], done["rows_done"]) == ("imported", 1, 2, 1)
            [number, again] = (await browser.get(f"{AT}/{upload}/bad")).json()["items"]
            assert (number["line"], number["column"], again["line"]) == (3, "电话", 4)
            assert number["reason_zh"] and number["remedy_en"] and "第 2 行" in again["reason_zh"]
            file = await browser.get(f"{AT}/{upload}/bad.csv")
            assert file.text.splitlines()[0] == "\ufeff行,列,原因,处理办法" and len(file.text.splitlines()) == 3
            [listed] = (await browser.get("/api/v1/lists")).json()
            assert (listed["name"], listed["people"], listed["file"]) == ("renewals", 1, "customers.csv")
            assert waiting(there) == [], "what is taken in is kept no longer"

    asyncio.run(story())


def test_what_is_sent_lies_sealed_and_is_shown_with_its_numbers_masked_to_whoever_sent_it(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            upload = (await sent(browser, csv_of(GOOD, encoding="gb18030"), name="客户\\名单.csv"))["id"]
            [file] = waiting(there)
            assert "陈静".encode("gb18030") not in file.read_bytes() and file.stat().st_mode & 0o077 == 0
            shown = (await browser.get(f"{AT}/{upload}")).json()
            assert (shown["encoding"], shown["file_name"], shown["header"][0]) == ("gb18030", "名单.csv", "姓名")
            preview = (await browser.get(f"{AT}/{upload}/preview")).json()
            assert preview["rows"] == [["陈静", "+86154****0001", "保单登记", "现有客户", "", "", "", "", ""]]
            assert preview["proposed"] == PLACES
            assert {one["name"] for one in preview["fields"] if one["is_required"]} == {
                "name",
                "number",
                "source",
                "basis",
            }
            other = await there.signed_in("zhao", [Role.OPERATOR])
            assert (await other.get(f"{AT}/{upload}")).status_code == 200
            assert (await other.get(f"{AT}/{upload}/preview")).status_code == 404
            assert "陈静" not in await whole_database(there.app.database)

    asyncio.run(story())


def test_columns_of_any_name_are_chosen_and_what_a_file_leaves_out_holds_for_all_rows(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            content = xlsx_of(["Who", "Mobile"], ["Chen", 15400000001], ["=1+1", 15400000002])
            shown = await sent(browser, content, name="crm.xlsx")
            assert shown["encoding"] == "xlsx"
            orders = {"list": "crm", "places": {"name": 0, "number": 1}}
            refused = await browser.post(f"{AT}/{shown['id']}/start", json=orders)
            assert code_of(refused) == "input" and "数据来源" in refused.text
            same = {"source": "CRM 2026-11", "basis": "现有客户"}
            done = await told(browser, shown["id"], "start", orders | {"same": same})
            assert (done["accepted"], done["rejected"]) == (1, 1)
            [contact] = (await browser.get("/api/v1/lists/crm/contacts")).json()["items"]
            assert (contact["data_source"], contact["basis"]) == ("CRM 2026-11", "existing_customer")
            more = (await sent(browser, csv_of(CONSENTED.replace("授权,服务", "现有客户,服务"))))["id"]
            await told(browser, more, "start", ORDERS | {"list": "crm"})
            [listed] = (await browser.get("/api/v1/lists")).json()
            assert listed["people"] == 2, "a list grows by another file"

    asyncio.run(story())


def test_a_consent_counts_when_its_evidence_is_shown_and_is_what_the_list_says(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            upload = (await sent(browser, csv_of(CONSENTED)))["id"]
            checked = await told(browser, upload, "check", ORDERS)
            assert (checked["accepted"], checked["evidence_missing"]) == (0, ["consents/a.txt"])
            evidence = f"{AT}/{upload}/evidence"
            await browser.post(evidence, params={"file_name": "a.txt"}, content="另一份".encode())
            assert (await told(browser, upload, "check", ORDERS))["accepted"] == 0
            [bad] = (await browser.get(f"{AT}/{upload}/bad")).json()["items"]
            assert bad["column"] == "证据SHA256"
            shown = await browser.post(evidence, params={"file_name": "a.txt"}, content=EVIDENCE)
            assert shown.json()["sha256"] == hashlib.sha256(EVIDENCE).hexdigest()
            done = await told(browser, upload, "start", ORDERS)
            assert (done["accepted"], done["evidence_named"], done["evidence_missing"]) == (1, 1, [])
            assert await one(there.app.database, "SELECT evidence_file FROM consent") == "consents/a.txt"
            auditor = await there.signed_in("zhou", [Role.AUDITOR])
            [consent] = (await auditor.get("/api/v1/consents")).json()["items"]
            assert (consent["number"], consent["purposes"], consent["lists"]) == (
                "+86154****0002",
                ["service"],
                ["renewals"],
            )
            assert (await auditor.get("/api/v1/consents", params={"list": "other"})).json()["items"] == []
            [taken] = (await auditor.get("/api/v1/lists/renewals/imports")).json()
            assert (taken["file"], taken["accepted"], taken["by"]) == ("customers.csv", 1, "li")

    asyncio.run(story())


def test_what_is_no_table_or_unpacks_to_a_mountain_is_refused_and_not_kept(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            sound = xlsx_of(["姓名", "电话"], ["陈静", "15400000001"])
            row = b'<row><c t="inlineStr"><is><t>a</t></is></c></row>'
            files = {
                "many rows": _with_sheet(sound, row * 1_100_000),
                "more than it says": _with_sheet(sound, row * 10_000, says=400),
                "many bytes": _with_sheet(sound, b" " * (513 * 2**20)),
                "cut off": sound[:-200],
                "no text": bytes(range(256)),
                "nothing": b" \n",
                "old": b"\xd0\xcf\x11\xe0" + bytes(100),
                "wide": b"a," * 500,
            }
            for what, content in files.items():
                assert len(content) < 2 * 2**20, what
                answer = await browser.post(AT, params={"file_name": "x.xlsx"}, content=content)
                assert code_of(answer) == "input", what
            assert waiting(there) == [] and await one(there.app.database, "SELECT count(*) FROM list_upload") == 0

    asyncio.run(story())


def a_book_that_unpacks_to_a_mountain() -> bytes:
    """Half a megabyte of XLSX with half a gigabyte in it."""
    return _with_sheet(xlsx_of(["姓名", "电话"]), b" " * (513 * 2**20))


def _with_sheet(book: bytes, rows: bytes, *, says: int | None = None) -> bytes:
    """The book with other rows; `says` is the unpacked size its directory states."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
                content = b"<worksheet %b><sheetData>%b</sheetData></worksheet>" % (space, rows)
            target.writestr(name, content)
        if says is not None:
            target.getinfo("xl/worksheets/sheet1.xml").file_size = says
    return out.getvalue()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            pieces_read = 0

            async def gigabyte() -> AsyncIterator[bytes]:
                nonlocal pieces_read
                for _ in range(1024):
                    pieces_read += 1
                    yield bytes(2**20)

            stated = {"Content-Length": str(2**30)}
            answer = await browser.post(AT, params={"file_name": "x.csv"}, content=gigabyte(), headers=stated)
            assert (answer.status_code, code_of(answer), pieces_read) == (413, "too-large", 0)
            answer = await browser.post(AT, params={"file_name": "x.csv"}, content=gigabyte())
            assert answer.status_code == 413 and pieces_read <= 4, "one that does not say so is read no further"
            assert waiting(there) == []

    asyncio.run(story())


def test_another_tenants_upload_is_not_there(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            upload = (await sent(browser, csv_of(GOOD)))["id"]
            stranger = await there.signed_in("zhao", [Role.OPERATOR], tenant="岚山教育")
            for method, path, body in (
                ("GET", "", {}), ("GET", "/preview", {}), ("GET", "/bad", {}), ("GET", "/bad.csv", {}),
                ("POST", "/check", ORDERS), ("POST", "/start", ORDERS), ("POST", "/cancel", {}),
                ("POST", "/evidence?file_name=a.txt", {}),
            ):  # fmt: skip
                answers = [await stranger.request(method, f"{AT}/{id}{path}", json=body) for id in (upload, 99)]
                assert [one.status_code for one in answers] == [404, 404], path
                assert answers[0].json() == answers[1].json()
            assert (await stranger.get(AT)).json()["items"] == []
            assert (await browser.get(AT)).json()["items"][0]["state"] == "uploaded"

    asyncio.run(story())


def test_an_import_that_is_given_up_takes_nobody_in(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            rows = [f"陈静,154{index:08d},保单登记,现有客户,,,,," for index in range(30_000)]
            upload = (await sent(browser, csv_of(*rows)))["id"]
            await browser.post(f"{AT}/{upload}/start", json=ORDERS)
            again = await browser.post(f"{AT}/{upload}/start", json=ORDERS)
            assert code_of(again) == "input", "one worker at a time"
            while not (shown := (await browser.get(f"{AT}/{upload}")).json())["rows_done"]:
                assert shown["state"] == "importing"
                await asyncio.sleep(0.05)
            assert 0 < shown["rows_done"] < shown["rows_total"] == 30_000
            assert (await browser.post(f"{AT}/{upload}/cancel")).status_code == 204
            assert code_of(await browser.post(f"{AT}/{upload}/cancel")) == "over"
            await asyncio.gather(*there.web.state.imports._working.values(), return_exceptions=True)
            assert (await browser.get(f"{AT}/{upload}")).json()["state"] == "cancelled"
            assert (await browser.get("/api/v1/lists")).json() == [] and waiting(there) == []
            assert code_of(await browser.post(f"{AT}/{upload}/start", json=ORDERS)) == "input"

    asyncio.run(story())


def test_a_file_nobody_takes_in_is_gone_after_a_day_and_one_whose_server_died_is_begun_anew(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            browser = await there.signed_in("li", [Role.OPERATOR])
            [lost, left] = [(await sent(browser, csv_of(GOOD)))["id"] for _ in range(2)]
            async with database.transaction() as connection:
                dead = "UPDATE list_upload SET state = 'importing', beat_at = fairdial_now() - interval '1 minute'"
                await connection.execute(text(f"{dead} WHERE id = :id"), {"id": lost})
                old = "UPDATE list_upload SET uploaded_at = fairdial_now() - interval '25 hours' WHERE id = :id"
                await connection.execute(text(old), {"id": left})
            assert (await browser.get(f"{AT}/{lost}")).json()["was_lost"]
            assert (await told(browser, lost, "start", ORDERS))["state"] == "imported"
            await expire(database)
            assert (await browser.get(f"{AT}/{left}")).json()["state"] == "expired"
            assert (await browser.get(f"{AT}/{left}/preview")).status_code == 404
            await sent(browser, csv_of(GOOD))
            assert len(waiting(there)) == 1, "what is over is removed when the next file comes"

    asyncio.run(story())


def test_rows_that_are_shown_are_few(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("li", [Role.OPERATOR])
            upload = (await sent(browser, csv_of(*[GOOD] * 100)))["id"]
            preview = (await browser.get(f"{AT}/{upload}/preview")).json()
            assert len(preview["rows"]) == app_imports.ROWS_SHOWN
            assert (await there.browser().get(f"{AT}/{upload}")).status_code == 401

    asyncio.run(story())
