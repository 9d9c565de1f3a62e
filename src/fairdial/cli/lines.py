"""`fairdial line`: the trunks, how they stand, and how they are tried. 线路。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import RowMapping

from fairdial.app import App
from fairdial.app.line_watch import probe_line
from fairdial.cli.output import Json, in_app, show_rows
from fairdial.core.pacing.breaker import State
from fairdial.core.pacing.set_up import Fault
from fairdial.core.policy.case import LineKind, Purpose
from fairdial.core.trunk import NumberFormat, Probe, Transport, Trunk
from fairdial.errors import InputError
from fairdial.ledger.lines import line_states
from fairdial.ledger.parties import LineEntry, add_line, end_of, stored_line
from fairdial.ledger.views.lines import lines
from fairdial.line.probe import probe

app = typer.Typer(no_args_is_help=True, help="Telephone lines. 线路。")

FAULTS = {
    Fault.SILENT: "no word from the network 网络无响应",
    Fault.SERVER_ERROR: "the network refuses 网络拒绝",
    Fault.NOT_LET_OUT: "no call leaves 无法呼出",
    Fault.ARREARS: "not paid 欠费",
    Fault.ONE_WAY: "answers without sound 单通",
    Fault.NO_EARLY_MEDIA: "announcements stopped 无早期媒体",
    Fault.SLOW: "slow to ring 接续变慢",
    Fault.FALSE_ANSWER: "answers and hangs up at once 假接通",
    Fault.ASKED_TO_WAIT: "asked us to stay away 要求稍后再试",
    Fault.NO_PROBE: "no answer to OPTIONS 探测无响应",
}
STATES = {State.CLOSED: "in use 正常", State.OPEN: "out 已熔断", State.HALF_OPEN: "on trial 试用中"}

Name = Annotated[str, typer.Argument(help="Name of the line. 线路名称。")]
Address = typer.Option(help="SIP address, host:port. 线路地址。")
Capacity = typer.Option(help="Calls at once; one process carries 120. 并发数,一个进程最多 120 路。", min=1)
Purposes = typer.Option("--purpose", help="marketing, service or survey; may be repeated. 用途,可重复。")
Until = typer.Option(help="Last day, 2027-12-31. 有效期至。")
_ADD = "Example 例: fairdial line add trunk-1 --address 192.0.2.10:5060 --purpose service --documents-until 2027-12-31"
_SET = "Example 例: fairdial line set trunk-1 --transport tls --srtp --unavailable 西藏"


@app.command("add", epilog=_ADD)
def add(
    name: Name,
    address: Annotated[str, Address],
    purpose: Annotated[list[Purpose], Purposes],
    documents_until: Annotated[datetime, Until],
    kind: Annotated[
        LineKind | None, typer.Option(help="practice or carrier; a new line is a carrier's. 演练或真实线路,默认真实。")
    ] = None,
    capacity: Annotated[
        int | None, typer.Option(help="Calls at once, 10 for a new line. 并发数,默认 10。", min=1)
    ] = None,
) -> None:
    """Add or change a line: where it leads, what it may carry, until when its documents hold. 登记线路。

    Of a line that is there, what is not named stays. `fairdial line set` says how it is reached: transport, login, regions, cost.
    """

    async def work(opened: App) -> str:
        tenant = opened.settings.tenant
        known = {row["name"]: row for row in await lines(opened.database, tenant=tenant)}.get(name)
        entry = LineEntry(
            name=name,
            kind=kind or (LineKind(known["kind"]) if known else LineKind.CARRIER),
            address=address,
            capacity=capacity or (known["capacity"] if known else 10),
            purposes=frozenset(purpose),
            documents_until=end_of(documents_until),
        )
        await add_line(opened.database, tenant=tenant, line=entry)
        return _told(entry, Trunk() if known is None else None)

    Console(soft_wrap=True).print(in_app(work))


@app.command("set", epilog=_SET)
def set_command(
    name: Name,
    address: Annotated[str | None, Address] = None,
    capacity: Annotated[int | None, Capacity] = None,
    purpose: Annotated[list[Purpose] | None, Purposes] = None,
    documents_until: Annotated[datetime | None, Until] = None,
    transport: Annotated[Transport | None, typer.Option(help="udp, tcp or tls. 传输方式。")] = None,
    srtp: Annotated[bool | None, typer.Option("--srtp/--no-srtp", help="Media are encrypted. 媒体加密。")] = None,
    login: Annotated[str | None, typer.Option(help="User of the trunk; empty for none. 线路账号,空为无。")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Its first line is the password, which is kept sealed. 密码文件,加密保存。")
    ] = None,
    registers: Annotated[
        bool | None, typer.Option("--register/--no-register", help="We register there. 需要注册。")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Regions it reaches, may be repeated; `all`. 可呼地区,可重复;all 为全部。")
    ] = None,
    unavailable: Annotated[
        list[str] | None, typer.Option(help="Regions it does not reach now; `none`. 暂不可用的省份;none 为无。")
    ] = None,
    cost: Annotated[float | None, typer.Option(help="Of a minute, to compare lines by. 每分钟费用。", min=0)] = None,
    cps: Annotated[float | None, typer.Option(help="New calls a second. 每秒新呼叫数。", min=0.1)] = None,
    number_format: Annotated[
        NumberFormat | None, typer.Option(help="How the carrier wants numbers. 号码格式。")
    ] = None,
    probe_by: Annotated[
        Probe | None, typer.Option("--probe", help="calls, where a carrier answers no OPTIONS. 探测方式。")
    ] = None,
) -> None:
    """Change what is named of a line and leave the rest; the next run uses it. 修改线路。"""
    password = None if password_file is None else _first_line(password_file)
    plain = {"address": address, "capacity": capacity}
    more: dict[str, Any] = {
        "transport": transport,
        "srtp": srtp,
        "registers": registers,
        "cost": cost,
        "calls_per_second": cps,
    }
    more |= {"number_format": number_format, "probe": probe_by}

    async def work(opened: App) -> str:
        entry = await stored_line(opened.database, name)
        trunk = replace(entry.trunk or Trunk(), **_said(more))
        if login is not None:
            trunk = replace(trunk, login=login or None)
        if region is not None:
            trunk = replace(trunk, regions=None if region == ["all"] else frozenset(region))
        if unavailable is not None:
            trunk = replace(trunk, unavailable=frozenset(unavailable) - {"none"})
        entry = replace(entry, trunk=trunk, **_said(plain))
        if purpose:
            entry = replace(entry, purposes=frozenset(purpose))
        if documents_until is not None:
            entry = replace(entry, documents_until=end_of(documents_until))
        await add_line(opened.database, tenant=opened.settings.tenant, line=entry, password=password)
        return _told(entry, trunk)

    Console(soft_wrap=True).print(in_app(work))


def _told(entry: LineEntry, trunk: Trunk | None) -> str:
    """How a line stands after a change, so that a slip is seen at once."""
    parts = [f"{entry.kind}, {entry.address}, {entry.capacity} calls at once 路并发", " ".join(sorted(entry.purposes))]
    parts.append(f"documents until 资质至 {entry.documents_until:%Y-%m-%d}")
    if entry.documents_until <= datetime.now(UTC):
        parts.append("which has passed: no call is permitted over it 已过期,不会呼出")
    if trunk is not None:
        regions = "all regions 全部地区" if trunk.regions is None else " ".join(sorted(trunk.regions))
        closed = f", not 除 {' '.join(sorted(trunk.unavailable))}" if trunk.unavailable else ""
        rate = "" if trunk.calls_per_second is None else f", {trunk.calls_per_second:g} calls a second 次/秒"
        parts.append(f"{trunk.transport}{', SRTP' if trunk.srtp else ''}{rate}, {regions}{closed}")
    return f"{entry.name}: {'; '.join(parts)}"


def _said(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not None}


def _first_line(path: Path) -> str:
    """The password in a file.

    Raises:
        InputError: It cannot be read, or is empty.
    """
    try:
        word = path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--password-file {path}: cannot be read as text 无法读取密码文件") from error
    if not word:
        raise InputError(f"--password-file {path}: its first line is empty 密码文件为空")
    return word


@app.command("list", epilog="Example 例: fairdial line list --json")
def list_command(as_json: Json = False) -> None:
    """List the lines: where they lead, what they carry now, how they stand. 查看线路。"""

    def shown(row: RowMapping) -> dict[str, Any]:
        names = ("name", "kind", "address", "transport", "capacity", "living", "purposes", "documents_until", "state")
        plain = {name: row[name] for name in names} | {"suspended": row["suspended_since"] is not None}
        if not as_json:
            return plain | {
                "purposes": " ".join(row["purposes"]),
                "documents_until": f"{row['documents_until']:%Y-%m-%d}",
            }
        more = (
            "srtp",
            "login",
            "registers",
            "regions",
            "unavailable",
            "cost",
            "calls_per_second",
            "number_format",
            "probe",
        )
        return plain | {name: row[name] for name in more}

    rows = in_app(lambda o: lines(o.database, tenant=o.settings.tenant))
    show_rows([shown(row) for row in rows], as_json, "no line is registered; `fairdial line add` 尚未登记线路")


@app.command("health", epilog="Example 例: fairdial line health trunk-1")
def health(
    name: Annotated[str | None, typer.Argument(help="One line only. 只看一条线路。")] = None, as_json: Json = False
) -> None:
    """Tell which lines are out, why, and when each is probed next. 线路健康状况。"""
    rows = in_app(lambda o: lines(o.database, tenant=o.settings.tenant))
    if name is not None and name not in [row["name"] for row in rows]:
        raise InputError(f"line {name!r} is not known; `fairdial line list` shows what is 没有这条线路")
    shown = [_health(row, as_json=as_json) for row in rows if name in (None, row["name"])]
    show_rows(shown, as_json, "no line is registered; `fairdial line add` 尚未登记线路")


def _health(row: RowMapping, *, as_json: bool) -> dict[str, Any]:
    until = row["state_until"] if row["state"] == State.OPEN else None
    faults: Sequence[str] = row["faults"]
    plain = {"line": row["name"], "state": row["state"], "faults": faults, "since": row["state_since"]}
    plain |= {"next_probe": until, "fault_share": round(row["fault_share"], 2), "living": row["living"]}
    if as_json:
        return plain
    told = {"state": STATES[State(row["state"])], "faults": "; ".join(FAULTS[Fault(one)] for one in faults)}
    times = {name: plain[name] and f"{plain[name]:%m-%d %H:%M:%S}" for name in ("since", "next_probe")}
    return plain | told | times


@app.command("probe", epilog="Example 例: fairdial line probe trunk-1")
def probe_command(name: Name) -> None:
    """Send OPTIONS to a line from here; one that is out and answers is given a few calls at once. 探测线路。"""

    async def work(opened: App) -> str:
        entry = await stored_line(opened.database, name)
        trunk = entry.trunk or Trunk()
        stands = (await line_states(opened.database, [name]))[name].breaker
        if stands.state is State.OPEN:
            answered = await probe_line(opened.database, name)
            return f"{name}: {'answers; on trial now 有响应,进入试用' if answered else 'does not answer 无响应'}"
        brought = await probe(entry.address, trunk.transport)
        if brought.status is None:
            return f"{name}: does not answer OPTIONS; calls alone tell 未响应 OPTIONS,须以实际呼叫判断"
        return f"{name}: {brought.status} after {brought.after_ms} ms 毫秒内响应"

    Console(soft_wrap=True).print(in_app(work))
