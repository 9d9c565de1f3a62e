"""`fairdial evidence`: what happened, sealed, exported, and checked by a stranger. 证据。"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.evidence_check import Broken
from fairdial.errors import InputError
from fairdial.ledger.evidence import day_span, evidence_key, export, lines_of, seal_all, verify

app = typer.Typer(no_args_is_help=True, help="Evidence that convinces a stranger. 能让外人核对的证据。")


async def export_file(opened: App, out: Path, *, since: datetime, until: datetime) -> int:
    """Write an evidence file, whole or not at all; returns its lines."""
    key = await evidence_key(opened.database, opened.settings.home)
    count, draft = 0, out.with_name(f".{out.name}.draft")
    with draft.open("w", encoding="utf-8", newline="\n") as stream:
        async for line in export(opened.database, key, since=since, until=until):
            stream.write(line + "\n")
            count += 1
    draft.replace(out)
    return count


@app.command("seal", epilog="Example 例: fairdial evidence seal")
def seal_command() -> None:
    """Seal everything that has happened so far; a running campaign does it every few seconds. 立即封存。"""

    async def sealing(opened: App) -> int:
        return await seal_all(opened.database, await evidence_key(opened.database, opened.settings.home))

    made = in_app(sealing)
    Console().print(f"{made} seals made 个新封存")


@app.command(
    "export", epilog="Example 例: fairdial evidence export --from 2026-11-01 --to 2026-11-30 --out november.jsonl"
)
def export_command(
    since: Annotated[datetime, typer.Option("--from", help="First day. 起始日。")],
    until: Annotated[datetime, typer.Option("--to", help="Last day, included. 截止日(含)。")],
    out: Annotated[Path, typer.Option(help="File to write. 写入的文件。")],
) -> None:
    """Write every sealed event of a span of days into one file. 导出一段时间的证据。

    The file holds no number, no name and nothing that was said; numbers stand in it as keyed hashes.
    """
    first, after = day_span(since, until)
    count = in_app(lambda opened: export_file(opened, out, since=first, until=after))
    Console(soft_wrap=True).print(f"{out}: {count} lines 行; check with 核对: fairdial evidence verify {out}")


@app.command(
    "verify",
    epilog="Example 例: fairdial evidence verify november.jsonl --public-key 3b6a27bcceb6a42d62a3a8d02a6f0d73…",
)
def verify_command(
    path: Annotated[Path, typer.Argument(help="An exported file. 导出的文件。")],
    public_key: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="The public key you expect, from another source. 另行取得的公钥。"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check an evidence file; needs neither database nor network; exit 1 names the first thing that is wrong. 核对证据。"""
    try:
        answer = verify(lines_of(path), public_key=public_key)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__}); name an exported evidence file") from error
    console = Console(soft_wrap=True)
    if isinstance(answer, Broken):
        if as_json:
            print_json({"genuine": False, "line": answer.line, "problem": answer.problem})
        else:
            console.print(f"[red]not genuine 不可信[/red]: {escape(str(path))}:{answer.line}: {answer.problem}")
        raise typer.Exit(1)
    if as_json:
        print_json({"genuine": True, **asdict(answer)})
        return
    console.print(
        f"[green]genuine 可信[/green]: {answer.events} events 个事件 in {answer.seals} seals 个封存"
        f" ({answer.first}–{answer.first + answer.seals - 1}), key {answer.public_key}"
    )
    if public_key is None:
        console.print("compare the key with one you got elsewhere, or give it with --public-key 请与另行取得的公钥比对")
