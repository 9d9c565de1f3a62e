"""`fairdial rehearsal`: the practice phone network by hand. 演练网络。"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from fairdial.app import open_app
from fairdial.cli.practice import network_command
from fairdial.ledger.database import set_rehearsal_clock

app = typer.Typer(no_args_is_help=True, help="The practice phone network. 演练网络。")


@app.command("serve", epilog="Example 例: fairdial rehearsal serve examples/insurance-renewal")
def serve(
    folder: Annotated[Path, typer.Argument(help="Example folder with personas. 示例文件夹。")],
    port: Annotated[int, typer.Option(help="SIP port on 127.0.0.1. 端口。")] = 5070,
    log: Annotated[Path, typer.Option(help="Log of everything that reaches it. 日志。")] = Path("network.jsonl"),
    clock_offset_s: Annotated[float, typer.Option(help="Seconds added to logged times. 日志时间偏移(秒)。")] = 0.0,
) -> None:
    """Start the practice network; Ctrl-C ends it. 启动演练网络。"""
    command = network_command(folder, port=port, log=log, clock_offset_s=clock_offset_s)
    os.execv(command[0], command)


@app.command("clock", epilog="Example 例: fairdial rehearsal clock 2026-11-26T09:40")
def clock(
    at: Annotated[datetime, typer.Argument(help="What the clock shows now, Beijing time. 现在的演练时间(北京时间)。")],
) -> None:
    """Move the clock of a database that has practice lines only, to rehearse at any hour. 移动演练时钟。"""

    async def move() -> float:
        async with open_app() as opened:
            offset = at.replace(tzinfo=ZoneInfo("Asia/Shanghai")) - datetime.now(UTC)
            await set_rehearsal_clock(opened.database, offset)
            return offset.total_seconds()

    Console().print(f"rehearsal clock 演练时钟 {at:%Y-%m-%d %H:%M} 北京时间; offset 偏移 {asyncio.run(move()):.0f} s")
