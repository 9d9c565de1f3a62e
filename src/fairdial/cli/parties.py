"""`fairdial tenant`, `caller`, `registry`: who calls, with what number, and who must not be called. 企业、主叫号码、登记。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.campaign.history_file import read_registry
from fairdial.cli.output import in_app
from fairdial.core.contacts.check import LIST_ZONE
from fairdial.core.pacing.caller_use import CallerKind
from fairdial.core.policy.case import Purpose, Role
from fairdial.core.policy.country import country_code
from fairdial.errors import InputError
from fairdial.ledger.parties import CallerTerms, add_caller_number, end_of, replace_registry, set_tenant
from fairdial.ledger.protection.tenant_login import database_login

tenant_app = typer.Typer(no_args_is_help=True, help="The enterprise that calls. 企业。")
caller_app = typer.Typer(no_args_is_help=True, help="Caller numbers. 主叫号码。")
registry_app = typer.Typer(no_args_is_help=True, help="Do-not-call registries. 谢绝来电登记。")

Purposes = Annotated[
    list[Purpose], typer.Option("--purpose", help="marketing, service or survey; may be repeated. 用途,可重复。")
]
Until = Annotated[datetime, typer.Option(help="Last day, 2027-12-31. 有效期至。")]


def _run(work: Callable[[App], Awaitable[str]]) -> None:
    Console(soft_wrap=True).print(in_app(work))


@tenant_app.command(
    "set", epilog="Example 例: fairdial tenant set --seat CN --purpose service --contract-until 2027-12-31"
)
def tenant_set(
    seat: Annotated[str, typer.Option(help="Country of the enterprise, ISO 3166. 企业所在国家。")],
    purpose: Purposes,
    contract_until: Until,
    role: Annotated[Role, typer.Option(help="In which role it calls. 经营角色。")] = Role.OWN_CUSTOMERS,
) -> None:
    """Write where the enterprise sits, its role, and what its contract covers. 登记企业。"""

    country = country_code(seat)
    if country is None:
        raise InputError(f"--seat {seat!r} is no country; write its ISO 3166 code, such as CN or GB")

    async def work(opened: App) -> str:
        tenant = opened.settings.tenant
        await set_tenant(
            opened.database,
            tenant=tenant,
            seat=country,
            role=role,
            purposes=purpose,
            contract_until=end_of(contract_until),
        )
        return f"{tenant}: {country}, {role}, {', '.join(sorted(purpose))}, until {contract_until:%Y-%m-%d}"

    _run(work)


@tenant_app.command("login", epilog="Example 例: fairdial tenant login")
def tenant_login() -> None:
    """Print an address with which the enterprise reads its own rows; the one before stops working. 企业只读数据库账号。"""

    async def work(opened: App) -> str:
        return await database_login(opened.database, tenant=opened.settings.tenant)

    _run(work)


@caller_app.command("add", epilog="Example 例: fairdial caller add +861012345678 --documents-until 2027-12-31")
def caller_add(
    number: Annotated[str, typer.Argument(help="The number shown, E.164. 主叫号码。")],
    documents_until: Until,
    own: Annotated[
        bool, typer.Option("--own/--not-own", help="Registered to this enterprise. 登记在本企业名下。")
    ] = True,
    kind: Annotated[CallerKind | None, typer.Option(help="Read off the number if not said. 号码类型。")] = None,
    region: Annotated[
        str | None, typer.Option(help="Where it is registered; shown there first. 号码归属地,如 上海。")
    ] = None,
    line: Annotated[
        list[str] | None, typer.Option(help="The only lines it may be shown on; may be repeated. 仅可用于这些线路。")
    ] = None,
    hourly: Annotated[
        int | None, typer.Option(help="Calls in any hour; by its kind if not said. 每小时上限。", min=0)
    ] = None,
    daily: Annotated[
        int | None, typer.Option(help="Calls in any 24 hours; by its kind if not said. 每日上限。", min=0)
    ] = None,
) -> None:
    """Add or change a number that is shown to the people called. 登记主叫号码。

    What it may be used for stands below where carriers flag numbers: mobile 16 an hour and 64 a day, fixed 20 and 80, 95, 96 and 400
    numbers 200 and 1500; none on practice lines. A full number rests, and its contacts wait: no other is shown to them.
    """
    said = (kind, region, line, hourly, daily)
    terms = CallerTerms(
        kind=kind,
        region=region,
        lines=frozenset(line) if line else None,
        hourly_limit=hourly,
        daily_limit=daily,
    )

    async def work(opened: App) -> str:
        await add_caller_number(
            opened.database,
            tenant=opened.settings.tenant,
            number=number,
            is_own=own,
            documents_until=end_of(documents_until),
            terms=None if said == (None,) * 5 else terms,
        )
        return f"{number}: {'own 本企业' if own else 'not own 非本企业'}, until {documents_until:%Y-%m-%d}"

    _run(work)


@registry_app.command("import", epilog="Example 例: fairdial registry import US-DNC us-dnc.csv --copied-at 2026-11-20")
def registry_import(
    name: Annotated[str, typer.Argument(help="Name of the registry, as the rules call it. 登记名称。")],
    path: Annotated[Path, typer.Argument(help="CSV: number, and optionally since. 文件。")],
    copied_at: Annotated[datetime, typer.Option(help="When the copy was taken. 副本时间。")],
) -> None:
    """Replace the local copy of a do-not-call registry. 更新谢绝来电登记的副本。"""

    async def work(opened: App) -> str:
        taken, now = copied_at.replace(tzinfo=LIST_ZONE), await opened.database.now()
        if taken > now:
            raise InputError(f"--copied-at {copied_at:%Y-%m-%d} has not come yet 副本时间在将来")
        entries = list(read_registry(path, packs=opened.packs, now=now))
        if not entries:
            raise InputError(f"{path}: holds no number; an empty copy would let everybody be called 文件中没有号码")
        count = await replace_registry(opened.database, name=name, copied_at=taken, entries=entries)
        return f"{name}: {count} numbers 个号码, copied {copied_at:%Y-%m-%d}"

    _run(work)
