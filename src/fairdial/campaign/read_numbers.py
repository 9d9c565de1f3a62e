"""Read the numbers of a list file and nothing else of it, as the import of lists reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fairdial.campaign.table_file import read_bytes, read_table
from fairdial.core.contacts.columns import find_columns
from fairdial.core.contacts.number import Number, read_number
from fairdial.core.contacts.rows import Problem, RejectedRow
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError

_ROWS_A_STEP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A row whose number can be read; `number` is E.164, `cells` is the row as the file has it."""

    line: int
    number: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    header: tuple[str, ...]
    rows: tuple[NumberRow, ...]
    rejected: tuple[RejectedRow, ...]


def read_numbers(
    path: Path, *, packs: Mapping[str, Pack], done: Callable[[float], object] = lambda _share: None
) -> Numbers:
    """Read a list that need have no column but the number.

    Args:
        done: Called now and then with the share of rows that are read, in [0, 1].

    Raises:
        InputError: The file as a whole cannot be used; names it, the line and the remedy.
    """
    table = read_table(path, read_bytes(path))
    columns = find_columns(table, required=("number",))
    if isinstance(columns, Problem):
        raise InputError(f"{path}:1: {columns.reason_zh} {columns.reason_en}; {columns.remedy_zh} {columns.remedy_en}")
    rows, rejected = [], []
    for count, (line, cells) in enumerate(table.rows, start=1):
        number = read_number(columns.value(cells, "number"), packs)
        if isinstance(number, Number):
            rows.append(NumberRow(line=line, number=number.e164, cells=cells))
        else:
            rejected.append(RejectedRow(line=line, column=columns.header("number"), **asdict(number)))
        if count % _ROWS_A_STEP == 0:
            done(count / len(table.rows))
    return Numbers(header=table.header, rows=tuple(rows), rejected=tuple(rejected))
