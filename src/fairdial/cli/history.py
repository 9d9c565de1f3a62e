"""`fairdial history`: refusals and contacts known from before. 以往的拒绝和联系记录。"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.campaign.history_file import read_contacted, read_refused
from fairdial.ledger.people.intake import EarlierContact, EarlierRefusal, import_contacts_made, import_refusals

app = typer.Typer(no_args_is_help=True, help="Earlier refusals and contacts. 以往记录。")

HistoryFile = Annotated[Path, typer.Argument(help="CSV file. 文件。")]


async def take_refusals(opened: App, path: Path, *, now: datetime) -> tuple[int, list[str]]:
    """Put the refusals of a file into the ledger; returns how many were new, and what could not be read."""
    read, problems = read_refused(path, packs=opened.packs, now=now)
    refusals = [EarlierRefusal(number=r.number, refused_at=r.at, source=r.source, evidence=r.evidence) for r in read]
    return await import_refusals(opened.database, tenant=opened.settings.tenant, refusals=refusals), problems


async def take_contacts(opened: App, path: Path, *, now: datetime) -> int:
    """Put the earlier calls and messages of a file into the ledger; returns how many were new."""
    made = [
        EarlierContact(number=c.number, at=c.at, channel=c.channel, source=c.source)
        for c in read_contacted(path, packs=opened.packs, now=now)
    ]
    return await import_contacts_made(opened.database, tenant=opened.settings.tenant, made=made)


@app.command("refused", epilog="Example 例: fairdial history refused refused-before.csv")
def refused(path: HistoryFile) -> None:
    """Import people who refused before; they are never called. 导入以往拒绝的人。"""

    async def run() -> tuple[int, list[str]]:
        async with open_app() as opened:
            return await take_refusals(opened, path, now=await opened.database.now())

    added, problems = asyncio.run(run())
    console = Console(soft_wrap=True)
    for problem in problems:
        console.print(problem, highlight=False, markup=False)
    console.print(f"{added} new refusals 条新的拒绝, {len(problems)} rows not read 行未能读取")
    if problems:
        raise typer.Exit(1)


@app.command("contacted", epilog="Example 例: fairdial history contacted contacted-before.csv")
def contacted(path: HistoryFile) -> None:
    """Import calls and messages made before; they count against each person's allowance. 导入以往联系。"""

    async def run() -> int:
        async with open_app() as opened:
            return await take_contacts(opened, path, now=await opened.database.now())

    Console().print(f"{asyncio.run(run())} earlier contacts 条以往联系")
