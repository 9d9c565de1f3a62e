"""`fairdial campaign`: a purpose, an approved script, a list, a line. 外呼任务。"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.app.campaigns import check_campaign, plan_campaign
from fairdial.campaign_plan import plan_as_plain, read_plan
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.campaign.check import Finding
from fairdial.core.campaign.life import Move
from fairdial.core.policy.case import Purpose
from fairdial.ledger.campaigns import Stands, move, next_due
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
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on until nobody will be due any more. 持续到全部客户处理完毕。")
    ] = False,
    order: Annotated[int | None, typer.Option("--order", hidden=True)] = None,
    drain_s: Annotated[float, typer.Option("--drain-s", hidden=True)] = 60.0,
    ends_with_parent: Annotated[bool, typer.Option("--ends-with-parent", hidden=True)] = False,
) -> None:
    """Ask the gate for everybody and call whoever may be called. 运行任务。

    Ctrl-C starts no more calls and lets the living ones say goodbye; the same command goes on later.
    """
    # Here, because loading what calls takes seconds, and whoever plans or pauses a campaign calls nobody.
    from fairdial.app.observed import observed
    from fairdial.app.run import RunOptions, run_campaign
    from fairdial.cli.progress import CallProgress, say_stopped

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
                    order=order,
                    stays=stay,
                    drain_s=drain_s,
                )
                async with observed(opened, "run", recordings=recordings):
                    ran = await run_campaign(opened, name, options)
            progress.summary(ran.punctuality)
            due = None if ran.task is None else await next_due(opened.database, ran.task.campaign_id)
            now = await opened.database.now()
        if due is not None and due > now and not ran.was_stopped:
            Console(soft_wrap=True).print(
                f"somebody is due again {due.astimezone():%Y-%m-%d %H:%M}; the same command goes on then"
                " 届时再次运行同一命令即可继续",
                highlight=False,
            )
        if ran.was_stopped:
            say_stopped(Console(soft_wrap=True), _again(name, clips, recordings, processes, stay))

    asyncio.run(calling())


async def stop_with_parent() -> None:
    """Be stopped as by Ctrl-C once standard input ends: whoever started this is gone."""

    class Ends(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    await asyncio.get_running_loop().connect_read_pipe(Ends, sys.stdin)


def _again(name: str, clips: Path, recordings: Path, processes: int | None, stay: bool) -> str:
    """The command that goes on, as it can be typed."""
    words = ["fairdial", "campaign", "run", name, "--clips", str(clips), "--recordings", str(recordings)]
    more = [] if processes is None else ["--processes", str(processes)]
    return shlex.join([*words, *more, *(["--stay"] if stay else [])])


Name = Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")]
By = Annotated[str, typer.Option(help="Who does it; it is kept as an event. 经办人,会留痕。")]


@app.command("check", epilog="Example 例: fairdial campaign check renewals-december --json")
def check(name: Name, as_json: Json = False) -> None:
    """How a campaign stands and what contradicts in it, alone, with the law's hours or beside another. 检查任务。"""

    async def work(opened: App) -> Stands:
        return await check_campaign(opened, tenant=opened.settings.tenant, campaign=name)

    found = in_app(work)
    if as_json:
        held = found.held and asdict(found.held)
        findings = [asdict(finding) for finding in found.findings]
        print_json({"state": found.state, "plan": plan_as_plain(found.plan), "held": held, "findings": findings})
        return
    Console().print(f"{name}: {found.state}")
    _show(found.findings)


@app.command("plan", epilog="Example 例: fairdial campaign plan renewals-december plan.yaml --by 王运营")
def plan(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The plan (docs/examples/campaign-plan.yaml). 计划文件。")],
    by: By,
) -> None:
    """Give a campaign its start and stop, hours, limits, priority and retries; what is left out is as if never set. 设定计划。"""
    given = read_plan(file)

    async def work(opened: App) -> Sequence[Finding]:
        return await plan_campaign(opened, tenant=opened.settings.tenant, campaign=name, plan=given, by=by)

    found = in_app(work)
    Console().print(f"{name}: planned 已设定")
    _show(found)


@app.command("pause", epilog="Example 例: fairdial campaign pause renewals-december --by 王运营")
def pause(name: Name, by: By) -> None:
    """Start no more calls, anywhere, from now on; living ones go on to their end. 暂停:立即停止新呼叫,进行中的通话继续。"""
    _move(name, Move.PAUSE, by)


@app.command("resume", epilog="Example 例: fairdial campaign resume renewals-december --by 王运营")
def resume(name: Name, by: By) -> None:
    """Let a paused campaign call again; `campaign run` goes on with it. 恢复,再用 campaign run 继续。"""
    _move(name, Move.RESUME, by)


@app.command("finish", epilog="Example 例: fairdial campaign finish renewals-december --by 王运营")
def finish(name: Name, by: By) -> None:
    """End a campaign for good: nobody of it is called any more. 结束任务,不再呼叫。"""
    _move(name, Move.FINISH, by)


def _move(name: str, asked: Move, by: str) -> None:
    async def work(opened: App) -> None:
        state = await move(opened.database, tenant=opened.settings.tenant, campaign=name, move=asked, by=by)
        Console().print(f"{name}: {state}")

    in_app(work)


def _show(found: Sequence[Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for one in found:
        tone = "[red]refused 不可用[/red]" if one.refuses else "[yellow]look at 请留意[/yellow]"
        console.print(f"{tone} {one.code}: {one.en} {one.zh}")
