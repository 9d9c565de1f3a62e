"""`fairdial report`: what happened, to read and to hear. 报告。"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.followup.report_html import write_html
from fairdial.followup.report_json import build_report
from fairdial.ledger.reading import read_campaign

app = typer.Typer(no_args_is_help=True, help="Reports. 报告。")


async def write_report(opened: App, campaign: str, folder: Path, *, persona_of: Mapping[str, str]) -> dict[str, Any]:
    """Write `report.json` and `report.html` into a folder whose `recordings/` holds the calls."""
    facts = await read_campaign(opened.database, tenant=opened.settings.tenant, campaign=campaign)
    report = build_report(facts, campaign=campaign, persona_of=persona_of)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text, encoding="utf-8")
    await asyncio.to_thread(write_html, report, folder=folder)
    return report


@app.command("write", epilog="Example 例: fairdial report write renewals-december --folder report")
def write(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")],
    folder: Annotated[Path, typer.Option(help="Where the report goes. 报告存放处。")] = Path("report"),
) -> None:
    """Write report.json and report.html of a campaign. 写出报告。"""

    async def run() -> None:
        async with open_app() as opened:
            await write_report(opened, campaign, folder, persona_of={})

    asyncio.run(run())
    Console().print(f"{folder / 'report.html'}")
