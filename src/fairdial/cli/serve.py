"""`fairdial serve` and `fairdial user`: the API and who may sign in to it. 网页服务与用户。"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App, open_app
from fairdial.app.observed import observed
from fairdial.app.runs import MOST_RUNS, Folders, RunWorker
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.cli.serving import Door, serve_until_stopped, work_until_stopped
from fairdial.core.access.roles import Role
from fairdial.errors import SettingsError
from fairdial.ledger.access.identities import link_identity, unlink_identity
from fairdial.ledger.access.users import add_user, make_link, users

user_app = typer.Typer(no_args_is_help=True, help="Who may sign in. 用户。")

Host = Annotated[str, typer.Option(help="Address to listen on; others than this machine's want TLS. 监听地址。")]
Port = Annotated[int, typer.Option(help="Port to listen on. 端口。", min=1, max=65535)]
By = Annotated[str, typer.Option(help="Who does this. 操作人。")]

EPILOG = "Example 例: fairdial serve --clips clips"
WORKER_EPILOG = "Example 例: fairdial worker --clips clips"


def serve_command(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    certificate: Annotated[str | None, typer.Option(help="TLS certificate, PEM. 证书文件。")] = None,
    key: Annotated[str | None, typer.Option(help="Its private key, PEM. 私钥文件。")] = None,
    recordings: Annotated[Path, typer.Option(help="Where recordings lie. 录音文件夹。")] = Path("recordings"),
    clips: Annotated[
        Path | None, typer.Option(help="Folder of clips; without it no campaign is run here. 话术录音文件夹。")
    ] = None,
    worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker", help="Run campaigns here, too, where there are clips. 是否同时运行外呼任务。"
        ),
    ] = True,
) -> None:
    """Serve the API and the console until stopped, and run what is started there. 启动网页服务。"""
    if (certificate is None) != (key is None):
        raise SettingsError("--certificate and --key belong together 证书与私钥须同时给出")
    if certificate is None and not _is_loopback(host):
        raise SettingsError(
            f"{host} can be reached by others: give --certificate and --key, or listen on 127.0.0.1 behind a proxy"
            " that speaks TLS 对外监听须启用 TLS"
        )
    door = Door(host=host, port=port, certificate=certificate, key=key)
    asyncio.run(_serve(door, recordings, clips, runs_here=worker and clips is not None))


async def _serve(door: Door, recordings: Path, clips: Path | None, *, runs_here: bool) -> None:
    def ready() -> None:
        console = Console(soft_wrap=True)
        console.print(f"serving 服务地址: {door.address}  (Ctrl-C stops 停止)")
        if not runs_here:
            console.print("campaigns are run by `fairdial worker --clips FOLDER` 外呼任务由 fairdial worker 运行")

    async with open_app() as opened:
        worker = RunWorker(opened, Folders(clips=clips, recordings=recordings)) if runs_here and clips else None
        async with observed(opened, "server", recordings=recordings if worker else None):
            await serve_until_stopped(opened, door, recordings=recordings, clips=clips, worker=worker, ready=ready)


def worker_command(
    clips: Annotated[Path, typer.Option(help="Folder of clips. 话术录音文件夹。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings go. 通话录音存放处。")] = Path("recordings"),
    campaigns: Annotated[
        int, typer.Option(help="Campaigns it carries at once; each takes a process. 同时运行的任务数。", min=1, max=64)
    ] = MOST_RUNS,
    drain_s: Annotated[
        float,
        typer.Option(
            "--drain-s", help="Seconds living calls get to end on SIGTERM. 退出前等待通话结束的秒数。", min=0, max=3600
        ),
    ] = 60.0,
) -> None:
    """Carry the campaigns that `fairdial campaign start` or the console orders; any number of workers, on any machine. 运行外呼任务的进程。

    Any number may run, on any number of machines: they carry each campaign together, by its priority, within the limits of
    its lines. SIGTERM lets living calls end and leaves the rest to the others; Ctrl-C has them say goodbye at once.
    可在多台机器上同时运行多个进程,共同承担同一任务。
    """

    async def work() -> None:
        async with open_app() as opened:
            folders = Folders(clips=clips, recordings=recordings)
            worker = RunWorker(opened, folders, most=campaigns, drain_s=drain_s)
            Console(soft_wrap=True).print(f"worker 工作进程: {worker.name}  (Ctrl-C stops 停止)")
            async with observed(opened, "order-taker", recordings=recordings):
                await work_until_stopped(worker)

    asyncio.run(work())


@user_app.command("add", epilog="Example 例: fairdial user add li.audit --role auditor --by 王经理")
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with. 登录名。")],
    role: Annotated[list[Role], typer.Option(help="What they are; may be given several times. 角色。")],
    by: By,
    address: Annotated[str, typer.Option(help="Where the console is. 控制台地址。")] = "http://127.0.0.1:8080",
) -> None:
    """Let somebody sign in; prints a link that is good once, for a day. 新增用户。"""

    async def work(opened: App) -> str:
        tenant = opened.settings.tenant
        await add_user(opened.database, tenant=tenant, name=name, roles=role, by=by)
        return await make_link(opened.database, tenant=tenant, name=name)

    token = in_app(work)
    Console(soft_wrap=True).print(f"{address}/sign-in#{token}", highlight=False)


@user_app.command("link", epilog="Example 例: fairdial user link li.audit")
def link(
    name: Annotated[str, typer.Argument(help="Who forgot their password. 登录名。")],
    address: Annotated[str, typer.Option(help="Where the console is. 控制台地址。")] = "http://127.0.0.1:8080",
) -> None:
    """Print a new link that signs somebody in once. 重新生成登录链接。"""
    token = in_app(lambda app: make_link(app.database, tenant=app.settings.tenant, name=name))
    Console(soft_wrap=True).print(f"{address}/sign-in#{token}", highlight=False)


@user_app.command(
    "link-oidc", epilog="Example 例: fairdial user link-oidc li.audit --email li@corp.example --by 王经理"
)
def link_oidc(
    name: Annotated[str, typer.Argument(help="Who may sign in at the provider. 登录名。")],
    by: By,
    subject: Annotated[str | None, typer.Option(help="The `sub` that the provider tells. 身份提供方的 sub。")] = None,
    email: Annotated[str | None, typer.Option(help="Address the provider has verified. 已验证的邮箱。")] = None,
) -> None:
    """Let somebody sign in at the OpenID Connect provider. 关联单点登录账号。"""

    async def work(opened: App) -> None:
        issuer, tenant = _issuer(opened), opened.settings.tenant
        await link_identity(
            opened.database, tenant=tenant, name=name, issuer=issuer, subject=subject, email=email, by=by
        )

    in_app(work)
    Console(soft_wrap=True).print(f"{name} may sign in at the provider 已关联", highlight=False)


@user_app.command("unlink-oidc", epilog="Example 例: fairdial user unlink-oidc li.audit --by 王经理")
def unlink_oidc(name: Annotated[str, typer.Argument(help="Who may not any more. 登录名。")], by: By) -> None:
    """End somebody's signing in at the provider, and their sessions. 取消单点登录关联。"""

    async def work(opened: App) -> None:
        await unlink_identity(opened.database, tenant=opened.settings.tenant, name=name, issuer=_issuer(opened), by=by)

    in_app(work)
    Console(soft_wrap=True).print(f"{name} signs in with a password only 已取消关联", highlight=False)


@user_app.command("list", epilog="Example 例: fairdial user list --json")
def show(as_json: Json = False) -> None:
    """Show who may sign in. 用户列表。"""
    rows = in_app(lambda app: users(app.database, tenant=app.settings.tenant))
    show_rows(rows, as_json, "nobody yet; `fairdial user add` adds somebody 还没有用户")


def _issuer(opened: App) -> str:
    if opened.settings.oidc is None:
        raise SettingsError("FAIRDIAL_OIDC_ISSUER names no provider; set it as for `fairdial serve` 未设置身份提供方")
    return opened.settings.oidc.issuer


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
