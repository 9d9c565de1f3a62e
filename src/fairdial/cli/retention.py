"""`fairdial retention`: personal data whose time is over, shown and removed. 保存期限。"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.ledger.people.retention import Due, plan_retention
from fairdial.retention import Removed, run_retention
from fairdial.tenant_law import law_of

app = typer.Typer(no_args_is_help=True, help="How long personal data is kept. 保存期限。")


@app.command("plan", epilog="Example 例: fairdial retention plan --json")
def plan_command(as_json: Json = False) -> None:
    """What a run would remove now, how much, and by which duty; nothing is changed. 查看到期应删的数据。"""

    async def work(opened: App) -> tuple[Due, ...]:
        tenant = opened.settings.tenant
        law = await law_of(opened.database, opened.packs, tenant=tenant)
        return (await plan_retention(opened.database, law.packs, tenant=tenant)).due

    rows = [
        {
            "part": due.part,
            "country": due.cutoff.country,
            "count": due.count,
            "ended_before": due.cutoff.before.isoformat(timespec="seconds"),
            "duty": due.cutoff.duty.id,
            "days": due.cutoff.duty.days,
            "standing": due.cutoff.duty.standing,
            "cite": due.cutoff.duty.cite,
        }
        for due in in_app(work)
    ]
    show_rows(rows, as_json, "nothing is over 没有到期的数据")


@app.command("run", epilog="Example 例: fairdial retention run --by 李合规 --recordings recordings")
def run_command(
    by: Annotated[str, typer.Option(help="Who removes it; it is kept as an event. 经办人,会留痕。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings lie. 录音文件夹。")] = Path("recordings"),
    missing_are_gone: Annotated[
        bool,
        typer.Option("--missing-are-gone", help="Recordings not found were removed by hand. 找不到的录音已手工删除。"),
    ] = False,
) -> None:
    """Remove what is over: recordings, words, consents that ended; a running campaign does it daily. 删除到期数据。

    Refusals stay as keyed hashes, events and seals as they are. What is removed cannot be brought back.
    """

    async def work(opened: App) -> Removed:
        tenant = opened.settings.tenant
        law = await law_of(opened.database, opened.packs, tenant=tenant)
        return await run_retention(
            opened.database,
            law.packs,
            tenant=tenant,
            recordings=recordings,
            by=by,
            missing_are_gone=missing_are_gone,
        )

    removed = in_app(work)
    console = Console(soft_wrap=True)
    console.print("removed 已删除: " + ", ".join(f"{part} {count}" for part, count in removed.counts.items()))
    if removed.not_found:
        console.print(
            f"{len(removed.not_found)} recordings are over but not in {recordings} 个到期录音不在此处; name their folder with"
            " --recordings, or say --missing-are-gone"
        )
