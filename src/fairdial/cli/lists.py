"""`fairdial list`: people to call, from a file. 名单。"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fairdial.app import App
from fairdial.campaign.read_list import read_list
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.contacts.rows import ReadList
from fairdial.ledger.intake import Source, import_list

app = typer.Typer(no_args_is_help=True, help="Lists of people to call. 名单。")


async def import_file(opened: App, path: Path, name: str, *, now: datetime) -> ReadList:
    """Read a list file and put its good rows into the ledger, all or nothing."""
    read, digest = await asyncio.to_thread(read_list, path, packs=opened.packs, now=now)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("导入 importing", total=len(read.contacts))
        await import_list(
            opened.database,
            tenant=opened.settings.tenant,
            name=name,
            source=Source(file_name=path.name, sha256=digest),
            contacts=read.contacts,
            rejected=read.rejected,
            done=lambda: progress.advance(task),
        )
    return read


def show_rejected(console: Console, path: Path, read: ReadList) -> None:
    """One line a rejected row: line, column, why, what to do."""
    console.print(f"{path.name}: {len(read.contacts)} rows taken in 已导入, {len(read.rejected)} rejected 被退回")
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

    async def work(opened: App) -> ReadList:
        return await import_file(opened, path, name, now=await opened.database.now())

    read = in_app(work)
    if as_json:
        print_json({"accepted": len(read.contacts), "rejected": [asdict(row) for row in read.rejected]})
    else:
        show_rejected(Console(), path, read)
