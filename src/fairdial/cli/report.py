"""`fairdial report`: what happened, to read and to hear. 报告。"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.app.reports import day_report, row_name
from fairdial.cli.output import Json, in_app, print_json, show_rows
from fairdial.core.comparison import Difference, Share
from fairdial.core.dialogue.after_call import after_call
from fairdial.core.dialogue.split_results import SplitResult, split_results, taken_in
from fairdial.core.reporting import Grouping, Stage
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.followup.day_pdf import day_pdf
from fairdial.followup.report_html import write_html
from fairdial.followup.report_json import build_report
from fairdial.ledger.calls.conversations import StoredConversation, conversations_of
from fairdial.ledger.calls.reading import read_campaign
from fairdial.ledger.evidence import day_span
from fairdial.ledger.report_exports import traced
from fairdial.ledger.views.reports import counted
from fairdial.ledger.views.which_calls import Wanted

app = typer.Typer(no_args_is_help=True, help="Reports. 报告。")


async def write_report(
    opened: App, campaign: str, folder: Path, *, recordings: Path, persona_of: Mapping[str, str]
) -> dict[str, Any]:
    """Write `report.json` and `report.html` into a folder; the page holds the recordings it finds in `recordings`."""
    tenant = opened.settings.tenant
    facts = await read_campaign(opened.database, tenant=tenant, campaign=campaign)
    stored = await conversations_of(opened.database, tenant=tenant, campaign=campaign)
    report = build_report(
        facts,
        campaign=campaign,
        persona_of=persona_of,
        recordings=os.path.relpath(recordings, folder),
        after={call.attempt_id: after_call(script, call.log.moments(script)) for call, script in _with_scripts(stored)},
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text, encoding="utf-8")
    await asyncio.to_thread(write_html, report, folder=folder)
    return report


def _with_scripts(stored: Sequence[StoredConversation]) -> Iterator[tuple[StoredConversation, Script]]:
    """Every call with the version it spoke, each version read once."""
    known: dict[str, Script] = {}
    for call in stored:
        if call.log.script not in known:
            known[call.log.script] = parse_script(call.script, name=f"script {call.log.script[:12]}")
        yield call, known[call.log.script]


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


@app.command("splits", epilog="Example 例: fairdial report splits trials-december --json")
def splits(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")],
    as_json: Json = False,
) -> None:
    """Compare the arms of a script's splits: goodbyes, grades A and B, refusals, and how sure that is. 比较对照分组。

    Each person counts once, by the latest answered call that came to the split. Intervals are Wilson's, differences Newcombe's,
    both at 95 %; with several arms each is compared with the first.
    """

    async def work(opened: App) -> Sequence[StoredConversation]:
        return await conversations_of(opened.database, tenant=opened.settings.tenant, campaign=campaign)

    taken = [
        found
        for call, script in _with_scripts(in_app(work))
        for found in taken_in(script, call.log.facts, (entry.event for entry in call.log.entries))
    ]
    results = split_results(taken)
    if as_json:
        print_json([_plain(result) for result in results])
        return
    console = Console(soft_wrap=True, highlight=False)
    if not results:
        console.print("no call has come to a split 还没有通话走到对照分组")
    for result in results:
        show_split(console, result)


_MEASURES = {"to_end": "到结束语 to a goodbye", "grade_ab": "A 和 B 级 grades A and B", "refused": "拒绝 refusals"}


def show_split(console: Console, result: SplitResult) -> None:
    """Each arm with its shares, and how it differs from the first."""
    console.print(f"[bold]{result.split}[/bold]")
    first = result.arms[0].arm
    for arm in result.arms:
        console.print(f"  {arm.arm}: {arm.people} 人 people")
        for measure, label in _MEASURES.items():
            told = f"    {label}: {_percent(arm.shares[measure])}"
            if arm.against:
                told += f"; 比 than {first}: {_points(arm.against[measure])}"
            console.print(told)


def _percent(found: Share) -> str:
    if found.share is None:
        return "—"
    return f"{found.hits}/{found.of} = {found.share:.1%} ({found.low:.1%} … {found.high:.1%})"


def _points(found: Difference) -> str:
    if found.points is None:
        return "—"
    interval = f"{100 * found.points:+.1f} 个百分点 points ({100 * found.low:+.1f} … {100 * found.high:+.1f})"
    return interval if found.is_clear else f"{interval}, 分不出差别 not distinguishable"


def _plain(result: SplitResult) -> dict[str, Any]:
    return {
        "split": result.split,
        "arms": [
            {
                "arm": arm.arm,
                "people": arm.people,
                **{name: asdict(found) | {"share": found.share} for name, found in arm.shares.items()},
                "against_first": {
                    name: asdict(found) | {"is_clear": found.is_clear} for name, found in arm.against.items()
                }
                or None,
            }
            for arm in result.arms
        ],
    }


_First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in Beijing. 起始日。")]
_Last = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included. 截止日(含)。")]


@app.command("calls", epilog="Example 例: fairdial report calls --by hour --from 2026-11-01 --to 2026-11-30")
def calls(
    first: _First,
    last: _Last,
    by: Annotated[Grouping, typer.Option(help="Parted by. 分组。")] = Grouping.CAMPAIGN,
    campaign: Annotated[str | None, typer.Option(help="Only this campaign. 仅此任务。")] = None,
    as_json: Json = False,
) -> None:
    """Show what calls came to, by campaign, script version, hour, region, line or grade. 外呼统计。"""
    since, until = day_span(first.date(), last.date())
    wanted = Wanted(campaign=campaign, since=since, until=until)
    found = in_app(lambda opened: counted(opened.database, tenant=opened.settings.tenant, by=by, wanted=wanted))
    named = [(row_name(row), row.figures) for row in found.rows] + [("合计 all", found.whole)]
    rows: list[dict[str, Any]] = [
        {
            by.value: name,
            "asked": figures.asked,
            **{stage.value: figures.stages[stage] for stage in Stage},
            "talk_s": None if figures.talk_s is None else round(figures.talk_s, 1),
            **{
                rate: asdict(share) | {"share": share.share} if as_json else _percent(share)
                for rate, share in (("answer_rate", figures.answer_rate), ("refusal_rate", figures.refusal_rate))
            },
        }
        for name, figures in named
    ]
    show_rows(rows, as_json, "")


@app.command("day", epilog="Example 例: fairdial report day 2026-11-30 --by 李合规 --out day.pdf")
def day(
    which: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day, in Beijing. 日期。")],
    by: Annotated[str, typer.Option(help="Who takes it; it stands in the event. 导出人。")],
    out: Annotated[Path, typer.Option(help="The PDF. 存为。")] = Path("day.pdf"),
) -> None:
    """Write a day on paper: the promises and whether they were kept, by hour and by campaign. 导出日报。"""
    report = in_app(lambda opened: day_report(opened, tenant=opened.settings.tenant, day=which.date(), who=by))
    out.write_bytes(day_pdf(report))
    Console().print(f"{out} · 追溯号 trace {report.trace}")


@app.command("trace", epilog="Example 例: fairdial report trace 6d2929bd24b44aa1")
def trace(
    mark: Annotated[str, typer.Argument(help="The mark on a report. 报表上的追溯号。")],
    as_json: Json = False,
) -> None:
    """Say who exported the report that carries this mark, when, and by which filter. 按追溯号查导出人。"""
    found = in_app(lambda opened: traced(opened.database, tenant=opened.settings.tenant, mark=mark))
    show_rows([] if found is None else [found], as_json, "no report carries this mark 没有报表带此追溯号")
