"""`fairdial rules`: the law this installation knows. 规则。"""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairdial.packs import load_packs
from fairdial.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Rule packs. 规则包。")


@app.command("list", epilog="Example 例: fairdial rules list --json")
def list_rules(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Every rule, its citation, and whether it is law or a default. 列出规则。"""
    packs = load_packs(read_settings(os.environ).rulepacks)
    rules = [
        {"pack": p.jurisdiction, "version": p.version, "id": r.id, "standing": r.standing, "cite": r.cite}
        for p in packs.values()
        for r in p.rules
    ]
    if as_json:
        print(json.dumps(rules, ensure_ascii=False))
        return
    table = Table("规则 rule", "性质 standing", "依据 cite", box=None)
    for rule in rules:
        table.add_row(rule["id"], rule["standing"], rule["cite"])
    Console().print(table)
