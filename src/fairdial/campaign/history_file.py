"""Files of earlier facts: who has refused, who was called or written to before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from fairdial.campaign.table_file import read_bytes, read_table
from fairdial.core.contacts.check import EARLIEST, LATEST, LIST_ZONE
from fairdial.core.contacts.number import Number, read_number
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError

_AGO = re.compile(r"-([0-9]{1,6}(?:\.[0-9]{1,3})?)h")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBefore:
    number: str
    at: datetime
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactedBefore:
    number: str
    at: datetime
    channel: str
    source: str


def read_refused(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> tuple[list[RefusedBefore], list[str]]:
    """Read `number, at, source, evidence`.

    A row that cannot be read keeps no other refusal out: the more refusals are known, the safer.

    Returns:
        The refusals, and one sentence for each row that could not be read.

    Raises:
        InputError: The file as a whole cannot be used.
    """

    def refused(row: _Row) -> RefusedBefore:
        return RefusedBefore(
            number=row.number(packs), at=row.moment(now), source=row.text("source"), evidence=row.text("evidence")
        )

    refusals, problems = [], []
    for row in _rows(path, ("number", "at", "source", "evidence")):
        try:
            refusals.append(refused(row))
        except InputError as error:
            problems.append(str(error))
    return refusals, problems


def read_contacted(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> list[ContactedBefore]:
    """Read `number, at, channel, source`, channel being call or message; all rows are good or none is taken.

    Raises:
        InputError: Names the file, the line, the column and the remedy.
    """

    def contacted(row: _Row) -> ContactedBefore:
        channel = row.text("channel")
        if channel not in ("call", "message"):
            raise row.error("channel", "write call or message")
        return ContactedBefore(number=row.number(packs), at=row.moment(now), channel=channel, source=row.text("source"))

    return _read(path, ("number", "at", "channel", "source"), contacted)


def read_registry(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> list[tuple[str, datetime | None]]:
    """Read a registry's copy: `number`, and `since` when the registry tells it; all rows are good or none is taken.

    Raises:
        InputError: Names the file, the line, the column and the remedy.
    """
    return _read(
        path, ("number",), lambda row: (row.number(packs), row.moment(now, "since") if row.has("since") else None)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, remedy: str) -> InputError:
        return InputError(f"{self.path}:{self.line}: column {column}: {remedy}")

    def has(self, column: str) -> bool:
        return bool(self.cells.get(column, "").strip())

    def text(self, column: str) -> str:
        value = self.cells.get(column, "").strip()
        if not value:
            raise self.error(column, "不能为空 must not be empty")
        return value

    def number(self, packs: Mapping[str, Pack]) -> str:
        number = read_number(self.text("number"), packs)
        if isinstance(number, Number):
            return number.e164
        raise self.error("number", f"{number.reason_zh} {number.reason_en}; {number.remedy_zh} {number.remedy_en}")

    def moment(self, now: datetime, column: str = "at") -> datetime:
        """An instant, or `-26h`: that many hours before now."""
        text = self.text(column)
        if ago := _AGO.fullmatch(text):
            return now - timedelta(hours=float(ago.group(1)))
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.error(column, "写成 2026-11-20 14:30 或 -26h write 2026-11-20 14:30 or -26h") from error
        at = at if at.tzinfo else at.replace(tzinfo=LIST_ZONE)
        if not EARLIEST < at.date() < LATEST:
            raise self.error(
                column, "日期无法识别 the date cannot be read; 写成 2026-11-20 14:30 write 2026-11-20 14:30"
            )
        if at > now:
            raise self.error(column, "时间在将来 lies in the future")
        return at


_Fact = TypeVar("_Fact")


def _read(path: Path, columns: tuple[str, ...], fact: Callable[[_Row], _Fact]) -> list[_Fact]:
    return [fact(row) for row in _rows(path, columns)]


def _rows(path: Path, columns: tuple[str, ...]) -> list[_Row]:
    table = read_table(path, read_bytes(path))
    header = tuple(h.strip() for h in table.header)
    if missing := [c for c in columns if c not in header]:
        raise InputError(
            f"{path}:1: 缺少列 missing columns: {', '.join(missing)}; 在第一行加上 add them to the first line"
        )
    return [_Row(path=path, line=line, cells=dict(zip(header, cells, strict=False))) for line, cells in table.rows]
