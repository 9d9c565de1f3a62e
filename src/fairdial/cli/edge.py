"""`fairdial edge`: the configuration of the outbound SIP edge, Kamailio and rtpengine. SIP 边缘。"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.app.edge import RenderedEdge, render_edge
from fairdial.cli.output import Json, in_app, print_json
from fairdial.edge.files import Change
from fairdial.edge.given import Given

app = typer.Typer(no_args_is_help=True, help="The outbound SIP edge: Kamailio and rtpengine. SIP 边缘。")

_WORDS = {Change.NEW: "new 新建", Change.CHANGED: "changed 已更新", Change.SAME: "same 未变"}


@app.command(
    "render",
    epilog="Example 例: fairdial edge render --to /etc/fairdial-edge --listen 10.0.0.5:5060=203.0.113.5:5060"
    " --stand-in trunk-1=trunk-2",
)
def render(
    to: Annotated[Path, typer.Option(help="Folder for the files; its owner may read them. 文件夹。")],
    listen: Annotated[
        list[str] | None,
        typer.Option(
            help="[udp:|tcp:|tls:]IP:PORT, and =HOST:PORT as it is known outside; repeated, carriers' side last. 监听地址。"
        ),
    ] = None,
    stand_in: Annotated[
        list[str] | None,
        typer.Option(help="LINE=LINE: the second carries a call of the first that certainly rang nowhere. 备用线路。"),
    ] = None,
    calls_per_second: Annotated[
        list[str] | None, typer.Option(help="LINE=NUMBER; else the line's own, or 10. 每秒呼叫数。")
    ] = None,
    no_options: Annotated[
        list[str] | None, typer.Option(help="LINE whose carrier answers no OPTIONS: never taken out. 不探测的线路。")
    ] = None,
    media: Annotated[
        str | None, typer.Option(help="IP, or INSIDE,OUTSIDE[=PUBLIC]: sound goes through rtpengine there. 媒体地址。")
    ] = None,
    self_signed: Annotated[
        bool | None, typer.Option("--self-signed/--not-self-signed", help="Make a certificate for TLS. 自签证书。")
    ] = None,
    certificate: Annotated[str | None, typer.Option(help="PEM file on the edge. 证书。")] = None,
    private_key: Annotated[str | None, typer.Option(help="PEM file on the edge. 私钥。")] = None,
    ca_list: Annotated[str | None, typer.Option(help="Whom carriers' certificates are signed by, on the edge.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Where the files will lie on the edge, if elsewhere. 部署路径。")
    ] = None,
    silence_s: Annotated[
        float | None, typer.Option(min=1, max=32, help="Seconds without any answer after which a carrier is given up.")
    ] = None,
    ping_s: Annotated[
        int | None, typer.Option(min=1, max=300, help="Seconds between two OPTIONS to a carrier.")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the next signing key; workers use it from one hour on. 更换密钥。")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Start from no options instead of the folder's last ones. 不沿用上次选项。")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the edge's configuration from the lines in the ledger, and let kamailio check it. 生成边缘配置。

    What was said once need not be said again: after a change of lines run `fairdial edge render --to FOLDER`.
    """
    given = Given(
        listen=tuple(listen) if listen else None,
        media=media,
        stand_in=tuple(stand_in) if stand_in else None,
        each_second=tuple(calls_per_second) if calls_per_second else None,
        no_options=tuple(no_options) if no_options else None,
        self_signed=self_signed,
        certificate=certificate,
        private_key=private_key,
        ca_list=ca_list,
        at=at,
        silence_s=silence_s,
        ping_s=ping_s,
    )

    async def work(opened: App) -> RenderedEdge:
        return await render_edge(opened, to, given, forgets=forget, makes_key=new_key)

    rendered = in_app(work)
    if as_json:
        print_json(
            {
                "files": dict(rendered.files),
                "lines": rendered.lines,
                "keys": rendered.keys,
                "has_changed": rendered.has_changed,
                "checked": {"is_good": rendered.checked.is_good, "words": rendered.checked.words},
            }
        )
    else:
        _show(rendered, to)
    if rendered.checked.is_good is False:
        sys.exit(1)


def _show(rendered: RenderedEdge, to: Path) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for name, change in rendered.files.items():
        console.print(f"{to / name}  {_WORDS[change]}")
    console.print(f"lines 线路: {', '.join(rendered.lines)}; keys 密钥: {', '.join(map(str, rendered.keys))}")
    console.print(rendered.checked.words, markup=False)
    if rendered.checked.is_good is not False and rendered.has_changed:
        console.print("systemctl restart kamailio  then the edge follows 重启后生效")
