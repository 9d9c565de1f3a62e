"""The columns of a list, found by their Chinese or English names.

Pure. Columns nobody knows are left alone; a required one that is missing is a `Problem`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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

_ALSO: Mapping[str, tuple[str, ...]] = {
    "name": ("客户姓名", "姓氏", "full name", "surname"),
    "title": ("称谓",),
    "number": ("电话号码", "手机号", "手机号码", "联系电话", "mobile", "phone number", "telephone"),
    "region": ("归属地", "所在地区", "city"),
    "product": ("产品名称",),
    "expiry": ("到期日期", "expiry date"),
    "source": ("来源", "号码来源"),
}
"""Headers that probably mean a field: proposed to somebody who looks, never taken unasked."""

REQUIRED = ("name", "number", "source", "basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each field stands: its place in a row and its header as the file spells it.

    Attributes:
        same: What holds for every row whose own cell is empty or whose column is missing.
    """

    places: Mapping[str, int]
    headers: Mapping[str, str]
    same: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> Sequence[str]:
        """Every field that a row may have a value for."""
        return [name for name in COLUMNS if name in self.places or name in self.same]

    def value(self, cells: tuple[str, ...], field: str) -> str:
        """The cell of a field without surrounding blanks; empty when the column or cell is missing and nothing holds for all."""
        place = self.places.get(field)
        cell = cells[place].strip() if place is not None and place < len(cells) else ""
        return cell or self.same.get(field, "")

    def header(self, field: str) -> str:
        return self.headers.get(field, COLUMNS[field][0])


def find_columns(table: Table, required: Sequence[str] = REQUIRED) -> Columns | Problem:
    """Find the fields of a table by its header; `required` ones must be there."""
    by_header = _by_header()
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
    return _missing(missing) if missing else Columns(places=places, headers=headers)


def proposed(header: Sequence[str]) -> dict[str, int]:
    """The place of each field as its header tells, the first of several; for somebody to confirm or to change."""
    places = dict[str, int]()
    probably = {_plain(name): field for field, names in _ALSO.items() for name in names}
    for by_header in (_by_header(), probably):
        for place, name in enumerate(header):
            found = by_header.get(_plain(name))
            if found is not None:
                places.setdefault(found, place)
    return places


def chosen(header: Sequence[str], places: Mapping[str, int], same: Mapping[str, str]) -> Columns | Problem:
    """Columns as somebody chose them.

    Args:
        places: The place in a row, from 0, of each field.
        same: What holds for all rows, by field; a row's own cell comes first.

    Returns:
        A problem when a field or place is not known, a place is chosen twice, or a required field is nowhere.
    """
    odd = [name for name in (*places, *same) if name not in COLUMNS]
    odd += [name for name, place in places.items() if not 0 <= place < len(header)]
    if odd:
        return Problem(
            reason_zh=f"没有这样的字段或列:{'、'.join(odd)}",
            reason_en=f"no such field or column: {', '.join(odd)}",
            remedy_zh=f"字段为 {'、'.join(COLUMNS)},列从 0 数起",
            remedy_en=f"fields are {', '.join(COLUMNS)}, columns are counted from 0",
        )
    if len(set(places.values())) < len(places):
        return Problem(
            reason_zh="一列对应了多个字段",
            reason_en="one column is chosen for several fields",
            remedy_zh="每列只对应一个字段",
            remedy_en="choose each column for one field",
        )
    kept = {name: value.strip() for name, value in same.items() if value.strip()}
    missing = [name for name in REQUIRED if name not in places and name not in kept]
    if missing:
        return _missing(missing)
    return Columns(places=places, headers={name: header[place] for name, place in places.items()}, same=kept)


def _missing(fields: Sequence[str]) -> Problem:
    zh, en = "、".join(COLUMNS[f][0] for f in fields), ", ".join(COLUMNS[f][-1] for f in fields)
    return Problem(
        reason_zh=f"缺少列:{zh}",
        reason_en=f"missing columns: {en}",
        remedy_zh=f"在第一行加上 {zh}",
        remedy_en=f"add {en} to the first line",
    )


def _by_header() -> dict[str, str]:
    return {_plain(h): field for field, headers in COLUMNS.items() for h in headers}


def _plain(header: str) -> str:
    return unicodedata.normalize("NFKC", header).strip().casefold().replace(" ", "")
