"""`fairdial script`: check, approve and render what is said. 话术:检查、审核、生成录音。"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console

from fairdial.app import open_app
from fairdial.core.script.lint import Finding, lint
from fairdial.core.script.model import Script, ScriptError, parse_script
from fairdial.errors import InputError
from fairdial.ledger.setup import approve_script, store_script

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
def check(path: ScriptFile, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Find what a script lacks before anybody may approve it. 检查话术。"""
    _, script = read_script_file(path)
    findings = lint(script)
    if as_json:
        print(json.dumps({"hash": script.hash, "findings": [f.problem_en for f in findings]}, ensure_ascii=False))
        raise typer.Exit(1 if findings else 0)
    refuse_findings(path, findings)
    Console().print(f"{path}: 没有问题 no findings; {len(script.lines)} lines, {len(script.steps)} steps, {script.hash}")


@app.command("approve", epilog="Example 例: fairdial script approve script.yaml --by 李审核")
def approve(path: ScriptFile, by: Annotated[str, typer.Option(help="Who approves. 审核人。")]) -> None:
    """Store this version and approve it by its hash; only approved versions are dialled. 审核通过。"""
    content, script = read_script_file(path)
    refuse_findings(path, lint(script))

    async def run() -> None:
        async with open_app() as opened:
            tenant = opened.settings.tenant
            digest = await store_script(opened.database, tenant=tenant, name=script.name, content=content)
            until = await approve_script(opened.database, tenant=tenant, script_hash=digest, approved_by=by)
            Console().print(f"{script.name} {digest[:12]} approved until 有效期至 {until:%Y-%m-%d}")

    asyncio.run(run())
