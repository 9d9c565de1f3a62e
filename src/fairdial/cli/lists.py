"""`fairdial list`: people to call, from a file. 名单。"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from fairdial.app import App
from fairdial.campaign.read_list import open_list
from fairdial.campaign.table_file import read_bytes, read_table
from fairdial.cli.output import Json, in_app, print_json, show_rows, write_private
from fairdial.cli.scrub import EPILOG, scrub_command
from fairdial.core.contacts.columns import COLUMNS
from fairdial.core.contacts.number import Number, read_number
from fairdial.errors import InputError
from fairdial.ledger.people.exports import Handed, export_list, trace
from fairdial.ledger.people.intake import Source, lists
from fairdial.list_intake import Outcome, take_file_in

_EXPORTED = ("name", "title", "number", "region", "product", "expiry", "premium", "segment", "data_source", "basis")
_HEADERS = {field: COLUMNS["source" if field == "data_source" else field][0] for field in _EXPORTED}
_DIGITS = re.compile(r"\+?[0-9][0-9\- ]{5,18}[0-9]")

app = typer.Typer(no_args_is_help=True, help="Lists of people to call. 名单。")
app.command("scrub", epilog=EPILOG)(scrub_command)


async def import_file(opened: App, path: Path, name: str, *, now: datetime) -> Outcome:
    """Read a list file and put its good rows into the ledger, all or nothing."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("导入 importing", total=1.0)
        found = await asyncio.to_thread(open_list, path, packs=opened.packs, now=now)
        outcome, _ = await take_file_in(
            opened.database,
            found.table,
            found.columns,
            found.given,
            tenant=opened.settings.tenant,
            name=name,
            source=Source(file_name=path.name, sha256=found.sha256),
            done=lambda share: progress.update(task, completed=share),
        )
    return outcome


def show_rejected(console: Console, path: Path, read: Outcome) -> None:
    """One line a rejected row: line, column, why, what to do."""
    console.print(f"{path.name}: {read.accepted} rows taken in 已导入, {len(read.rejected)} rejected 被退回")
    for row in read.rejected:
        console.print(
            f"{path.name}:{row.line}: {row.column or '—'}: {row.reason_zh} {row.reason_en}; {row.remedy_zh} {row.remedy_en}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )


@app.command("import", epilog="Example 例: fairdial list import customers.csv --name renewals")
def import_command(
    path: Annotated[Path, typer.Argument(help="CSV or XLSX. 名单文件。")],
    name: Annotated[str, typer.Option(help="Name of the list. 名单名称。")],
    as_json: Json = False,
) -> None:
    """Import a list; every row that cannot be used is reported with line, column and remedy. 导入名单。"""

    async def work(opened: App) -> Outcome:
        return await import_file(opened, path, name, now=await opened.database.now())

    read = in_app(work)
    if as_json:
        print_json({"accepted": read.accepted, "rejected": [asdict(row) for row in read.rejected]})
    else:
        show_rejected(Console(), path, read)


@app.command("list", epilog="Example 例: fairdial list list --json")
def list_command(as_json: Json = False) -> None:
    """List the lists: how many people, from which file. 查看名单。"""
    rows = in_app(lambda opened: lists(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "no list yet; `fairdial list import` takes one in 尚无名单")


@app.command(
    "export",
    epilog="Example 例: fairdial list export renewals --to 催收部 --by 李合规 --canary 13800138000 --out copy.csv",
)
def export_command(
    name: Annotated[str, typer.Argument(help="Name of the list. 名单名称。")],
    to: Annotated[str, typer.Option(help="Who gets the copy; it is kept. 接收人。")],
    by: Annotated[str, typer.Option(help="Who exports; must be allowed private data. 经办人。")],
    out: Annotated[Path, typer.Option(help="CSV file to write. 写入的文件。")],
    canary: Annotated[
        list[str],
        typer.Option(help="A number of your own that you watch, for this copy only; may be repeated. 自有水印号码。"),
    ],
) -> None:
    """Write a copy of a list with numbers of your own in it, by which a leak is traced. 导出带水印的名单。"""

    async def work(opened: App) -> int:
        marks = [_e164(opened, number) for number in canary]
        rows = await export_list(
            opened.database, tenant=opened.settings.tenant, name=name, recipient=to, by=by, canaries=marks
        )
        table = io.StringIO(newline="")
        writer = csv.writer(table)
        writer.writerow(_HEADERS.values())
        writer.writerows([_cell(row, field) for field in _EXPORTED] for row in rows)
        write_private(out, "\ufeff" + table.getvalue())
        return len(rows) - len(marks)

    Console(soft_wrap=True).print(f"{out}: {in_app(work)} people 人, for 给 {to}")


def _cell(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field) or row.get("attributes", {}).get(field)
    return "" if value is None else str(value)


def _e164(opened: App, text: str) -> str:
    number = read_number(text, opened.packs)
    if isinstance(number, Number):
        return number.e164
    raise InputError(f"{text}: {number.reason_zh} {number.reason_en}; {number.remedy_zh} {number.remedy_en}")


@app.command("trace", epilog="Example 例: fairdial list trace leaked.csv")
def trace_command(
    path: Annotated[Path, typer.Argument(help="A file that should not be where it is. 疑似泄露的文件。")],
    as_json: Json = False,
) -> None:
    """Tell whose copy of which list a file comes from, by the numbers of your own in it. 追查泄露来源。"""

    async def work(opened: App) -> list[Handed]:
        table = read_table(path, read_bytes(path))
        texts = {found for _, row in table.rows for cell in row for found in _DIGITS.findall(cell)}
        read = (read_number(text, opened.packs) for text in texts)
        return await trace(opened.database, [number.e164 for number in read if isinstance(number, Number)])

    copies = in_app(work)
    if as_json:
        print_json([asdict(copy) for copy in copies])
        return
    console = Console(soft_wrap=True)
    for copy in copies:
        console.print(
            f"{copy.list}: copy for 给 {copy.recipient}, by 由 {copy.exported_by}, {copy.exported_at:%Y-%m-%d %H:%M}"
        )
    if not copies:
        console.print("no mark of a copy is in it 未发现水印")
