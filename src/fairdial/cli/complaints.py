"""`fairdial refusal`, `complaint`, `suspension`, `attempts`: what people say against us, and what follows. 拒绝、投诉、停用。"""

from __future__ import annotations

import os
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json, show_rows
from fairdial.complaint_intake import Complained, receive_complaint
from fairdial.core.call_record import Disposition
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.core.policy.pack import PLATFORM
from fairdial.errors import InputError
from fairdial.given_number import require_number
from fairdial.ledger.calls.suspensions import lift, suspend, suspended
from fairdial.ledger.people.complaints import (
    close_complaint,
    complaints,
    settle,
    unknown_attempts,
)
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from fairdial.packs import load_packs
from fairdial.settings import read_settings

refusal_app = typer.Typer(no_args_is_help=True, help="People who must not be called. 拒绝。")
complaint_app = typer.Typer(no_args_is_help=True, help="Complaints. 投诉。")
suspension_app = typer.Typer(no_args_is_help=True, help="What is suspended. 停用。")
attempts_app = typer.Typer(no_args_is_help=True, help="Attempts. 呼叫。")

NumberArgument = Annotated[str, typer.Argument(help="Telephone number of the person. 本人的电话号码。")]


class Resource(StrEnum):
    TENANT = "tenant"
    LINE = "line"
    CALLER = "caller"
    SCRIPT = "script"


@refusal_app.command(
    "add", epilog="Example 例: fairdial refusal add 13800138000 --source sms --evidence 'TD 2026-11-20 14:02'"
)
def refusal_add(
    number: NumberArgument,
    source: Annotated[str, typer.Option(help="How it came: sms, portal, letter, registry. 来源。")],
    evidence: Annotated[str, typer.Option(help="Where it can be read. 凭据。")],
    scope: Annotated[RefusalScope, typer.Option(help="What it stops. 范围。")] = RefusalScope.TENANT,
    purpose: Annotated[Purpose | None, typer.Option(help="With --scope purpose. 用途。")] = None,
) -> None:
    """Record a refusal that came by another way than a call; it takes effect at once. 登记拒绝。"""
    if (scope is RefusalScope.PURPOSE) != (purpose is not None):
        raise InputError("--purpose belongs to --scope purpose, and to no other")

    async def work(opened: App) -> str:
        e164 = require_number(number, opened.packs).e164
        notice = RefusalNotice(number=e164, source=source, evidence=evidence, scope=scope, purpose=purpose)
        durable = await add_refusal(opened.database, tenant=opened.settings.tenant, notice=notice)
        return f"recorded 已登记, durable at 已持久 {durable:%Y-%m-%d %H:%M:%S%z}"

    Console().print(in_app(work))


@complaint_app.command(
    "add", epilog="Example 例: fairdial complaint add 13800138000 --category nuisance --source 12321"
)
def complaint_add(
    number: NumberArgument,
    category: Annotated[str, typer.Option(help="nuisance, fraud, after_refusal, hours, other. 类别。")],
    source: Annotated[str, typer.Option(help="Who passed it on: person, carrier, 12321, regulator. 来源。")],
    caller_number: Annotated[
        str | None, typer.Option(help="The number that called, if named. 被投诉的主叫号码。")
    ] = None,
    words: Annotated[str, typer.Option(help="What was said. 内容。")] = "",
) -> None:
    """Take a complaint in: it is a refusal too, and may suspend what it is about. 受理投诉。"""

    async def work(opened: App) -> list[str]:
        complained = Complained(
            number=require_number(number, opened.packs),
            caller_number=caller_number,
            category=category,
            source=source,
            words=words,
        )
        tenant = opened.settings.tenant
        taken = await receive_complaint(opened.database, opened.packs, tenant=tenant, complained=complained)
        by = f"{taken.acknowledge_by:%Y-%m-%d %H:%M}", f"{taken.close_by:%Y-%m-%d}"
        head = f"complaint {taken.id} taken 已受理; acknowledge by 回应期限 {by[0]}, close by 办结期限 {by[1]}"
        return [head, *(f"suspended 已停用: {what}" for what in taken.stopped)]

    Console(soft_wrap=True).print("\n".join(in_app(work)))


