"""Read a list file and the evidence files it names; `core.contacts` says which rows can be used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from fairdial.campaign.table_file import MOST_BYTES, read_bytes, read_table
from fairdial.core.contacts.check import Given, check_rows
from fairdial.core.contacts.columns import find_columns
from fairdial.core.contacts.evidence import named_evidence
from fairdial.core.contacts.rows import Problem, ReadList
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError


def read_list(path: Path, *, packs: Mapping[str, Pack], now: datetime) -> tuple[ReadList, str]:
    """Read a list of people to call.

    Args:
        now: No consent may lie after it.

    Returns:
        Usable contacts and rejected rows, and the file's SHA-256.

    Raises:
        InputError: The file as a whole cannot be used; names it, the line, the column and the remedy.
    """
    content = read_bytes(path)
    table = read_table(path, content)
    columns = find_columns(table)
    if isinstance(columns, Problem):
        raise InputError(f"{path}:1: {columns.reason_zh} {columns.reason_en}; {columns.remedy_zh} {columns.remedy_en}")
    evidence = {name: _hash_inside(path.parent, name) for name in named_evidence(table, columns)}
    return check_rows(table, columns, Given(packs=packs, evidence=evidence, now=now)), sha256(content).hexdigest()


def _hash_inside(folder: Path, name: str) -> str | None:
    """Hash a file in the list's own folder or below; a path that leads out of it names nothing."""
    try:
        path = (folder / name).resolve()
        is_usable = path.is_relative_to(folder.resolve()) and path.is_file() and path.stat().st_size <= MOST_BYTES
        return sha256(path.read_bytes()).hexdigest() if is_usable else None
    except (OSError, ValueError):
        return None
