"""`fairdial tenant adjust`, `adjustments`: what an enterprise asks of itself beyond the rules. 企业的调整。"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.adjustments import read_adjustments
from fairdial.app import App
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.cli.parties import tenant_app
from fairdial.ledger.adjustments import all_adjustments, store_adjustments


@tenant_app.command("adjust", epilog="Example 例: fairdial tenant adjust adjustments.yaml --by 李合规 --reason 自律")
def adjust_command(
    path: Annotated[Path, typer.Argument(help="YAML; see docs/examples/adjustments.yaml. 调整文件。")],
    by: Annotated[str, typer.Option(help="Who decides it. 决定人。")],
    reason: Annotated[str, typer.Option(help="Why. 原因。")],
) -> None:
    """Make rules and duties stricter for this enterprise; the file takes the place of all before. 调整规则(只能更严)。

    A running campaign follows within seconds. Law stays, and a default may become looser only where its pack says so. An
    empty list takes everything back.
    """

    async def work(opened: App) -> str:
        content = read_adjustments(path, opened.packs)
        tenant = opened.settings.tenant
        number = await store_adjustments(opened.database, tenant=tenant, content=content, by=by, reason=reason)
        return f"{tenant}: adjustments 调整 {number}, {len(content)} entries 条, in force now 立即生效"

    Console(soft_wrap=True).print(in_app(work), markup=False)


@tenant_app.command("adjustments", epilog="Example 例: fairdial tenant adjustments --json")
def adjustments_command(as_json: Json = False) -> None:
    """Every version of this enterprise's adjustments, newest first; the newest counts. 列出调整的各版本。"""
    rows = in_app(lambda opened: all_adjustments(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "nothing is adjusted 没有调整")