@complaint_app.command("list", epilog="Example 例: fairdial complaint list --json")
def complaint_list(as_json: Json = False) -> None:
    """List complaints, the open ones first, with the day each is due. 查看投诉及处理期限。"""
    rows = in_app(lambda opened: complaints(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "no complaint 没有投诉")


@complaint_app.command("close", epilog="Example 例: fairdial complaint close 7 --by 李主管")
def complaint_close(
    complaint: Annotated[int, typer.Argument(help="Its number in the list. 编号。")],
    by: Annotated[str, typer.Option(help="Who answered it; it is kept. 处理人,会留痕。")],
) -> None:
    """Say that a complaint has been answered. 办结投诉。"""
    in_app(lambda o: close_complaint(o.database, tenant=o.settings.tenant, complaint=complaint, by=by))
    Console().print(f"complaint {complaint} closed 已办结")


@suspension_app.command("list", epilog="Example 例: fairdial suspension list --json")
def suspension_list(as_json: Json = False) -> None:
    """What is suspended now, and why. 列出停用。"""
    rows = in_app(lambda opened: suspended(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "nothing is suspended 没有停用")


@suspension_app.command("limits", epilog="Example 例: fairdial suspension limits --json")
def suspension_limits(as_json: Json = False) -> None:
    """At which complaints, refusals and hang-ups the brakes stop; engineering choices, not law. 列出停用的界限。"""
    brakes = load_packs(read_settings(os.environ).rulepacks)[PLATFORM].brakes
    if as_json:
        print_json([asdict(brake) for brake in brakes])
        return
    for brake in brakes:
        limit = (
            f"more than {brake.at_most_ratio:.2%} of {brake.at_least} or more"
            if brake.at_most_ratio
            else str(brake.at_most)
        )
        Console(soft_wrap=True).print(
            f"{brake.id}  {limit} within {brake.within_days:g} days  {brake.standing}\n    {brake.reason.zh} {brake.reason.en}",
            highlight=False,
        )


@suspension_app.command(
    "add", epilog="Example 例: fairdial suspension add line trunk-1 --by 李主管 --reason 'carrier asked'"
)
def suspension_add(
    resource: Annotated[Resource, typer.Argument(help="tenant, line, caller or script. 类别。")],
    name: Annotated[str, typer.Argument(help="Its name, number or hash. 名称。")],
    by: Annotated[str, typer.Option(help="Who suspends it; somebody else lifts it. 停用人,须由他人解除。")],
    reason: Annotated[str, typer.Option(help="Why. 原因。")],
) -> None:
    """Suspend a tenant, line, caller number or script by hand. 停用。"""
    in_app(lambda o: suspend(o.database, tenant=o.settings.tenant, resource=resource, name=name, reason=reason, by=by))
    Console().print(f"{resource} {name}: suspended 已停用")


@suspension_app.command(
    "lift", epilog="Example 例: fairdial suspension lift line trunk-1 --by 李主管 --reason 'script corrected'"
)
def suspension_lift(
    resource: Annotated[Resource, typer.Argument(help="tenant, line, caller or script. 类别。")],
    name: Annotated[str, typer.Argument(help="Its name, number or hash. 名称。")],
    by: Annotated[str, typer.Option(help="Who lifts it; not who suspended it. 解除人,不得为停用人。")],
    reason: Annotated[str, typer.Option(help="Why. 原因。")],
) -> None:
    """Lift a suspension; who and why is kept. 解除停用。"""
    in_app(lambda o: lift(o.database, tenant=o.settings.tenant, resource=resource, name=name, by=by, reason=reason))
    Console().print(f"{resource} {name}: lifted by 解除人 {by}")


@attempts_app.command("unknown", epilog="Example 例: fairdial attempts unknown --json")
def attempts_unknown(as_json: Json = False) -> None:
    """Attempts whose worker died while dialling; they count as made. 列出结果未知的呼叫。"""
    rows = in_app(lambda opened: unknown_attempts(opened.database, tenant=opened.settings.tenant))
    show_rows(rows, as_json, "no attempt is unknown 没有结果未知的呼叫")


@attempts_app.command(
    "settle", epilog="Example 例: fairdial attempts settle 17 --disposition no_answer --record cdr-1 --by 李主管"
)
def attempts_settle(
    attempt: Annotated[int, typer.Argument(help="Id of the attempt. 呼叫编号。")],
    disposition: Annotated[Disposition, typer.Option(help="What the carrier's record says. 运营商话单的结果。")],
    record: Annotated[str, typer.Option(help="Which record. 话单编号。")],
    by: Annotated[str, typer.Option(help="Who settles it. 处理人。")],
) -> None:
    """Settle an unknown attempt with a carrier's record; it goes on counting as made. 核实结果未知的呼叫。"""
    in_app(
        lambda o: settle(
            o.database, tenant=o.settings.tenant, attempt_id=attempt, disposition=disposition, record=record, by=by
        )
    )
    Console().print(f"attempt {attempt}: {disposition}")
