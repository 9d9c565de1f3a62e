"""XLSX files that are made to fill a server's memory: a process of its own reads them and ends, and nothing else does."""

from __future__ import annotations

import io
import resource
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from fairdial.campaign.table_file import read_head, read_table
from fairdial.campaign.xlsx_file import MOST_ROWS, Unusable, Why, rows_apart
from fairdial.errors import InputError

LITTLE = 96 * 2**20


def sound(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bomb(part: str, before: bytes, filling: bytes) -> bytes:
    """A sound file in which a part has much more before one of its tags."""
    written = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(sound(("姓名", "电话"))))
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, content.replace(before, filling + before) if item.filename == part else content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("part", "before"),
    [
        ("xl/worksheets/sheet1.xml", b"</row>"),
        ("xl/worksheets/sheet1.xml", b"<sheetData>"),
        ("xl/styles.xml", b"</styleSheet>"),
        ("[Content_Types].xml", b"</Types>"),
    ],
)
def test_a_part_that_grows_when_it_is_read_is_refused_and_takes_no_memory_here(part: str, before: bytes) -> None:
    content = bomb(part, before, b"<x/>" * 2_000_000)
    assert len(content) < 2**20
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unusable) as told:
        list(rows_apart(content, most_memory=LITTLE))
    assert told.value.why is Why.LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000


def test_a_cell_that_no_program_writes_is_refused() -> None:
    cell = b'<row><c t="inlineStr"><is><t>' + b"x" * 2**18 + b"</t></is></c></row>"
    with pytest.raises(InputError, match="too large"):
        read_table(Path("x.xlsx"), bomb("xl/worksheets/sheet1.xml", b"</sheetData>", cell))


def test_what_is_read_apart_is_what_stands_there() -> None:
    content = sound(
        ("姓名", "电话", "额"), ("陈静", 15400001037, 1.5), ("=1+1", None, None), *((n,) for n in range(2000))
    )
    found = list(rows_apart(content))
    assert found[:3] == [(1, ("姓名", "电话", "额")), (2, ("陈静", "15400001037", "1.5")), (3, ("=1+1",))]
    assert [cells for _, cells in found[3:]] == [(str(n),) for n in range(2000)]
    assert len(read_head(Path("x.xlsx"), content, rows=5).table.rows) == 5


def test_what_is_no_xlsx_and_what_has_too_many_rows_are_told_apart() -> None:
    with pytest.raises(Unusable) as told:
        list(rows_apart(b"PK\x03\x04" + b"no" * 1000))
    assert told.value.why is Why.BROKEN
    with pytest.raises(Unusable) as told:
        list(rows_apart(bomb("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row/>" * (MOST_ROWS + 2))))
    assert told.value.why is Why.ROWS


def test_a_csv_of_one_long_line_is_told_before_its_cells_fill_the_memory() -> None:
    with pytest.raises(InputError, match="too long"):
        read_table(Path("x.csv"), b"," * (2**21))


def test_a_file_that_takes_too_long_to_read_is_given_up() -> None:
    with pytest.raises(Unusable) as told:
        list(rows_apart(bomb("xl/styles.xml", b"</styleSheet>", b"<x/>" * 6_000_000), most_cpu_s=1))
    assert told.value.why is Why.LARGE
