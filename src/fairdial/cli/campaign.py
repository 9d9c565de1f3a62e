"""`fairdial campaign`: a purpose, an approved script, a list, a line. 外呼任务。"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import open_app
from fairdial.app.observed import observed
from fairdial.app.run import RunOptions, run_campaign
from fairdial.cli.progress import CallProgress, say_stopped
from fairdial.core.policy.case import Purpose
from fairdial.ledger.scripts import store_script
from fairdial.ledger.setup import create_campaign
from fairdial.script_file import read_script_file
from fairdial.settings import MOST_PROCESSES

app = typer.Typer(no_args_is_help=True, help="Campaigns. 外呼任务。")

_CREATE = (
    "Example 例: fairdial campaign create renewals-december --list renewals --script script.yaml"
    " --line trunk-1 --caller-number +861012345678"
)


@app.command("create", epilog=_CREATE)
def create(
    name: Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")],
    contact_list: Annotated[str, typer.Option("--list", help="An imported list. 已导入的名单。")],
    script: Annotated[Path, typer.Option(help="Script file, approved before. 已审核的话术文件。")],
    line: Annotated[
        list[str],
        typer.Option(help="A line added before; may be repeated, the healthiest is used. 已登记的线路,可重复。"),
    ],
    caller_number: Annotated[
        list[str],
        typer.Option(
            "--caller-number",
            "--caller",
            help="A caller number added before; may be repeated. 已登记的主叫号码,可重复。",
        ),
    ],
) -> None:
    """Create a campaign and put every contact of its list into it. 新建任务。

    With several caller numbers each contact is shown one, and always the same: one of its region first.
    """
    content, parsed = read_script_file(script)

    async def run() -> None:
        async with open_app() as opened:
            tenant = opened.settings.tenant
            await store_script(opened.database, tenant=tenant, content=content, script=parsed)
            await create_campaign(
                opened.database,
                tenant=tenant,
                name=name,
                purpose=Purpose(parsed.purpose),
                contact_list=contact_list,
                script_hash=parsed.hash,
                line=line[0],
                caller_number=caller_number[0],
                topics=parsed.topics,
                more_lines=line[1:],
                more_caller_numbers=caller_number[1:],
            )
            Console().print(f"{name}: {parsed.purpose}, script {parsed.hash[:12]}, line {', '.join(line)}")

    asyncio.run(run())


@app.command("run", epilog="Example 例: fairdial campaign run renewals-december --clips clips")
def run(
    name: Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")],
    clips: Annotated[Path, typer.Option(help="Folder of the script's clips. 录音文件夹。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings go. 通话录音存放处。")] = Path("recordings"),
    processes: Annotated[
        int | None,
        typer.Option(
            help="Spread the line's calls over so many processes; FAIRDIAL_PROCESSES without it. 分摊到几个进程。",
            min=1,
            max=MOST_PROCESSES,
        ),
    ] = None,
    ends_with_parent: Annotated[bool, typer.Option("--ends-with-parent", hidden=True)] = False,
) -> None:
    """Ask the gate for everybody and call whoever may be called. 运行任务。

    Ctrl-C starts no more calls and lets the living ones say goodbye; the same command goes on later.
    """

    async def calling() -> None:
        if ends_with_parent:
            await stop_with_parent()
        async with open_app() as opened:
            with CallProgress(Console()) as progress:
                options = RunOptions(
                    clips=clips,
                    recordings=recordings,
                    watcher=progress.watcher,
                    processes=processes or opened.settings.processes,
                )
                async with observed(opened, "run", recordings=recordings):
                    ran = await run_campaign(opened, name, options)
            progress.summary(ran.punctuality)
        if ran.was_stopped:
            say_stopped(Console(soft_wrap=True), _again(name, clips, recordings, processes))

    asyncio.run(calling())


async def stop_with_parent() -> None:
    """Be stopped as by Ctrl-C once standard input ends: whoever started this is gone."""

    class Ends(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    await asyncio.get_running_loop().connect_read_pipe(Ends, sys.stdin)


def _again(name: str, clips: Path, recordings: Path, processes: int | None) -> str:
    """The command that goes on, as it can be typed."""
    words = ["fairdial", "campaign", "run", name, "--clips", str(clips), "--recordings", str(recordings)]
    return shlex.join(words if processes is None else [*words, "--processes", str(processes)])
