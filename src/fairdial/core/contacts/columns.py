"""The columns of a list, found by their Chinese or English names.

Pure. Columns nobody knows are left alone; a required one that is missing is a `Problem`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairdial.core.contacts.rows import Problem, Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "name"),
    "title": ("称呼", "title"),
    "number": ("电话", "手机", "号码", "number", "phone"),
    "region": ("地区", "region"),
    "product": ("产品", "product"),
    "expiry": ("到期日", "expiry"),
    "premium": ("保费", "premium"),
    "segment": ("客户类型", "segment"),
    "source": ("数据来源", "source"),
    "basis": ("依据", "basis"),
    "consent_for": ("授权用途", "consent_for"),
    "consent_by": ("授权渠道", "consent_by"),
    "consent_at": ("授权时间", "consent_at"),
    "consent_until": ("授权到期", "consent_until"),
    "consent_form": ("授权形式", "consent_form"),
    "consent_names": ("授权特别约定", "consent_names"),
    "evidence_file": ("证据文件", "evidence_file"),
    "evidence_sha256": ("证据SHA256", "evidence_sha256"),
}
"""Every field a list may hold and the headers it goes by; the first is the one messages use."""

REQUIRED = ("name", "number", "source", "basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each field stands: its place in a row and its header as the file spells it."""

    places: Mapping[str, int]
    headers: Mapping[str, str]

    def value(self, cells: tuple[str, ...], field: str) -> str:
        """The cell of a field without surrounding blanks; empty when the column or cell is missing."""
        place = self.places.get(field)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def header(self, field: str) -> str:
        return self.headers.get(field, COLUMNS[field][0])


def find_columns(table: Table, required: Sequence[str] = REQUIRED) -> Columns | Problem:
    """Find the fields of a table by its header; `required` ones must be there."""
    by_header = {_plain(h): field for field, headers in COLUMNS.items() for h in headers}
    places: dict[str, int] = {}
    headers: dict[str, str] = {}
    for place, header in enumerate(table.header):
        field = by_header.get(_plain(header))
        if field is None:
            continue
        if field in places:
            return Problem(
                reason_zh=f"列“{headers[field]}”与“{header}”重复",
                reason_en=f"columns {headers[field]!r} and {header!r} hold the same field",
                remedy_zh="只留一列",
                remedy_en="keep one of them",
            )
        places[field], headers[field] = place, header
    missing = [field for field in required if field not in places]
    if missing:
        zh, en = "、".join(COLUMNS[f][0] for f in missing), ", ".join(COLUMNS[f][-1] for f in missing)
        return Problem(
            reason_zh=f"缺少列:{zh}",
            reason_en=f"missing columns: {en}",
            remedy_zh=f"在第一行加上 {zh}",
            remedy_en=f"add {en} to the first line",
        )
    return Columns(places=places, headers=headers)


def _plain(header: str) -> str:
    return unicodedata.normalize("NFKC", header).strip().casefold().replace(" ", "")
