"""`fairdial user`: who may sign in. 用户。"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.core.access.roles import Role
from fairdial.errors import SettingsError
from fairdial.ledger.access.identities import link_identity, unlink_identity
from fairdial.ledger.access.users import add_user, make_link, users

app = typer.Typer(no_args_is_help=True, help="Who may sign in. 用户。")

By = Annotated[str, typer.Option(help="Who does this. 操作人。")]


@app.command("add", epilog="Example 例: fairdial user add li.audit --role auditor --by 王经理")
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


@app.command("link", epilog="Example 例: fairdial user link li.audit")
def link(
    name: Annotated[str, typer.Argument(help="Who forgot their password. 登录名。")],
    address: Annotated[str, typer.Option(help="Where the console is. 控制台地址。")] = "http://127.0.0.1:8080",
) -> None:
    """Print a new link that signs somebody in once. 重新生成登录链接。"""
    token = in_app(lambda o: make_link(o.database, tenant=o.settings.tenant, name=name))
    Console(soft_wrap=True).print(f"{address}/sign-in#{token}", highlight=False)


@app.command("link-oidc", epilog="Example 例: fairdial user link-oidc li.audit --email li@corp.example --by 王经理")
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


@app.command("unlink-oidc", epilog="Example 例: fairdial user unlink-oidc li.audit --by 王经理")
def unlink_oidc(name: Annotated[str, typer.Argument(help="Who may not any more. 登录名。")], by: By) -> None:
    """End somebody's signing in at the provider, and their sessions. 取消单点登录关联。"""

    async def work(opened: App) -> None:
        await unlink_identity(opened.database, tenant=opened.settings.tenant, name=name, issuer=_issuer(opened), by=by)

    in_app(work)
    Console(soft_wrap=True).print(f"{name} signs in with a password only 已取消关联", highlight=False)


@app.command("list", epilog="Example 例: fairdial user list --json")
def show(as_json: Json = False) -> None:
    """Show who may sign in. 用户列表。"""
    rows = in_app(lambda o: users(o.database, tenant=o.settings.tenant))
    show_rows(rows, as_json, "nobody yet; `fairdial user add` adds somebody 还没有用户")


def _issuer(opened: App) -> str:
    if opened.settings.oidc is None:
        raise SettingsError("FAIRDIAL_OIDC_ISSUER names no provider; set it as for `fairdial serve` 未设置身份提供方")
    return opened.settings.oidc.issuer
