"""`fairdial follow-ups`: what is owed to people after their calls. 通话以后要做的事。"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import Json, in_app, show_rows
from fairdial.ledger.calls.follow_ups import finish_follow_up, follow_ups

app = typer.Typer(no_args_is_help=True, help="What is owed after calls. 通话以后要做的事。")


@app.command("list", epilog="Example 例: fairdial follow-ups list --by 李客服 --json")
def list_command(
    by: Annotated[
        str | None,
        typer.Option(help="Who reads numbers and texts; needs private level, is kept. 查看号码和内容的人,会留痕。"),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="What is done or no longer owed, too. 包括做完的和不必再做的。")
    ] = False,
    as_json: Json = False,
) -> None:
    """List messages to be sent and people to be taken over, oldest first. 列出要发的短信和要接手的人。

    fairdial sends no message itself: another system reads this list and says `done`. Whoever has refused since is not listed.
    """
    rows = in_app(lambda o: follow_ups(o.database, tenant=o.settings.tenant, by=by, is_everything=everything))
    show_rows(rows, as_json, "nothing is owed 没有要做的事")


@app.command("done", epilog="Example 例: fairdial follow-ups done 7 --by 李客服")
def done(
    follow_up: Annotated[int, typer.Argument(help="Its number in the list. 编号。")],
    by: Annotated[str, typer.Option(help="Who did it; it is kept. 经办人,会留痕。")],
) -> None:
    """Say that a message was sent, or a person taken over. 登记已经做完。"""
    in_app(lambda o: finish_follow_up(o.database, tenant=o.settings.tenant, follow_up=follow_up, by=by))
    Console().print(f"follow-up {follow_up}: done 已完成")
