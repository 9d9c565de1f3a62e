"""`fairdial demo`: the whole story once, against the practice phone network. 演示。"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.app.run import RunOptions, run_campaign
from fairdial.app.runs import Folders
from fairdial.cli.demo_console import open_console
from fairdial.cli.evidence import export_file
from fairdial.cli.history import take_contacts, take_refusals
from fairdial.cli.lists import import_file, show_rejected
from fairdial.cli.practice import CHINA, OPENS_AT, Practice, point_line, practice_network, prepare, set_clock
from fairdial.cli.progress import CallProgress, say_stopped
from fairdial.cli.report import write_report
from fairdial.cli.script import read_sound_script
from fairdial.core.policy.case import Purpose
from fairdial.errors import InputError
from fairdial.ledger.embedded import remove_embedded
from fairdial.ledger.parties import other_tenants
from fairdial.models import MODELS_TO_RUN, fetch
from fairdial.settings import Settings, read_settings

_CAMPAIGN = "insurance-renewal"
_EXAMPLE = Path(__file__).parents[3] / "examples" / _CAMPAIGN
_EVIDENCE = "evidence.jsonl"
_MARK, _FINISHED, _DATABASE = ".demo", ".finished", ".database"
"""In the report's folder: that a demo made it, that its last run ended (the next one begins anew), its database."""

_CAPACITY = 6


def demo(
    example: Annotated[Path | None, typer.Option(help="Example folder. 示例文件夹。")] = None,
    report: Annotated[Path, typer.Option(help="Where the report goes. 报告存放处。")] = Path("demo-report"),
    runs: Annotated[int, typer.Option(help="Runs against the same database. 运行次数。", min=1)] = 2,
    capacity: Annotated[int, typer.Option(help="Calls at once. 并发数。", min=1, max=40)] = _CAPACITY,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew even if a demo was interrupted. 放弃中断的演示,重新开始。")
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="End with the console open. 演示结束后打开控制台。")
    ] = True,
    port: Annotated[int, typer.Option(help="Port of the console; another one if it is taken. 控制台端口。")] = 8080,
) -> None:
    """Import a list, ask the gate, call whoever may be called, then do it all again. 完整演示。

    Everything is real but the people: SIP and RTP on loopback, PostgreSQL, recognition. Afterwards the console stays open
    to the demo's calls until Ctrl-C (not where nobody reads the output, such as in a pipe), and demo-report/report.html
    can be read at any time. A demo that was interrupted goes on where it stopped; a finished one begins anew.
    """
    at = port if serve and sys.stdout.isatty() else None
    if serve and at is None:
        typer.echo(
            "the output is no terminal: the console is not opened afterwards 输出不是终端,演示后不打开控制台", err=True
        )
    asyncio.run(_demo(example or _EXAMPLE, report.absolute(), runs=runs, capacity=capacity, fresh=fresh, port=at))


async def _demo(example: Path, folder: Path, *, runs: int, capacity: int, fresh: bool, port: int | None) -> None:
    """The demo; `port` is where the console is served afterwards, None when it is not."""
    console = Console(soft_wrap=True)
    settings = _own_database(read_settings(os.environ), folder, fresh=fresh)
    fetch(MODELS_TO_RUN, settings.models)
    async with open_app(settings) as opened:
        await _refuse_others(opened)
        offset = await set_clock(opened)
        console.print(f"[bold]1[/bold] database ready 数据库就绪; rehearsal clock 演练时钟 {_local(offset)}")
        practice = Practice(folder=example, campaign=_CAMPAIGN, capacity=capacity)
        await _prepare(opened, practice, console)
        async with practice_network(example, folder / "network.jsonl", offset) as sip_port:
            await point_line(opened, practice, Purpose.SERVICE, port=sip_port)
            for number in range(1, runs + 1):
                if was_stopped := await _run(opened, example, folder, console, number):
                    break
            await _finish(opened, example, folder, console, was_stopped=was_stopped)
            if port is not None and not was_stopped:
                clips = Folders(clips=example / "clips", recordings=folder / "recordings")
                await open_console(opened, clips, console, port=port)


