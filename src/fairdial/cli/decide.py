"""`fairdial decide`: the gate's answer for any case, from a file. 对任意案例作出裁定。"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from fairdial.cases import case_from_json, case_schema
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.policy.case import Case
from fairdial.core.policy.decide import Verdict, decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError
from fairdial.packs import load_packs, with_calendars
from fairdial.settings import read_settings
from fairdial.tenant_law import law_of

EPILOG = "Example 例: fairdial decide docs/examples/case-cn.json --json; fairdial decide --schema"


def decide_command(
    path: Annotated[Path | None, typer.Argument(help="Case file (JSON); - reads standard input. 案例文件。")] = None,
    as_json: Json = False,
    tenant: Annotated[
        str | None,
        typer.Option(
            help="Judge by the rules as this enterprise adjusted them; needs the database. 按该企业的调整裁定。"
        ),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a case. 打印案例的结构。")] = False,
) -> None:
    """Judge one case: allow, wait until, or deny, with every rule that spoke. 裁定一个案例。

    Holidays a case does not bring are looked up. Nothing is written and nobody is called.
    """
    if schema:
        print(json.dumps(case_schema(), ensure_ascii=False, indent=1))
        return
    if path is None:
        raise InputError(
            "name a case file (JSON), or - for standard input; `fairdial decide --schema` tells its fields"
        )
    packs = _packs_of(tenant)
    case = case_from_json(_read(path), name=str(path))
    verdict = decide(with_calendars(case, packs), packs)
    if as_json:
        print_json(verdict_json(verdict))
    else:
        _show(Console(soft_wrap=True), verdict, case)


def _packs_of(tenant: str | None) -> Mapping[str, Pack]:
    if tenant is None:
        return load_packs(read_settings(os.environ).rulepacks)
    return in_app(lambda opened: law_of(opened.database, opened.packs, tenant=tenant)).packs


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a case file (JSON)") from error


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The answer as other programs read it."""
    return {
        "verdict": verdict.outcome,
        "until": verdict.until.isoformat() if verdict.until else None,
        "rules": [
            {
                "id": o.rule_id,
                "outcome": o.outcome,
                "reason": o.reason_en,
                "reason_zh": o.reason_zh,
                "cite": o.cite,
                "standing": o.standing,
                "until": o.until.isoformat() if o.until else None,
                "facts": {name: _plain(value) for name, value in o.facts.items()},
            }
            for o in verdict.opinions
        ],
        "pack_versions": list(verdict.pack_versions),
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _show(console: Console, verdict: Verdict, case: Case) -> None:
    colour = {Outcome.ALLOW: "green", Outcome.WAIT: "yellow", Outcome.DENY: "red"}
    until = f" until 直到 {verdict.until.astimezone(case.now.tzinfo).isoformat()}" if verdict.until else ""
    console.print(f"[{colour[verdict.outcome]} bold]{verdict.outcome}[/]{until}")
    for o in sorted(verdict.opinions, key=lambda o: (o.outcome is Outcome.ALLOW, o.rule_id)):
        law = "法律 law" if o.standing == "law" else "默认 default"
        console.print(f"[{colour[o.outcome]}]{o.outcome:5}[/] {o.rule_id} · {law} · {escape(o.cite)}")
        if o.outcome is not Outcome.ALLOW:
            console.print(f"      {escape(o.reason_zh)}\n      {escape(o.reason_en)}")
    console.print(f"[dim]{', '.join(verdict.pack_versions)}[/dim]")
