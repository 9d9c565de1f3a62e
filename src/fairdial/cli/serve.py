"""`fairdial serve` and `fairdial worker`: what runs until it is stopped. 网页服务与工作进程。"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import open_app
from fairdial.app.observed import observed
from fairdial.app.runs import MOST_RUNS, Folders, RunWorker
from fairdial.app.webhooks import tell_in_turn
from fairdial.cli.serving import Door, serve_until_stopped, work_until_stopped
from fairdial.errors import SettingsError
from fairdial.upkeep import upkeep

Host = Annotated[str, typer.Option(help="Address to listen on; others than this machine's want TLS. 监听地址。")]
Port = Annotated[int, typer.Option(help="Port to listen on. 端口。", min=1, max=65535)]

EPILOG = "Example 例: fairdial serve --clips clips"
WORKER_EPILOG = "Example 例: fairdial worker --clips clips"


def serve_command(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    certificate: Annotated[str | None, typer.Option(help="TLS certificate, PEM. 证书文件。")] = None,
    key: Annotated[str | None, typer.Option(help="Its private key, PEM. 私钥文件。")] = None,
    recordings: Annotated[Path, typer.Option(help="Where recordings lie. 录音文件夹。")] = Path("recordings"),
    clips: Annotated[
        Path | None, typer.Option(help="Folder of clips; without it no campaign is run here. 话术录音文件夹。")
    ] = None,
    worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker", help="Run campaigns here, too, where there are clips. 是否同时运行外呼任务。"
        ),
    ] = True,
) -> None:
    """Serve the API and the console until stopped, and run what is started there. 启动网页服务。"""
    if (certificate is None) != (key is None):
        raise SettingsError("--certificate and --key belong together 证书与私钥须同时给出")
    if certificate is None and not _is_loopback(host):
        raise SettingsError(
            f"{host} can be reached by others: give --certificate and --key, or listen on 127.0.0.1 behind a proxy"
            " that speaks TLS 对外监听须启用 TLS"
        )
    door = Door(host=host, port=port, certificate=certificate, key=key)
    asyncio.run(_serve(door, recordings, clips, runs_here=worker and clips is not None))


async def _serve(door: Door, recordings: Path, clips: Path | None, *, runs_here: bool) -> None:
    def ready() -> None:
        console = Console(soft_wrap=True)
        console.print(f"serving 服务地址: {door.address}  (Ctrl-C stops 停止)")
        if not runs_here:
            console.print("campaigns are run by `fairdial worker --clips FOLDER` 外呼任务由 fairdial worker 运行")

    async with open_app() as opened:
        worker = RunWorker(opened, Folders(clips=clips, recordings=recordings)) if runs_here and clips else None
        async with (
            observed(opened, "server", recordings=recordings if worker else None),
            upkeep(opened.watch.chores([tell_in_turn(opened)])),
        ):
            await serve_until_stopped(opened, door, recordings=recordings, clips=clips, worker=worker, ready=ready)


def worker_command(
    clips: Annotated[Path, typer.Option(help="Folder of clips. 话术录音文件夹。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings go. 通话录音存放处。")] = Path("recordings"),
    campaigns: Annotated[
        int, typer.Option(help="Campaigns it carries at once; each takes a process. 同时运行的任务数。", min=1, max=64)
    ] = MOST_RUNS,
    drain_s: Annotated[
        float,
        typer.Option(
            "--drain-s", help="Seconds living calls get to end on SIGTERM. 退出前等待通话结束的秒数。", min=0, max=3600
        ),
    ] = 60.0,
) -> None:
    """Carry the campaigns that `fairdial campaign start` or the console orders; any number of workers, on any machine. 运行外呼任务的进程。

    Any number may run, on any number of machines: they carry each campaign together, by its priority, within the limits of
    its lines. SIGTERM lets living calls end and leaves the rest to the others; Ctrl-C has them say goodbye at once.
    可在多台机器上同时运行多个进程,共同承担同一任务。
    """

    async def work() -> None:
        async with open_app() as opened:
            folders = Folders(clips=clips, recordings=recordings)
            worker = RunWorker(opened, folders, most=campaigns, drain_s=drain_s)
            Console(soft_wrap=True).print(f"worker 工作进程: {worker.name}  (Ctrl-C stops 停止)")
            async with (
                observed(opened, "order-taker", recordings=recordings),
                upkeep(opened.watch.chores([tell_in_turn(opened)])),
            ):
                await work_until_stopped(worker)

    asyncio.run(work())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
