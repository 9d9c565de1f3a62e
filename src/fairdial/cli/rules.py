"""`fairdial rules`: the law this installation knows. 规则。"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.policy.country import country_code
from fairdial.core.policy.pack import PLATFORM, Pack, Rule
from fairdial.errors import InputError
from fairdial.packs import failing, load_packs, read_pack
from fairdial.rules_page import in_full, rules_page
from fairdial.settings import read_settings
from fairdial.tenant_law import Law, adjusted_by, law_of

app = typer.Typer(no_args_is_help=True, help="Rule packs. 规则包。")

Shipped = Annotated[
    bool,
    typer.Option("--shipped", help="As shipped, without this enterprise's adjustments; needs no database. 出厂规则。"),
]
RuleId = Annotated[str, typer.Argument(help="Id of a rule, such as CN-REFUSAL. 规则编号。")]


def _law(*, shipped: bool) -> Law:
    """The law of this tenant; before there is a ledger nobody can have adjusted it, and none is made to look."""
    settings = read_settings(os.environ)
    if shipped or (settings.database_url is None and not (settings.home / "postgres").exists()):
        return Law(packs=load_packs(settings.rulepacks))
    return in_app(lambda opened: law_of(opened.database, opened.packs, tenant=opened.settings.tenant))


def _found(rule_id: str, packs: Mapping[str, Pack]) -> tuple[Pack, Rule]:
    for pack in packs.values():
        for rule in pack.rules:
            if rule.id == rule_id.upper():
                return pack, rule
    raise InputError(f"rule {rule_id!r} is not known; `fairdial rules list` names all")


@app.command("list", epilog="Example 例: fairdial rules list --pack CN --json")
def list_rules(
    pack: Annotated[
        str | None,
        typer.Option(help="Only this country (ISO 3166); * is every call. 只列这个国家。"),
    ] = None,
    shipped: Shipped = False,
    as_json: Json = False,
) -> None:
    """Every rule as this enterprise has it, its citation, law or default, and who adjusted it. 列出规则。"""
    law = _law(shipped=shipped)
    packs = law.packs
    if pack is not None:
        only = packs.get(PLATFORM if pack == PLATFORM else country_code(pack) or "")
        if only is None:
            raise InputError(f"there is no pack for {pack!r}; there are {', '.join(sorted(packs))}")
        packs = {only.jurisdiction: only}
    chosen = [(found, rule) for found in packs.values() for rule in found.rules]
    if as_json:
        print_json([in_full(p, r, adjusted_by(law, r.id)) for p, r in chosen])
        return
    table = Table("规则 rule", "性质 standing", "用途 purposes", "依据 cite", "调整 adjusted", box=None)
    for _, rule in chosen:
        own = adjusted_by(law, rule.id)
        by = f"adj{own['number']} {own['by']} {own['at'][:10]}" if own else ""
        table.add_row(rule.id, rule.standing, ", ".join(sorted(rule.applies_to.purposes)), rule.cite, by)
    Console().print(table)


@app.command("show", epilog="Example 例: fairdial rules show US-HOURS")
def show(rule_id: RuleId, shipped: Shipped = False, as_json: Json = False) -> None:
    """One rule with its parameters as this enterprise has them, source and examples. 显示一条规则。"""
    law = _law(shipped=shipped)
    pack, rule = _found(rule_id, law.packs)
    answer = in_full(pack, rule, adjusted_by(law, rule.id))
    if as_json:
        print_json(answer)
        return
    console = Console(soft_wrap=True)
    console.print(f"[bold]{rule.id}[/bold] · {pack.jurisdiction} {pack.version} · {rule.standing}")
    for name, value in answer.items():
        if name not in ("id", "pack", "version", "standing", "examples"):
            console.print(f"{name}: {escape(str(value))}", highlight=False)
    console.print(f"examples 例: {len(rule.examples)}")


@app.command("explain", epilog="Example 例: fairdial rules explain CN-HOURS-SERVICE")
def explain(rule_id: RuleId, as_json: Json = False) -> None:
    """What a rule does as shipped, in words, with its worked examples. 用文字说明一条规则。"""
    pack, rule = _found(rule_id, _law(shipped=True).packs)
    if as_json:
        print_json(in_full(pack, rule, None))
        return
    console = Console(soft_wrap=True)
    law = "法律 law" if rule.standing == "law" else "默认,不是法律 a default, not law"
    console.print(
        f"[bold]{rule.id}[/bold] ({law})\n{escape(rule.reason.zh)}\n{escape(rule.reason.en)}\n{escape(rule.cite)}"
    )
    for example in rule.examples:
        until = f" until {example.until.isoformat()}" if example.until else ""
        console.print(
            f"  given {escape(json.dumps(example.given, ensure_ascii=False))} → [bold]{example.expect}[/bold]{until}"
        )
    console.print(f"[dim]{pack.jurisdiction} {pack.version}; the examples depart from the pack's `base` case[/dim]")


@app.command("test", epilog="Example 例: fairdial rules test my-packs/cn.yaml")
def test(
    path: Annotated[Path | None, typer.Argument(help="One pack; all when none is given. 规则包文件。")] = None,
    as_json: Json = False,
) -> None:
    """Run the worked examples of one pack or of all; a failing one is named with its line. 运行规则的例子。"""
    packs = [read_pack(path)] if path else list(_law(shipped=True).packs.values())
    held = []
    for pack in packs:
        examples = [(rule, example) for rule in pack.rules for example in rule.examples]
        assert not any(failing(pack, rule, example) for rule, example in examples), "loading runs every example"
        held.append({"pack": pack.jurisdiction, "rules": len(pack.rules), "examples": len(examples)})
    if as_json:
        print_json(held)
        return
    for row in held:
        Console().print(f"{row['pack']}: {row['rules']} rules, {row['examples']} examples hold 例子全部成立")


@app.command("page", hidden=True)
def page() -> None:
    """Print docs/rules.md. 打印规则页。"""
    print(rules_page(load_packs(None)), end="")
