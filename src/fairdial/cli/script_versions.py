"""`fairdial script submit`, `approve`, `reject`, `diff`, `history`: who wrote it, who read it. 话术的版本和审核。"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from fairdial.app import open_app
from fairdial.app.scripts import compared_with, sound
from fairdial.cli.output import Json, print_json
from fairdial.cli.script import ScriptFile, app, read_sound_script, standards
from fairdial.core.script.model import Script
from fairdial.core.script.spoken import spoken_diff
from fairdial.ledger.scripts import (
    Version,
    approve_script,
    reject_script,
    script_versions,
    submit_script,
)
from fairdial.script_file import examine, read_script_file
from fairdial.shaped_yaml import read_text

By = Annotated[str, typer.Option("--by", help="Your name; it is kept. 姓名,会留痕。")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; it is kept. 原因,会留痕。")]


@app.command("submit", epilog="Example 例: fairdial script submit script.yaml --by 张编写")
def submit(path: ScriptFile, by: By, reason: Reason = None) -> None:
    """Keep this version and ask for its review; a script with an error is not taken. 提交审核。"""
    examined = examine(path)
    content, script = sound(examined, standards())
    source = None if examined.included else read_text(path)

    async def run() -> None:
        async with open_app() as opened:
            await submit_script(
                opened.database,
                tenant=opened.settings.tenant,
                content=content,
                script=script,
                by=by,
                reason=reason,
                source=source,
            )

    asyncio.run(run())
    _say(f"{script.name} {script.hash[:12]} submitted 已提交; read 查看 fairdial script diff {path}")


@app.command("approve", epilog="Example 例: fairdial script approve script.yaml --by 李审核")
def approve(path: ScriptFile, by: By, reason: Reason = None) -> None:
    """Approve a submitted version by its hash, for 180 days; only approved versions are dialled. 审核通过。

    Whoever submitted a version cannot approve it.
    """
    _, script = read_sound_script(path)

    async def run() -> None:
        async with open_app() as opened:
            tenant = opened.settings.tenant
            until = await approve_script(opened.database, tenant=tenant, script_hash=script.hash, by=by, reason=reason)
            _say(f"{script.name} {script.hash[:12]} approved until 有效期至 {until:%Y-%m-%d}")

    asyncio.run(run())


@app.command("reject", epilog="Example 例: fairdial script reject script.yaml --by 李审核 --reason 缺少风险提示")
def reject(
    path: ScriptFile, by: By, reason: Annotated[str, typer.Option("--reason", help="Why; it is kept. 原因,会留痕。")]
) -> None:
    """Reject a submitted version, or take back an approval: it is not dialled. 驳回。"""
    _, script = read_script_file(path)

    async def run() -> None:
        async with open_app() as opened:
            tenant = opened.settings.tenant
            await reject_script(opened.database, tenant=tenant, script_hash=script.hash, by=by, reason=reason)

    asyncio.run(run())
    _say(f"{script.name} {script.hash[:12]} rejected 已驳回: {reason}")


@app.command("diff", epilog="Example 例: fairdial script diff script.yaml")
def diff(
    path: ScriptFile,
    against: Annotated[
        str | None,
        typer.Option(help="Hash of a stored version, or another file; by default the approved one. 与哪个版本比较。"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what will be said that was not said before, in the order of a conversation. 比较将要说的内容。"""
    _, script = read_script_file(path)

    async def run() -> tuple[str, Script | None]:
        async with open_app() as opened:
            other = await compared_with(opened.database, tenant=opened.settings.tenant, script=script, against=against)
            return (other.hash[:12], other) if other else ("(没有已通过的版本 nothing approved yet)", None)

    if against and Path(against).is_file():
        _, before = read_script_file(Path(against))
        name: str = against
        other: Script | None = before
    else:
        name, other = asyncio.run(run())
    lines = spoken_diff(other, script)
    if as_json:
        print_json({"hash": script.hash, "against": name, "changes": lines})
        return
    _say(f"{name} → {script.hash[:12]}" + ("" if lines else ": 说的内容没有变化 what is said is unchanged"))
    console = Console(soft_wrap=True, highlight=False)
    for line in lines:
        colour = {"+": "green", "-": "red", "@": "dim"}.get(line[:1])
        console.print(f"[{colour}]{escape(line)}[/{colour}]" if colour else escape(line))


@app.command("history", epilog="Example 例: fairdial script history insurance-renewal")
def history(
    name: Annotated[str | None, typer.Argument(help="Name of a script; all without it. 话术名称。")] = None,
    as_json: Json = False,
) -> None:
    """List versions of scripts: who submitted, approved or rejected them, when and why. 版本和审核记录。"""

    async def run() -> list[Version]:
        async with open_app() as opened:
            return await script_versions(opened.database, tenant=opened.settings.tenant, name=name)

    versions = asyncio.run(run())
    if as_json:
        print_json([_plain(v) for v in versions])
        return
    for version in versions:
        until = (
            f"有效期至 until {version.approved_until:%Y-%m-%d}" if version.approved_until else "不能外呼 not dialled"
        )
        _say(f"{version.name} {version.hash[:12]} {until}")
        for review in version.reviews:
            _say(f"  {review.at:%Y-%m-%d %H:%M} {review.state} {review.by} {review.reason or ''}")


def _plain(version: Version) -> dict[str, Any]:
    return {
        "hash": version.hash,
        "name": version.name,
        "stored_at": version.stored_at.isoformat(),
        "approved_until": version.approved_until.isoformat() if version.approved_until else None,
        "reviews": [
            {"state": r.state, "by": r.by, "at": r.at.isoformat(), "reason": r.reason} for r in version.reviews
        ],
    }


def _say(text: str) -> None:
    Console(soft_wrap=True, highlight=False).print(escape(text))
