"""How commands answer: a table to read, or `--json` for programs; and how they reach the ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import RowMapping

from fairdial.app import App, open_app

Json = Annotated[bool, typer.Option("--json", help="Machine-readable answer. 机器可读。")]

_Result = TypeVar("_Result")


def in_app(work: Callable[[App], Awaitable[_Result]]) -> _Result:
    """Open the installation, do the work, close it."""

    async def running() -> _Result:
        async with open_app() as opened:
            return await work(opened)

    return asyncio.run(running())


def print_json(answer: object) -> None:
    """One JSON document in one line; times are ISO 8601, sets are sorted lists, Chinese stands as it is."""
    print(json.dumps(answer, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def write_private(path: Path, words: str) -> None:
    """Write a file with personal data: readable by its owner only."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(words, encoding="utf-8")


def show_rows(rows: Sequence[Mapping[str, Any] | RowMapping], as_json: bool, empty: str) -> None:
    """Rows as a table under their names, or as a JSON list; `empty` is said when there are none.

    Where the table is wider than the terminal, which would cut its cells, each row is a block of lines instead.
    """
    if as_json:
        print_json([dict(row) for row in rows])
        return
    console = Console()
    if not rows:
        console.print(empty)
        return
    table = Table(*rows[0].keys(), box=None)
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    if console.measure(table, options=console.options.update(max_width=_ENDLESS)).maximum <= console.width:
        console.print(table)
        return
    for number, row in enumerate(rows):
        block = Table.grid(padding=(0, 2))
        block.add_column(no_wrap=True)
        block.add_column(overflow="fold")
        for name, value in row.items():
            if value is not None:
                block.add_row(name, _cell(value))
        console.print(*([""] if number else []), block, sep="\n")


_ENDLESS = 10_000


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))
