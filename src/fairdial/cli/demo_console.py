"""The end of a demo: the console, open to the demo's calls and to campaigns of one's own on its practice network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from rich.console import Console

from fairdial.app import App
from fairdial.app.runs import Folders, RunWorker
from fairdial.cli.serving import free_door, serve_until_stopped
from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.access.users import add_user, make_link
from fairdial.ledger.people.readers import set_reader
from fairdial.web.server import CONSOLE

_MADE_BY = "演练 practice"
_YOU, _SECOND = "demo", "reviewer"
_ROLES = (Role.OPERATOR, Role.WRITER, Role.COMPLIANCE, Role.ADMINISTRATOR)


async def open_console(opened: App, folders: Folders, console: Console, *, port: int) -> None:
    """Serve until Ctrl-C; prints the address and a link for each of two people, because nobody approves their own script."""
    if not CONSOLE.is_dir():
        console.print("the console is not built: `make console`, then `make demo` 控制台未构建:先运行 make console")
        return
    door = free_door(port)
    links = [await _link(opened, name, roles) for name, roles in ((_YOU, _ROLES), (_SECOND, (Role.REVIEWER,)))]
    await set_reader(opened.database, tenant=opened.settings.tenant, name=_YOU, level=Level.SENSITIVE, by=_MADE_BY)

    def ready() -> None:
        console.print(
            f"\n[bold]console 控制台[/bold]: {door.address}/sign-in#{links[0]}\n"
            "  the link signs you in once; set a password there 链接只能登录一次,请在页面上设置密码\n"
            "  the practice network goes on: import examples/insurance-renewal/more-customers.csv under Lists, plan a campaign\n"
            "  with it and watch its calls; or write a script and rehearse it 演练网络仍在运行:导入 more-customers.csv,看通话实况\n"
            f"  a second person, who approves what you submit 审核人: {door.address}/sign-in#{links[1]}\n"
            "  Ctrl-C stops; the data stay until the next demo 按 Ctrl-C 停止,数据保留到下一次演示",
            highlight=False,
        )

    worker = RunWorker(opened, folders)
    await serve_until_stopped(
        opened, door, recordings=folders.recordings, clips=folders.clips, worker=worker, ready=ready
    )


async def _link(opened: App, name: str, roles: Iterable[Role]) -> str:
    """A link for somebody who may be there from a demo before, on a server of one's own."""
    database, tenant = opened.database, opened.settings.tenant
    with contextlib.suppress(InputError):
        await add_user(database, tenant=tenant, name=name, roles=roles, by=_MADE_BY)
    return await make_link(database, tenant=tenant, name=name)
