"""`fairdial reader`: who may read personal data of which level. 查看权限。"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import Json, in_app, show_rows
from fairdial.core.policy.case import Level
from fairdial.ledger.people.readers import readers, set_reader

app = typer.Typer(no_args_is_help=True, help="Who may read personal data of which level. 查看权限。")


@app.command("set", epilog="Example 例: fairdial reader set 李合规 --level sensitive --by 王经理")
def set_command(
    name: Annotated[str, typer.Argument(help="Who reads. 查看人。")],
    level: Annotated[
        Level, typer.Option(help="general, private (numbers, words, amounts) or sensitive (recordings). 级别。")
    ],
    by: Annotated[str, typer.Option(help="Who allows it; it is kept. 授权人,会留痕。")],
) -> None:
    """Allow somebody to read up to a level; whoever is not named reads what is general. 授权。"""

    in_app(lambda opened: set_reader(opened.database, tenant=opened.settings.tenant, name=name, level=level, by=by))
    Console(soft_wrap=True).print(f"{name}: {level}")


@app.command("list", epilog="Example 例: fairdial reader list --json")
def list_command(
    as_json: Json = False,
) -> None:
    """List who may read what. 查看授权。"""

    rows = in_app(lambda opened: readers(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "nobody is named; everybody reads what is general 尚无授权,均为 general")
