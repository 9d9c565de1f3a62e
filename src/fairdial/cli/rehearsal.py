"""`fairdial rehearsal`: the practice phone network by hand. 演练网络。"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The practice phone network. 演练网络。")


@app.command("serve", epilog="Example 例: fairdial rehearsal serve examples/insurance-renewal")
def serve(
    folder: Annotated[Path, typer.Argument(help="Example folder with personas. 示例文件夹。")],
    port: Annotated[int, typer.Option(help="SIP port on 127.0.0.1. 端口。")] = 5070,
    log: Annotated[Path, typer.Option(help="Log of everything that reaches it. 日志。")] = Path("network.jsonl"),
) -> None:
    """Start the practice network; Ctrl-C ends it. 启动演练网络。"""
    raise typer.Exit(subprocess.call(network_command(folder, port=port, log=log, clock_offset_s=0.0)))


def network_command(folder: Path, *, port: int, log: Path, clock_offset_s: float) -> list[str]:
    """The command line of the practice network's own process for an example folder."""
    return [
        sys.executable,
        "-m",
        "fairdial.rehearsal",
        *("--personas", str(folder / "personas.yaml")),
        *("--assign", str(folder / "personas-assign.json")),
        *("--clips", str(folder / "persona-clips")),
        *("--log", str(log)),
        *("--sip-port", str(port)),
        *("--clock-offset", f"{clock_offset_s:.3f}"),
    ]