async def _finish(opened: App, example: Path, folder: Path, console: Console, *, was_stopped: bool) -> None:
    """Write what is read afterwards, and say where it is."""
    personas = json.loads((example / "personas-assign.json").read_text(encoding="utf-8"))
    result = await write_report(opened, _CAMPAIGN, folder, recordings=folder / "recordings", persona_of=personas)
    now = await opened.database.now()
    lines = await export_file(
        opened, folder / _EVIDENCE, since=now - timedelta(days=3650), until=now + timedelta(days=1)
    )
    _conclude(console, folder, result, lines)
    if was_stopped:
        say_stopped(console, "make demo")
    (folder / _FINISHED).touch()


def _own_database(settings: Settings, folder: Path, *, fresh: bool) -> Settings:
    """The demo keeps its database beside its report, unless a server is set; a finished one begins anew.

    Raises:
        InputError: The folder holds something that no demo made.
    """
    own = replace(settings, home=folder / _DATABASE, tenant="晴川保险")
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise InputError(
            f"{folder}: is not empty and was not made by a demo; remove it, or name another folder with --report"
        )
    if (fresh or (folder / _FINISHED).exists()) and settings.database_url is None:
        remove_embedded(own.home)
        _forget(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    return own


def _forget(folder: Path) -> None:
    """Remove what an earlier demo left in its own folder."""
    for name in ("report.html", "report.json", "network.jsonl", _EVIDENCE, _FINISHED):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "recordings", ignore_errors=True)


async def _refuse_others(opened: App) -> None:
    """A demo moves the clock: it takes no database in which somebody else works."""
    if opened.settings.database_url is not None and await other_tenants(opened.database, opened.settings.tenant):
        raise InputError("FAIRDIAL_DATABASE_URL: this database has other tenants; give the demo one of its own")


def _local(offset: timedelta) -> str:
    return f"{(datetime.now(UTC) + offset).astimezone(CHINA):%Y-%m-%d %H:%M} 北京时间"


async def _prepare(opened: App, practice: Practice, console: Console) -> None:
    database, example = opened.database, practice.folder
    customers = example / "customers.csv"
    read = await import_file(opened, customers, _CAMPAIGN, now=await database.now())
    console.print("[bold]2[/bold] list 名单")
    show_rejected(console, customers, read)
    morning = (await database.now()).astimezone(CHINA).replace(hour=OPENS_AT.hour, minute=0, second=0, microsecond=0)
    await take_refusals(opened, example / "refused-before.csv", now=morning)
    await take_contacts(opened, example / "contacted-before.csv", now=morning)
    content, script = read_sound_script(example / "script.yaml")
    await prepare(opened, practice, content, script)
    console.print(f"[bold]3[/bold] script 话术 {script.title} {script.hash[:12]} approved 已审核")


async def _run(opened: App, example: Path, folder: Path, console: Console, number: int) -> bool:
    """One run; True when it was stopped before its end."""
    note = "" if number == 1 else " — the same list against the same database 同一名单、同一数据库"
    console.print(f"[bold]{number + 3}[/bold] run 第 {number} 次{note}")
    with CallProgress(console) as progress:
        options = RunOptions(clips=example / "clips", recordings=folder / "recordings", watcher=progress.watcher)
        ran = await run_campaign(opened, _CAMPAIGN, options)
    progress.summary(ran.punctuality)
    return ran.was_stopped


def _conclude(console: Console, folder: Path, report: dict[str, Any], evidence_lines: int) -> None:
    counts = report["counts"]
    console.print(
        f"[bold]done 完成[/bold]: {len(report['attempts'])} calls 通电话, {counts['refusals']} refusals recorded 条拒绝已登记, "
        f"{counts['calls_without_permit']} calls without permit 无许可\n"
        f"check 核对 ({evidence_lines} lines 行): fairdial evidence verify {folder / _EVIDENCE}\n"
        f"read and hear 看报告、听录音: {folder / 'report.html'}"
    )
