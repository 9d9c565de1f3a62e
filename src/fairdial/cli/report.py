"""`fairdial report`: what happened, to read and to hear. 报告。"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.followup.report_html import write_html
from fairdial.followup.report_json import build_report
from fairdial.ledger.calls.reading import read_campaign

app = typer.Typer(no_args_is_help=True, help="Reports. 报告。")


async def write_report(
    opened: App, campaign: str, folder: Path, *, recordings: Path, persona_of: Mapping[str, str]
) -> dict[str, Any]:
    """Write `report.json` and `report.html` into a folder; the page holds the recordings it finds in `recordings`."""
    facts = await read_campaign(opened.database, tenant=opened.settings.tenant, campaign=campaign)
    report = build_report(
        facts, campaign=campaign, persona_of=persona_of, recordings=os.path.relpath(recordings, folder)
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text, encoding="utf-8")
    await asyncio.to_thread(write_html, report, folder=folder)
    return report


@app.command("write", epilog="Example 例: fairdial report write renewals-december --folder report")
def write(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")],
    folder: Annotated[Path, typer.Option(help="Where the report goes. 报告存放处。")] = Path("report"),
    recordings: Annotated[Path, typer.Option(help="Where the run left its recordings. 录音存放处。")] = Path(
        "recordings"
    ),
) -> None:
    """Write report.json and report.html of a campaign. 写出报告。"""

    async def run() -> dict[str, Any]:
        async with open_app() as opened:
            return await write_report(opened, campaign, folder, recordings=recordings, persona_of={})

    report = asyncio.run(run())
    console = Console(soft_wrap=True)
    lost = [a for a in report["attempts"] if a["recording"] and not (folder / a["recording"]).is_file()]
    if lost:
        console.print(
            f"{len(lost)} recordings are not in {recordings} 录音不在此处; name their folder with --recordings 请用 --recordings 指定"
        )
    console.print(f"{folder / 'report.html'}")
