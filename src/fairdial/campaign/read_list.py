"""Read a list file and the evidence files it names; `core.contacts` says which rows can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from fairdial.campaign.table_file import MOST_BYTES, OpenTable, open_table, read_bytes
from fairdial.core.contacts.check import Given, check_rows
from fairdial.core.contacts.columns import Columns, find_columns
from fairdial.core.contacts.evidence import named_evidence
from fairdial.core.contacts.rows import Problem, ReadList, Table
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenList:
    """A list file whose columns are known and whose evidence files are hashed; its rows are not checked yet."""

    table: OpenTable
    columns: Columns
    given: Given
    sha256: str


def open_list(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> OpenList:
    """Open a list of people to call.

    Args:
        now: No consent may lie after it.

    Raises:
        InputError: The file as a whole cannot be used; names it, the line, the column and the remedy.
    """
    content = read_bytes(path)
    table = open_table(path, content)
    columns = find_columns(Table(header=table.header, rows=()))
    if isinstance(columns, Problem):
        raise InputError(f"{path}:1: {columns.reason_zh} {columns.reason_en}; {columns.remedy_zh} {columns.remedy_en}")
    evidence = {name: _hash_inside(path.parent, name) for name in named_evidence(table, columns)}
    given = Given(packs=packs, evidence=evidence, now=now)
    return OpenList(table=table, columns=columns, given=given, sha256=sha256(content).hexdigest())


def read_list(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> tuple[ReadList, str]:
    """Read a whole list at once.

    Returns:
        Usable contacts and rejected rows, and the file's SHA-256.

    Raises:
        InputError: As `open_list`, and for any of its rows.
    """
    opened = open_list(path, packs=packs, now=now)
    table = Table(header=opened.table.header, rows=tuple(opened.table))
    return check_rows(table, opened.columns, opened.given), opened.sha256


def _hash_inside(folder: Path, name: str) -> str | None:
    """Hash a file in the list's own folder or below; a path that leads out of it names nothing."""
    try:
        path = (folder / name).resolve()
        is_usable = path.is_relative_to(folder.resolve()) and path.is_file() and path.stat().st_size <= MOST_BYTES
        return sha256(path.read_bytes()).hexdigest() if is_usable else None
    except (OSError, ValueError):
        return None
