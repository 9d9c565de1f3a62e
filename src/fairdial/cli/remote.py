"""`fairdial remote`: a server elsewhere, over its API. 远程服务器。"""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import Json, print_json, show_rows
from fairdial.client import Client
from fairdial.errors import SettingsError

app = typer.Typer(no_args_is_help=True, help="A server elsewhere, asked with FAIRDIAL_KEY. 远程服务器。")

Server = Annotated[str, typer.Option(envvar="FAIRDIAL_SERVER", help="Address of its console. 服务器地址。")]
Campaign = Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")]


@app.command("campaigns", epilog="Example 例: fairdial remote campaigns --server https://console.example.com --json")
def campaigns(server: Server, as_json: Json = False) -> None:
    """Show its campaigns. 查看任务。"""
    with _client(server) as client:
        show_rows([one.model_dump() for one in client.campaigns()], as_json, "no campaign yet 还没有任务")


@app.command("run", epilog="Example 例: FAIRDIAL_KEY=fd_... fairdial remote run renewals-december")
def run(name: Campaign, server: Server) -> None:
    """Start a campaign there: the gate is asked for everybody. 启动任务。"""
    with _client(server) as client:
        client.start_run(name)
    Console(soft_wrap=True).print(
        f"{name} started 已启动; `fairdial remote watch {name}` shows its calls", highlight=False
    )


@app.command("stop", epilog="Example 例: fairdial remote stop renewals-december")
def stop(name: Campaign, server: Server) -> None:
    """Start no more calls there; the living ones say goodbye. 停止任务。"""
    with _client(server) as client:
        client.stop_run(name)
    Console(soft_wrap=True).print(f"{name} stops 正在停止", highlight=False)


@app.command("calls", epilog="Example 例: fairdial remote calls --campaign renewals-december --most 50 --json")
def calls(
    server: Server,
    campaign: Annotated[str | None, typer.Option(help="Only of this campaign. 只看该任务。")] = None,
    most: Annotated[int, typer.Option(min=1, help="The newest so many. 最多条数。")] = 100,
    as_json: Json = False,
) -> None:
    """Show its newest calls; numbers are masked. 查看最近通话(号码已隐藏)。"""
    with _client(server) as client:
        rows = [
            call.model_dump(include=_OF_CALL)
            for call, _ in zip(client.calls(campaign=campaign), range(most), strict=False)
        ]
    show_rows(rows, as_json, "no call yet 还没有通话")


@app.command("watch", epilog="Example 例: fairdial remote watch renewals-december --json | jq .")
def watch(name: Campaign, server: Server, as_json: Json = False) -> None:
    """Tell what happens to its calls, as it happens, until stopped. 实时查看通话。"""
    console = Console(soft_wrap=True)
    with _client(server) as client:
        for event in client.live(name):
            if as_json:
                print_json({"kind": event.kind, "id": event.id, "data": event.data})
            else:
                console.print(f"{event.kind}: {event.data}", highlight=False, markup=False)


_OF_CALL = {"id", "campaign", "number", "region", "state", "disposition", "grade", "dialled_at", "ended_at"}


def _client(server: str) -> Client:
    key = os.environ.get("FAIRDIAL_KEY")
    if not key:
        raise SettingsError(
            "FAIRDIAL_KEY must hold a key of that server; an administrator makes one there 请设置 FAIRDIAL_KEY"
        )
    return Client(server, key)
