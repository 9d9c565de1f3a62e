"""`fairdial call`: one call, looked at closely. 单通电话。"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.wire import WireMessage
from fairdial.errors import InputError
from fairdial.ledger.calls.wire import wire_of

app = typer.Typer(no_args_is_help=True, help="One call, looked at closely. 单通电话。")


@app.callback()
def call() -> None:
    """One call, looked at closely. 单通电话。"""


@app.command("trace", epilog="Example 例: fairdial call trace 17")
def trace(
    call: Annotated[str, typer.Argument(help="Number of the call, or its permit. 通话编号或许可编号。")],
    as_json: Json = False,
) -> None:
    """The SIP messages of a call as a ladder; they hold no numbers. 按时间列出一通电话的 SIP 信令,不含号码。"""

    async def work(opened: App) -> list[WireMessage] | None:
        return await wire_of(opened.database, tenant=opened.settings.tenant, call=call)

    passed = in_app(work)
    if passed is None:
        raise InputError(f"call {call}: there is no such call 没有这通电话")
    if as_json:
        print_json([asdict(one) for one in passed])
        return
    console = Console(soft_wrap=True, highlight=False)
    if not passed:
        console.print("no message is kept of this call 这通电话没有留下信令")
        return
    console.print(f"{'ms':>8}  fairdial{' ' * 26}line 线路", markup=False)
    for one in passed:
        console.print(_rung(one), markup=False)


def _rung(one: WireMessage) -> str:
    what = one.what + (" (SDP)" if one.has_sdp else "")
    arrow = f"|{what:-^30}>|" if one.is_ours else f"|<{what:-^30}|"
    return "  ".join([f"{one.after_ms:>8}", arrow, one.of, *one.told])
