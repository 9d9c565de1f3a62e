"""List files as people send them, and the ones that cannot be used."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from fairdial.campaign.history_file import read_contacted, read_refused
from fairdial.campaign.read_list import read_list
from fairdial.campaign.table_file import MOST_BYTES, read_table
from fairdial.core.contacts.rows import ReadList
from fairdial.errors import InputError
from tests.core.cases import PACKS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TEXT = "姓名,电话,地区,数据来源,依据\n陈静,15400001037,上海,保单,现有客户\n"


def read(path: Path) -> ReadList:
    return read_list(path, packs=PACKS, now=NOW)[0]


def write(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encodings_people_send_are_recognised(tmp_path: Path, encoding: str) -> None:
    [contact] = read(write(tmp_path, TEXT.encode(encoding))).contacts
    assert contact.name == "陈静"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_taken_from_the_header(tmp_path: Path, delimiter: str) -> None:
    assert len(read(write(tmp_path, TEXT.replace(",", delimiter).encode())).contacts) == 1


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    text = TEXT + '"王\n芳",15400001038,上海,保单,现有客户\n\n刘洋,110,上海,保单,现有客户\r\n'
    lines = [(row.line, row.column) for row in read(write(tmp_path, text.encode())).rejected]
    assert lines == [(3, "姓名"), (6, "电话")]


def test_xlsx_is_read_and_its_formulas_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (
        ["姓名", "电话", "地区", "数据来源", "依据", "到期日", "保费"],
        ["陈静", 15400001037, "上海", "保单", "现有客户", datetime(2026, 12, 15), 2860.5],  # noqa: DTZ001 — a spreadsheet has no zones
        ['=HYPERLINK("http://x")', 15400001038, "上海", "保单", "现有客户", None, None],
    ):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    result = read(write(tmp_path, buffer.getvalue(), "list.xlsx"))
    assert [c.number for c in result.contacts] == ["+8615400001037"]
    assert str(result.contacts[0].attributes.premium) == "2860.5"
    assert [(r.line, r.column) for r in result.rejected] == [(3, "姓名")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b",,\n", "holds no rows"),
        ("姓名,地区\n陈静,上海\n".encode(), "missing columns: phone"),
        ('姓名,电话,数据来源,依据\n"陈静,15400001037\n'.encode(), "list.csv:2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is not text"),
        (b"PK\x03\x04 this is no workbook", "not a sound XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_a_missing_file_and_a_huge_file_are_named(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        stream.truncate(200 * 2**20)
    for path, says in ((tmp_path, "is a folder"), (tmp_path / "no.csv", "does not exist"), (huge, "200 MB")):
        with pytest.raises(InputError, match=says):
            read(path)
    assert MOST_BYTES < 200 * 2**20


def test_evidence_outside_the_lists_folder_is_not_evidence(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    inside = tmp_path / "lists"
    inside.mkdir()
    header = "姓名,电话,数据来源,依据,授权用途,授权渠道,授权时间,证据文件,证据SHA256"
    text = f"{header}\n陈静,15400001037,保单,授权,服务,电话,2025-01-01,../secret.txt,00\n"
    [rejected] = read(write(inside, text.encode())).rejected
    assert "evidence file is missing" in rejected.reason_en


@given(st.binary(max_size=300))
def test_no_content_breaks_the_reader(content: bytes) -> None:
    """Whatever the bytes, the answer is a table or an `InputError`."""
    try:
        read_table(Path("x.csv"), content)
    except InputError as error:
        assert "x.csv" in str(error)


def test_history_files_name_the_line_and_column(tmp_path: Path) -> None:
    bad = write(tmp_path, b"number,at,source,evidence\n15400001037,2026-03-11,call,x\n15400001038,soon,call,x\n")
    refusals, [problem] = read_refused(bad, packs=PACKS, now=NOW)
    assert [r.number for r in refusals] == ["+8615400001037"], "one bad row keeps no refusal out"
    assert "list.csv:3: column at" in problem
    good = write(tmp_path, b"number,at,channel,source\n15400001037,-26h,call,shop\n")
    [made] = read_contacted(good, packs=PACKS, now=NOW)
    assert made.at == datetime(2026, 11, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize("when", ["0001-01-01", "9999-12-31", "-99999999999h", "1900-05-05"])
def test_a_date_no_database_can_hold_is_a_slip_of_the_pen(tmp_path: Path, when: str) -> None:
    """It was taken in, and stopped every later run of a campaign that held the contact."""
    path = write(tmp_path, f"number,at,source,evidence\n15400001037,{when},call,x\n".encode())
    refusals, problems = read_refused(path, packs=PACKS, now=NOW)
    assert refusals == [] and len(problems) == 1
    text = f"姓名,电话,数据来源,依据,授权用途,授权渠道,授权时间\n陈静,15400001037,保单,授权,服务,电话,{when}\n"
    [rejected] = read(write(tmp_path, text.encode())).rejected
    assert rejected.column == "授权时间"


def test_a_device_is_not_a_list() -> None:
    with pytest.raises(InputError, match="not a regular file"):
        read(Path("/dev/zero"))
