"""`fairdial models`: model files, fetched and verified. 模型文件。"""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import Json, show_rows
from fairdial.errors import ModelError
from fairdial.models import Model, fetch, load_manifest, needed_to, require
from fairdial.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Model files. 模型文件。")

Names = Annotated[list[str] | None, typer.Argument(help="Model names; all when none is given. 模型名称。")]
Purpose = Annotated[str | None, typer.Option("--for", help="run or render. 用途:运行或生成录音。")]


def _chosen(names: list[str] | None, purpose: str | None) -> list[str]:
    if purpose is not None and purpose not in ("run", "render"):
        raise typer.BadParameter("--for is run or render")
    return names or list(needed_to(purpose) if purpose else [m.name for m in load_manifest().values() if m.is_fetched])


@app.command("fetch", epilog="Example 例: fairdial models fetch --for run")
def fetch_command(names: Names = None, purpose: Purpose = None) -> None:
    """Fetch what is missing; resumes, verifies, refuses a mismatch. 下载并校验。"""
    folder = read_settings(os.environ).models
    chosen = _chosen(names, purpose)
    fetch(chosen, folder)
    Console().print(f"{', '.join(chosen)}: verified 已校验, {folder}")


@app.command("list", epilog="Example 例: fairdial models list --json")
def list_command(as_json: Json = False) -> None:
    """What there is, what it is for, and whether it is here. 列出模型。"""
    folder = read_settings(os.environ).models
    models = load_manifest().values()
    rows = [{"name": m.name, "needed_to": m.needed_to, "state": _state(m), "what": m.what} for m in models]
    show_rows(rows, as_json, "no models 没有模型")
    if not as_json:
        Console().print(f"{folder}")


@app.command("verify", epilog="Example 例: fairdial models verify whisper-base")
def verify_command(names: Names = None, purpose: Purpose = None, as_json: Json = False) -> None:
    """Check the hash of every file; exit 3 when one is missing or differs. 校验。"""
    folder = read_settings(os.environ).models
    rows = []
    for name in _chosen(names, purpose):
        require(name, folder)
        rows.append({"name": name, "state": "ready 就绪"})
    show_rows(rows, as_json, "no models 没有模型")


def _state(model: Model) -> str:
    if not model.is_fetched:
        return "not fetched 自备"
    try:
        require(model.name, read_settings(os.environ).models)
    except ModelError:
        return "missing 缺"
    return "ready 就绪"
