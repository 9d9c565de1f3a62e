"""`fairdial keys`: the keys personal data are sealed with. 密钥。"""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json
from fairdial.ledger.protection.keys import KeySettings
from fairdial.ledger.protection.rotation import change_master, rotate, sealed_under_older_keys, stored_keys

app = typer.Typer(no_args_is_help=True, help="Keys personal data are sealed with. 加密密钥。")


def _settings(opened: App) -> KeySettings:
    read = opened.settings
    return KeySettings(folder=read.home, number=read.number_key, master=read.master_key)


@app.command("list", epilog="Example 例: fairdial keys list")
def list_command(
    as_json: Json = False,
) -> None:
    """List the data keys; never the keys themselves. 查看数据密钥(不显示密钥本身)。"""

    async def work(opened: App) -> None:
        keys = [dict(key) for key in await stored_keys(opened.database)]
        older = await sealed_under_older_keys(opened.database)
        if as_json:
            print_json({"keys": keys, "rows_under_older_keys": older})
            return
        console = Console(soft_wrap=True)
        for key in keys:
            state = f"retired 已停用 {key['retired_at']:%Y-%m-%d %H:%M}" if key["retired_at"] else "seals 使用中"
            console.print(f"{key['id']}  made 建于 {key['made_at']:%Y-%m-%d %H:%M}  {state}")
        console.print(f"{older} rows under older keys 条仍用旧密钥")

    in_app(work)


@app.command("rotate", epilog="Example 例: fairdial keys rotate; fairdial keys rotate --master")
def rotate_command(
    master: Annotated[bool, typer.Option("--master", help="Change the master key instead. 更换主密钥。")] = False,
) -> None:
    """Seal everything with a new data key, or wrap the data keys with a new master key. 轮换密钥。

    May run beside living calls. With FAIRDIAL_MASTER_KEY set, --master needs FAIRDIAL_NEXT_MASTER_KEY.
    """

    async def work(opened: App) -> str:
        if master:
            await change_master(opened.database, _settings(opened), os.environ.get("FAIRDIAL_NEXT_MASTER_KEY"))
            return "master key changed 主密钥已更换; keep a backup of it 请备份"
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            task = progress.add_task("sealing 重新加密", total=None)
            number = await rotate(opened.database, _settings(opened), partial(progress.advance, task))
        return f"data key {number} seals now 数据密钥 {number} 已启用"

    Console(soft_wrap=True).print(in_app(work))
