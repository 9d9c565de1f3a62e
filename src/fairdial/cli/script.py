"""`fairdial script`: check, approve and render what is said. 话术:检查、审核、生成录音。"""

from __future__ import annotations

import asyncio
import importlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.progress import Progress

from fairdial.app import open_app
from fairdial.campaign.read_list import read_list
from fairdial.cli.output import Json, print_json
from fairdial.core.script.clip import Wording
from fairdial.core.script.fields import speakable, spoken_fields
from fairdial.core.script.lint import Finding, lint
from fairdial.core.script.model import Script, ScriptError, parse_script
from fairdial.core.script.speech import all_wordings
from fairdial.errors import InputError
from fairdial.ledger.setup import approve_script, store_script
from fairdial.models import require
from fairdial.packs import load_packs
from fairdial.rehearsal.persona import wordings as persona_wordings
from fairdial.rehearsal.persona_file import load_personas
from fairdial.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Scripts: what is said. 话术。")

ScriptFile = Annotated[Path, typer.Argument(help="Script file (YAML). 话术文件。")]


def read_script_file(path: Path) -> tuple[dict[str, Any], Script]:
    """Read and check a script file.

    Raises:
        InputError: It cannot be read or its shape is wrong; names file, place and remedy.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__}); give a script file in UTF-8") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no script; see examples/insurance-renewal/script.yaml")
    try:
        return content, parse_script(content, name=str(path))
    except ScriptError as error:
        raise InputError(str(error)) from error


def refuse_findings(path: Path, findings: tuple[Finding, ...]) -> None:
    """Refuse a script that lacks what promise 6 asks for."""
    if findings:
        lines = "; ".join(f"{f.place}: {f.problem_zh} {f.problem_en}" for f in findings)
        raise InputError(f"{path}: {lines}")


@app.command("check", epilog="Example 例: fairdial script check examples/insurance-renewal/script.yaml")
def check(path: ScriptFile, as_json: Json = False) -> None:
    """Find what a script lacks before anybody may approve it. 检查话术。"""
    _, script = read_script_file(path)
    findings = lint(script)
    if as_json:
        print_json({"hash": script.hash, "findings": [f.problem_en for f in findings]})
        raise typer.Exit(1 if findings else 0)
    refuse_findings(path, findings)
    Console().print(
        f"{path}: 没有问题 no findings; {len(script.lines)} lines, {len(script.steps)} steps, {script.hash}"
    )


@app.command("approve", epilog="Example 例: fairdial script approve script.yaml --by 李审核")
def approve(path: ScriptFile, by: Annotated[str, typer.Option(help="Who approves. 审核人。")]) -> None:
    """Store this version and approve it by its hash; only approved versions are dialled. 审核通过。"""
    content, script = read_script_file(path)
    refuse_findings(path, lint(script))

    async def run() -> None:
        async with open_app() as opened:
            tenant = opened.settings.tenant
            digest = await store_script(opened.database, tenant=tenant, content=content, script=script)
            until = await approve_script(opened.database, tenant=tenant, script_hash=digest, approved_by=by)
            Console().print(f"{script.name} {digest[:12]} approved until 有效期至 {until:%Y-%m-%d}")

    asyncio.run(run())


@app.command("render", epilog="Example 例: fairdial script render examples/insurance-renewal")
def render(
    folder: Annotated[Path, typer.Argument(help="Folder with script.yaml and customers.csv. 示例文件夹。")],
) -> None:
    """Render every clip that is missing and remove those no longer said. 生成录音。

    Needs the extra `fairdial[render]` and the model kokoro-82m; see `make clips`.
    """
    try:
        render_missing = importlib.import_module("fairdial.voice.render").render_missing
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; run `make clips`, which installs what rendering needs"
        ) from error
    models = require("kokoro-82m", read_settings(os.environ).models)
    for target, wanted in _wanted(folder):
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(f"{target.name}", total=None)
            rendered = render_missing(wanted, target, models, done=lambda _w, t=task, p=progress: p.advance(t))
        Console().print(f"{target}: {len(wanted)} clips, {rendered} rendered 新生成")


def _wanted(folder: Path) -> list[tuple[Path, list[Wording]]]:
    """The clips of the script for everybody on the list, and those of the personas."""
    _, script = read_script_file(folder / "script.yaml")
    read, _ = read_list(folder / "customers.csv", packs=load_packs(None), now=datetime.now(UTC))
    fields = [spoken_fields(name=r.name, title=r.title, attributes=r.attributes.by_name()) for r in read.contacts]
    clips = [(folder / "clips", all_wordings(script, speakable(script, fields)))]
    personas = folder / "personas.yaml"
    if personas.is_file():
        clips.append((folder / "persona-clips", list(persona_wordings(load_personas(personas).values()))))
    return clips
