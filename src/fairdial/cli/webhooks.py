"""`fairdial webhook`: the operator's own systems, told of every call that is over. 通话结果推送。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json, show_rows
from fairdial.errors import InputError
from fairdial.ledger.webhooks import add_webhook, remove_webhook, tell_again, webhooks
from fairdial.settings import is_private_way

app = typer.Typer(no_args_is_help=True, help="Your own systems, told of calls that are over. 通话结果推送。")

Name = Annotated[str, typer.Argument(help="Name of the webhook. 名称。")]
By = Annotated[str, typer.Option(help="Who does this; it is kept. 操作人,会留痕。")]


@app.command("add", epilog="Example 例: fairdial webhook add crm --url https://crm.example.com/calls --by 王运营")
def add(
    name: Name,
    url: Annotated[
        str, typer.Option(help="Where each call is posted to; https, unless it is near. 接收地址,须为 https。")
    ],
    by: By,
    with_person: Annotated[
        bool,
        typer.Option("--with-person", help="Send number and name, too; needs private level. 同时发送号码和姓名。"),
    ] = False,
    as_json: Json = False,
) -> None:
    """Have a system told of every call that ends from now on; prints the secret that signs, once. 新增推送,密钥只显示一次。

    Each call is a POST of JSON, signed as Standard Webhooks says; see docs/howto/webhooks.md. Messages that are not taken
    (any answer but 2xx within 10 s) are tried again for three days, and the same call comes with the same webhook-id.
    """
    where = url.partition("?")[0]  # what follows may be a token, and is sealed with the rest
    if not is_private_way(where):
        raise InputError(
            f"--url {where}: give an https address without a login in it; http only within a private network"
            " 须为 https 地址,不带账号;http 仅限内网"
        )
    made = in_app(
        lambda o: add_webhook(o.database, tenant=o.settings.tenant, name=name, url=url, names_person=with_person, by=by)
    )
    if as_json:
        print_json({"name": name, "secret": made.secret})
        return
    Console(soft_wrap=True).print(
        f"{name}: secret 密钥 {made.secret}\nit is not shown again; `fairdial webhook try {name}` sends a message 不再显示,"
        f"可用 try 试发",
        highlight=False,
    )


@app.command("list", epilog="Example 例: fairdial webhook list --json")
def list_command(as_json: Json = False) -> None:
    """List who is told, how many calls wait to be told, and how the last telling went. 查看推送及其状态。"""
    rows = in_app(lambda o: webhooks(o.database, tenant=o.settings.tenant))
    shown = rows if as_json else [_brief(row) for row in rows]
    show_rows(shown, as_json, "nobody is told 没有推送; `fairdial webhook add` adds one")


def _brief(row: Mapping[str, Any]) -> dict[str, str]:
    """What fits a terminal: the last telling as words, the address without what may be a token."""
    last = "never told 尚未推送"
    if row["failure"] is not None:
        last = f"{row['failed_at']:%m-%d %H:%M} failed 失败: {row['failure']}"
    elif row["told_at"] is not None:
        last = f"{row['told_at']:%m-%d %H:%M} told 已推送"
    return {
        "name": row["name"],
        "url": row["url"].partition("?")[0],
        "person": "yes" if row["names_person"] else "no",
        "waiting": str(row["waiting"]),
        "given up": str(row["given_up"]),
        "last": last,
    }


@app.command("try", epilog="Example 例: fairdial webhook try crm")
def try_command(name: Name, as_json: Json = False) -> None:
    """Send one made-up call now and say what came back. 试发一条示例。"""
    failure = in_app(lambda o: _try(o, name))
    if as_json:
        print_json({"name": name, "taken": failure is None, "failure": failure})
    elif failure is None:
        Console().print(f"{name}: taken 已接收")
    if failure is not None:
        raise InputError(f"webhook {name}: {failure}; it must answer 2xx 未被接收,须返回 2xx")


async def _try(opened: App, name: str) -> str | None:
    # Here, because whoever lists webhooks sends nothing.
    from fairdial.app.webhooks import try_out

    return await try_out(opened.database, tenant=opened.settings.tenant, name=name)


@app.command("retry", epilog="Example 例: fairdial webhook retry crm")
def retry(name: Name, as_json: Json = False) -> None:
    """Have it told of the calls that were given up after three days. 重新推送已放弃的通话。"""
    count = in_app(lambda o: tell_again(o.database, tenant=o.settings.tenant, name=name))
    if as_json:
        print_json({"name": name, "calls": count})
    else:
        Console().print(f"{name}: {count} calls are told again 将重新推送 {count} 通")


@app.command("remove", epilog="Example 例: fairdial webhook remove crm --by 王运营")
def remove(name: Name, by: By) -> None:
    """Tell it nothing any more, not even what waits; address and secret are erased. 删除推送,待发的也不再发送。"""
    in_app(lambda o: remove_webhook(o.database, tenant=o.settings.tenant, name=name, by=by))
    Console().print(f"{name}: removed 已删除")
