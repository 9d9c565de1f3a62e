"""`fairdial person`: everything known about one person, shown or erased. 个人信息。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json, show_rows, write_private
from fairdial.core.policy.case import Level
from fairdial.given_number import require_number
from fairdial.ledger.people.link import link
from fairdial.ledger.people.person import everything
from fairdial.retention import erase_person

app = typer.Typer(no_args_is_help=True, help="What is known about one person. 个人信息。")

NumberArgument = Annotated[str, typer.Argument(help="Telephone number. 电话号码。")]
By = Annotated[str, typer.Option(help="Who asks; it is kept as an event. 经办人,会留痕。")]

LevelOption = Annotated[
    Level, typer.Option(help="Read no more than this; whoever asks must be allowed it. 只查看到这一级。")
]


def _known(number: str, by: str, level: Level) -> dict[str, list[dict[str, Any]]]:
    async def work(opened: App) -> dict[str, list[dict[str, Any]]]:
        e164, tenant = require_number(number, opened.packs).e164, opened.settings.tenant
        return await everything(opened.database, tenant=tenant, number=e164, by=by, level=level)

    return in_app(work)


@app.command("show", epilog="Example 例: fairdial person show 13800138000 --by 李合规 --json")
def show(number: NumberArgument, by: By, level: LevelOption = Level.SENSITIVE, as_json: Json = False) -> None:
    """Show everything known about a person; the reading is recorded. 查看。"""
    known = _known(number, by, level)
    if as_json:
        print_json(known)
        return
    for name, rows in known.items():
        Console().print(f"[bold]{name}[/bold]")
        show_rows([_in_short(row) for row in rows], False, "nothing 无")


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    """A verdict as a table can show it: what stood against the call; `--json` has every rule."""
    if "opinions" not in row:
        return row
    against = [o["rule_id"] for o in row["opinions"] if o["outcome"] != "allow"]
    return {n: v for n, v in row.items() if n != "opinions"} | {"against": ", ".join(against)}


@app.command("export", epilog="Example 例: fairdial person export 13800138000 --by 李合规 --out person.json")
def export(
    number: NumberArgument,
    by: By,
    out: Annotated[Path, typer.Option(help="File to write. 写入的文件。")],
    level: LevelOption = Level.SENSITIVE,
) -> None:
    """Write everything known about a person into one file, for the person who asks. 导出。"""
    known = json.dumps(_known(number, by, level), ensure_ascii=False, indent=1, default=str)
    write_private(out, known + "\n")
    Console(soft_wrap=True).print(f"{out}")


@app.command("link", epilog="Example 例: fairdial person link 13800138000 02155556666 --by 李合规")
def link_command(
    number: NumberArgument,
    other: Annotated[str, typer.Argument(help="Another number of theirs. 同一人的另一个号码。")],
    by: By,
) -> None:
    """Say that two numbers are one person's: one allowance, and a refusal of one is a refusal of both. 合并为同一人。"""

    async def work(opened: App) -> None:
        tenant = opened.settings.tenant
        e164, another = require_number(number, opened.packs).e164, require_number(other, opened.packs).e164
        await link(opened.database, tenant=tenant, number=e164, other=another, by=by)

    in_app(work)
    Console().print("linked 已合并")


@app.command("erase", epilog="Example 例: fairdial person erase 13800138000 --by 李合规 --reason 'asked by letter'")
def erase_command(
    number: NumberArgument,
    by: By,
    reason: Annotated[str, typer.Option(help="Why. 原因。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings lie; theirs are removed. 录音文件夹。")] = Path(
        "recordings"
    ),
    missing_are_gone: Annotated[
        bool, typer.Option("--missing-are-gone", help="Files not found there no longer exist. 找不到的文件已不存在。")
    ] = False,
) -> None:
    """Erase a person's data; refusals stay as keyed hashes, so that they are never called again. 删除。"""

    async def work(opened: App) -> tuple[int, int]:
        tenant, e164 = opened.settings.tenant, require_number(number, opened.packs).e164
        erased = await erase_person(
            opened.database,
            tenant=tenant,
            number=e164,
            by=by,
            reason=reason,
            recordings=recordings,
            missing_are_gone=missing_are_gone,
        )
        return erased.refusals_kept, erased.recordings_removed

    kept, removed = in_app(work)
    console = Console(soft_wrap=True)
    console.print(f"erased 已删除; {kept} refusals kept as keyed hashes 条拒绝以密钥哈希保留")
    console.print(f"{removed} recordings removed from 录音已移除 {recordings}")
