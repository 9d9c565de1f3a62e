"""A report as a file: CSV or XLSX, marked in every row with the event of its export."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | None

_MARK = "追溯号 trace"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that Excel would calculate; it is written with an apostrophe before it (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table and what is known of it.

    Attributes:
        about: Who, when, which filter: names and values, in order.
        rows: As long as `header`; shares are ratios in [0, 1].
    """

    title: str
    about: Sequence[tuple[str, str]]
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    trace: str


def csv_of(sheet: Sheet) -> bytes:
    """UTF-8 with its mark, for Excel; what is known of it stands after the rows."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    out.writerow([*sheet.header, _MARK])
    for row in sheet.rows:
        cells = (
            _percent(cell) if name.endswith("%") else _safe(cell) for name, cell in zip(sheet.header, row, strict=True)
        )
        out.writerow([*cells, sheet.trace])
    out.writerow([])
    out.writerows([_safe(name), _safe(value)] for name, value in [*sheet.about, (_MARK, sheet.trace)])
    return written.getvalue().encode("utf-8-sig")


def xlsx_of(sheet: Sheet) -> bytes:
    """One sheet: what is known of it above the table; the mark in each row, in its properties and under each printed page."""
    from openpyxl import Workbook  # here, because it takes a third of a second and few reports are such files
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    for empty in book.worksheets:
        book.remove(empty)
    page = book.create_sheet("report")
    for name, value in [(sheet.title, ""), *sheet.about, (_MARK, sheet.trace)]:
        page.append([_safe(name), _safe(value)])
    page.append([])
    page.append([*sheet.header, _MARK])
    head = page.max_row
    for row in sheet.rows:
        page.append([*map(_safe, row), sheet.trace])
    for cell in (page["A1"], *page[head]):
        cell.font = Font(bold=True)
    for index, name in enumerate(sheet.header, start=1):
        page.column_dimensions[get_column_letter(index)].width = max(12, min(40, len(name) + 4))
        if name.endswith("%"):
            for (cell,) in page.iter_rows(min_row=head + 1, min_col=index, max_col=index):
                cell.number_format = "0.0%"
    page.freeze_panes = page.cell(head + 1, 2)
    page.HeaderFooter.oddFooter.center.text = f"{_MARK} {sheet.trace}"
    book.properties.title, book.properties.identifier = sheet.title, sheet.trace
    book.properties.creator = dict(sheet.about).get(BY, "")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


BY = "导出人 exported by"
"""Under which name `about` tells who took it."""


def _percent(ratio: Cell) -> Cell:
    """What a workbook shows by a cell's format stands in a CSV itself: its heading says %."""
    return round(ratio * 100, 1) if isinstance(ratio, float) else ratio


def _safe(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
