"""`fairdial campaign start|stop|status`: a run that workers carry, and how it stands. 由工作进程承担的运行。"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.campaign import app
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.errors import InputError
from fairdial.ledger.calls import run_orders
from fairdial.ledger.calls.run_orders import Standing
from fairdial.ledger.calls.runs import require_startable
from fairdial.ledger.views.campaigns import campaign_named

Name = Annotated[str, typer.Argument(help="Name of the campaign. 任务名称。")]
By = Annotated[str, typer.Option(help="Who does this. 操作人。")]


@app.command("start", epilog="Example 例: fairdial campaign start renewals-december --by 王运营 --stay")
def start(
    name: Name,
    by: By,
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on until nobody will be due any more. 持续到全部客户处理完毕。")
    ] = False,
) -> None:
    """Have every worker there is carry a campaign together; see `fairdial worker`. 交由工作进程运行。"""

    async def work(opened: App) -> None:
        tenant = opened.settings.tenant
        await require_startable(opened.database, tenant=tenant, campaign=name)
        await run_orders.want_run(opened.database, tenant=tenant, campaign=name, by=by, stays=stay)

    in_app(work)
    Console(soft_wrap=True).print(f"{name}: ordered 已下达; `fairdial campaign status {name}` tells how it stands")


@app.command("stop", epilog="Example 例: fairdial campaign stop renewals-december --by 王运营")
def stop(name: Name, by: By) -> None:
    """Have all workers start no more calls; the living ones say goodbye. 停止运行。"""

    async def work(opened: App) -> bool:
        return await run_orders.want_stop(opened.database, tenant=opened.settings.tenant, campaign=name, by=by)

    if not in_app(work):
        raise InputError(f"no worker was told to run {name!r}; Ctrl-C stops a command line 任务没有由工作进程运行")
    Console(soft_wrap=True).print(f"{name}: stops 正在停止")


@app.command("status", epilog="Example 例: fairdial campaign status renewals-december --json")
def status(name: Name, as_json: Json = False) -> None:
    """Tell who carries a campaign, and which limit holds it. 查看运行状态与受限原因。"""

    async def work(opened: App) -> tuple[str, Standing]:
        tenant = opened.settings.tenant
        known = await campaign_named(opened.database, tenant=tenant, name=name)
        if known is None:
            raise InputError(f"campaign {name!r} is not known; create it with `fairdial campaign create` 没有这个任务")
        return known["state"], await run_orders.standing(opened.database, tenant=tenant, campaign=name)

    state, stands = in_app(work)
    row = {
        "campaign": name,
        "state": state,
        "run": stands.state,
        "held_by": stands.held_by,
        "workers": stands.taken_by,
        "by": stands.by,
        "last_words": stands.last_words,
    }
    show_rows([row], as_json, "no run yet 还没有运行")
