"""`fairdial list scrub`: take out of a list whoever has refused. 名单过滤。"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fairdial.app import App, open_app
from fairdial.campaign.read_numbers import NumberRow, Numbers, read_numbers
from fairdial.core.policy.case import Purpose
from fairdial.errors import InputError
from fairdial.ledger.people.scrub import Scrub

EPILOG = "Example 例: fairdial list scrub customers.csv --purpose marketing --out kept.csv"

_MOST_SHOWN = 20
"""Rows of each sort that the terminal shows; `--json` has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    numbers: Numbers
    refused: Sequence[NumberRow]
    kept: Sequence[NumberRow]


async def scrub_file(opened: App, path: Path, purpose: Purpose) -> Scrubbed:
    """Read the numbers of a file and ask the ledger which of them have refused."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:

        def bar(title: str) -> Callable[[float], object]:
            task = progress.add_task(title, total=1.0)
            return lambda share: progress.update(task, completed=share)

        numbers = await asyncio.to_thread(read_numbers, path, packs=opened.packs, done=bar("读取号码 reading numbers"))
        scrub = Scrub(opened.database)
        await scrub.catch_up(bar("读取拒绝 reading refusals"))
        asked = [row.number for row in numbers.rows]
        is_refused = await scrub.refused(asked, tenant=opened.settings.tenant, purpose=purpose)
    marked = list(zip(numbers.rows, is_refused.tolist(), strict=True))
    return Scrubbed(
        numbers=numbers,
        refused=[row for row, refused in marked if refused],
        kept=[row for row, refused in marked if not refused],
    )


def scrub_command(
    path: Annotated[Path, typer.Argument(help="CSV or XLSX with a column of numbers. 含号码列的文件。")],
    purpose: Annotated[Purpose, typer.Option(help="Purpose of the calls. 呼叫用途。")] = Purpose.MARKETING,
    out: Annotated[Path | None, typer.Option(help="CSV for the rows that are kept. 保留的行写入此文件。")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable answer. 机器可读。")] = False,
) -> None:
    """Show which rows of a list have refused; a preview that permits nothing: the gate still decides every call.

    名单过滤:找出已拒绝的号码。仅为预览和筛选,每通呼叫仍须取得许可。
    """
    if out is not None and out.resolve() == path.resolve():
        raise InputError(f"{out}: 不能覆盖原名单 would overwrite the list; 请另取文件名 name another file")

    async def run() -> Scrubbed:
        async with open_app() as opened:
            return await scrub_file(opened, path, purpose)

    scrubbed = asyncio.run(run())
    if out is not None:
        write_kept(out, scrubbed)
    if as_json:
        print(json.dumps(as_dict(scrubbed, purpose), ensure_ascii=False))
    else:
        show(Console(soft_wrap=True), path, scrubbed)


def write_kept(out: Path, scrubbed: Scrubbed) -> None:
    """Write the kept rows with all their columns; with a mark, so that a spreadsheet reads the Chinese."""
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows([scrubbed.numbers.header, *(row.cells for row in scrubbed.kept)])
    except OSError as error:
        raise InputError(f"{out}: 无法写入 cannot be written ({error.strerror})") from error


def as_dict(scrubbed: Scrubbed, purpose: Purpose) -> dict[str, object]:
    return {
        "purpose": purpose,
        "kept": len(scrubbed.kept),
        "refused": [{"line": row.line, "number": masked(row.number)} for row in scrubbed.refused],
        "unreadable": [asdict(row) for row in scrubbed.numbers.rejected],
    }


def show(console: Console, path: Path, scrubbed: Scrubbed) -> None:
    refused, unreadable = scrubbed.refused, scrubbed.numbers.rejected
    lines = [f"{path.name}:{row.line}: {masked(row.number)} 已拒绝 has refused" for row in refused[:_MOST_SHOWN]]
    lines += [
        f"{path.name}:{row.line}: {row.column}: {row.reason_zh} {row.reason_en}; {row.remedy_zh} {row.remedy_en}"
        for row in unreadable[:_MOST_SHOWN]
    ]
    if max(len(refused), len(unreadable)) > _MOST_SHOWN:
        lines.append("… 其余见 --json, for all of them")
    lines.append(
        f"{path.name}: {len(refused)} refused 已拒绝, {len(scrubbed.kept)} may be asked for 可申请许可,"
        f" {len(unreadable)} cannot be read 无法读取"
    )
    for line in lines:
        console.print(line, highlight=False, markup=False)


def masked(number: str) -> str:
    """A number to show: the four digits before the last four are hidden."""
    return f"{number[:-8]}****{number[-4:]}"
