"""`fairdial models`: model files, fetched and verified. 模型文件。"""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairdial.errors import ModelError
from fairdial.models import fetch, load_manifest, needed_to, require
from fairdial.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Model files. 模型文件。")

Names = Annotated[list[str] | None, typer.Argument(help="Model names; all when none is given. 模型名称。")]
Purpose = Annotated[str | None, typer.Option("--for", help="run or render. 用途:运行或生成录音。")]


def _chosen(names: list[str] | None, purpose: str | None) -> list[str]:
    if purpose is not None and purpose not in ("run", "render"):
        raise typer.BadParameter("--for is run or render")
    return names or list(needed_to(purpose) if purpose else load_manifest())


@app.command("fetch", epilog="Example 例: fairdial models fetch --for run")
def fetch_command(names: Names = None, purpose: Purpose = None) -> None:
    """Fetch what is missing; resumes, verifies, refuses a mismatch. 下载并校验。"""
    folder = read_settings(os.environ).models
    chosen = _chosen(names, purpose)
    fetch(chosen, folder)
    Console().print(f"{', '.join(chosen)}: verified 已校验, {folder}")


@app.command("list", epilog="Example 例: fairdial models list --json")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """What there is, what it is for, and whether it is here. 列出模型。"""
    folder = read_settings(os.environ).models
    rows = [(m.name, m.needed_to, _state(m.name), m.what) for m in load_manifest().values()]
    if as_json:
        keys = ("name", "needed_to", "state", "what")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], ensure_ascii=False))
        return
    table = Table("模型 model", "用途 needed to", "状态 state", "说明 what", box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table, f"{folder}")


@app.command("verify", epilog="Example 例: fairdial models verify whisper-base")
def verify_command(names: Names = None, purpose: Purpose = None) -> None:
    """Check the hash of every file; exit 3 when one is missing or differs. 校验。"""
    folder = read_settings(os.environ).models
    for name in _chosen(names, purpose):
        require(name, folder)
        Console().print(f"{name}: ok")


def _state(name: str) -> str:
    try:
        require(name, read_settings(os.environ).models)
    except ModelError:
        return "missing 缺"
    return "ready 就绪"
