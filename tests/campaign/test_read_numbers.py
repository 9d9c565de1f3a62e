"""The numbers of a file, whatever else stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairdial.campaign.read_list import read_list
from fairdial.campaign.read_numbers import read_numbers
from fairdial.errors import InputError
from tests.campaign.test_read_list import NOW, write
from tests.core.cases import PACKS


def test_a_column_of_numbers_is_enough_and_every_row_keeps_its_cells(tmp_path: Path) -> None:
    path = write(tmp_path, "电话,备注\n154 0000 1037,甲\n110,乙\n,丙\n+8615400001038,丁\n".encode())
    numbers = read_numbers(path, packs=PACKS)
    assert [(row.line, row.number, row.cells[1]) for row in numbers.rows] == [
        (2, "+8615400001037", "甲"),
        (5, "+8615400001038", "丁"),
    ]
    assert [(row.line, row.column) for row in numbers.rejected] == [(3, "电话"), (4, "电话")]
    assert numbers.header == ("电话", "备注")


def test_without_a_column_of_numbers_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="电话"):
        read_numbers(write(tmp_path, "姓名\n陈静\n".encode()), packs=PACKS)


def test_numbers_are_read_as_the_import_reads_them(example: Path) -> None:
    numbers = read_numbers(example / "customers.csv", packs=PACKS)
    imported = read_list(example / "customers.csv", packs=PACKS, now=NOW)[0]
    assert {c.number for c in imported.contacts} <= {row.number for row in numbers.rows}
