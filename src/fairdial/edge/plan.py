"""What the edge is told: its files, from the installation's lines, keys and addresses.

Pure: values in, file texts out; no clock, no disk. The logic is in the fixed `kamailio.cfg` beside this file; what is
rendered are values only, and nothing in them that was not checked here can leave its place in a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fairdial.core.permit_signature import EdgeKey, EdgeSecrets, line_token
from fairdial.core.policy.case import LineKind, Purpose
from fairdial.core.trunk import is_address
from fairdial.errors import InputError

_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\]")
_PATH = re.compile(r"/[A-Za-z0-9._/@+-]*")

CALLS_EACH_SECOND = 10
"""Where a line says nothing: what carriers commonly grant a small trunk."""

TRANSPORTS = ("udp", "tcp", "tls")

_LAST_INSTANT = 2**31 - 1
"""Kamailio 5.6 reads numbers of its configuration into 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLine:
    """A trunk as the edge serves it.

    Attributes:
        address: `host:port` of the carrier.
        calls: Calls at once.
        each_second: Calls begun in any second.
        srtp: Whether sound goes to the carrier as SRTP (SDES), for which the edge needs rtpengine.
        answers_options: Whether it is asked by OPTIONS, and taken out while it does not answer.
        stand_ins: Lines that may carry a call of this one when it certainly rang nowhere, in order.
    """

    name: str
    tenant: str
    kind: LineKind
    address: str
    calls: int
    purposes: frozenset[Purpose]
    documents_until: datetime
    each_second: int = CALLS_EACH_SECOND
    transport: str = "udp"
    srtp: bool = False
    answers_options: bool = True
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where the edge listens: `transport` on `address` (ip:port), known to others as `advertised` (host:port)."""

    transport: str
    address: str
    advertised: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """rtpengine: its control port `control` (ip:port) and the addresses sound comes and goes on."""

    control: str
    inside: str
    outside: str
    outside_advertised: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeOptions:
    """What is of this edge and not of a line.

    Attributes:
        folder: Where its files will lie, on the machine it runs on.
        listeners: The one that carriers see comes last: its address is all they learn.
        silence_s: After so long without any answer to an INVITE its carrier is given up (RFC 3261: timer B, 64 T1).
        ping_s: Between two OPTIONS to a carrier.
        certificate, private_key: Of the TLS listener, and of calls to carriers over TLS.
        ca_list: Whom carriers' certificates must be signed by.
    """

    folder: str
    listeners: tuple[Listener, ...]
    silence_s: float = 32.0
    ping_s: int = 5
    certificate: str | None = None
    private_key: str | None = None
    ca_list: str = "/etc/ssl/certs/ca-certificates.crt"
    media: Media | None = None


def render(lines: Sequence[EdgeLine], secrets: EdgeSecrets, options: EdgeOptions) -> Mapping[str, str]:
    """The files of an edge by name; the same for the same values.

    Raises:
        InputError: A line, a stand-in or an address cannot be served; every problem is named.
    """
    ordered = sorted(lines, key=lambda line: line.name)
    problems = [*_problems_of_options(options), *_problems_of_lines(ordered, options)]
    if problems:
        raise InputError("; ".join(problems))
    files = {
        "edge.cfg": _edge_cfg(options, secrets.mask),
        "lines.cfg": _lines_cfg(ordered, secrets.keys),
        "dispatcher.list": _dispatcher_list(ordered),
    }
    if _has_tls(options):
        files["tls.cfg"] = _tls_cfg(options)
    if options.media is not None:
        files["rtpengine.conf"] = _rtpengine_conf(options.media)
    return files


def _problems_of_options(options: EdgeOptions) -> list[str]:
    found = []
    if not options.listeners:
        found.append("name at least one address to listen on: --listen 192.0.2.1:5060 请给出监听地址")
    for one in options.listeners:
        host = one.address.rpartition(":")[0]
        if one.transport not in TRANSPORTS or not is_address(one.address) or not _IP.fullmatch(host):
            found.append(f"--listen {one.address}: write ip:port, the address of an interface 请写成 网卡地址:端口")
        if one.advertised is not None and not is_address(one.advertised):
            found.append(f"--advertise {one.advertised}: write host:port, as carriers reach it 请写成 主机:端口")
    media = options.media
    if media is not None:
        if not is_address(media.control):
            found.append(f"--rtpengine {media.control}: write ip:port of its control port, such as 127.0.0.1:2223")
        for ip in (media.inside, media.outside, media.outside_advertised):
            if ip is not None and not _IP.fullmatch(ip):
                found.append(f"media address {ip}: write an IP address 请填写 IP 地址")
    for path in (options.folder, options.certificate, options.private_key, options.ca_list):
        if path is not None and not _PATH.fullmatch(path):
            found.append(
                f"{path}: a path at the edge begins with / and has no spaces or quotes 路径须以 / 开头,不含空格和引号"
            )
    if _has_tls(options) and not (options.certificate and options.private_key):
        found.append("TLS needs a certificate: --self-signed, or --certificate and --private-key 请提供证书")
    return found


def _problems_of_lines(lines: Sequence[EdgeLine], options: EdgeOptions) -> list[str]:
    known = {line.name: line for line in lines}
    found = []
    if not lines:
        found.append("there is no line to serve; add one with `fairdial line add` 没有可用的线路")
    for line in lines:
        if not is_address(line.address):
            found.append(
                f"line {line.name}: its address {line.address} is no host:port; change it with `fairdial line set`"
            )
        if line.calls < 1 or line.each_second < 1:
            found.append(
                f"line {line.name}: calls at once and calls a second must be 1 or more 并发数和每秒呼叫数须不小于 1"
            )
        if line.transport not in TRANSPORTS:
            found.append(f"line {line.name}: its transport must be one of {', '.join(TRANSPORTS)}")
        elif line.transport not in {one.transport for one in options.listeners}:
            found.append(
                f"line {line.name} goes by {line.transport}: let the edge listen there, --listen {line.transport}:IP:PORT"
            )
        if line.srtp and options.media is None:
            found.append(f"line {line.name} wants SRTP: the edge needs --rtpengine for it 加密媒体需要 rtpengine")
        found += [problem for name in line.stand_ins if (problem := _why_no_stand_in(line, known.get(name), name))]
    return found


def _why_no_stand_in(line: EdgeLine, other: EdgeLine | None, name: str) -> str | None:
    """Why a line may not stand in for another: the gate would not have answered the same for both."""
    if other is None:
        return f"--stand-in {line.name}={name}: line {name} is not known; add it with `fairdial line add` 线路不存在"
    if other.name == line.name:
        return f"--stand-in {line.name}={name}: a line is no stand-in for itself 不能替代自身"
    if other.tenant != line.tenant or other.kind is not line.kind:
        return f"--stand-in {line.name}={name}: they are not of one enterprise and one kind 须属同一企业、同一类型"
    if missing := line.purposes - other.purposes:
        return f"--stand-in {line.name}={name}: line {name} is not for {', '.join(sorted(missing))} 用途不足"
    return None


def _has_tls(options: EdgeOptions) -> bool:
    return any(one.transport == "tls" for one in options.listeners)


_PROBED = 8
"""The dispatcher's flag of a destination that is asked by OPTIONS all the time."""

_WRITTEN = "written by `fairdial edge render`; change the lines and render again, not this file"


def _edge_cfg(options: EdgeOptions, mask: str) -> str:
    outside = options.listeners[-1]
    known_as = (outside.advertised or outside.address).rpartition(":")[0]
    defines = {
        "DISPATCHER_LIST": f'"{options.folder}/dispatcher.list"',
        "CONTROL": f'"unix:{options.folder}/control"',
        "PING_S": str(options.ping_s),
        "PING_WAIT_MS": str(1000 * min(options.ping_s, 4)),
        "PING_FROM": f'"sip:edge@{known_as}"',
        "SILENCE_MS": str(round(options.silence_s * 1000)),
        "MASK_KEY": f'"{mask}"',
        "MASK_IP": f'"{known_as}"',
    }
    transports = {one.transport for one in options.listeners}
    switches = []
    if len({one.address.rpartition(":")[0] for one in options.listeners}) > 1:
        switches.append("#!define SEVERAL_INTERFACES")
    if transports - {"udp"}:
        switches.append("#!define WITH_TCP")
    if "tls" in transports:
        switches.append("#!define WITH_TLS")
        defines["TLS_CONFIG"] = f'"{options.folder}/tls.cfg"'
    if options.media is not None:
        switches.append("#!define WITH_RTPENGINE")
        defines["RTPENGINE"] = f'"udp:{options.media.control}"'
    # The outside one is the first, since its address is in the Call-IDs of our OPTIONS. One process serves it, so that what a
    # carrier says is taken in the order it was said: a 180 handled after the 503 that followed it would have rung unnoticed.
    listens = ["socket_workers=1"]
    for one in reversed(options.listeners):
        listens.append(
            f"listen={one.transport}:{one.address}" + (f" advertise {one.advertised}" if one.advertised else "")
        )
    return _text(f"# {_WRITTEN}", *switches, *(f"#!define {name} {value}" for name, value in defines.items()), *listens)


def _lines_cfg(lines: Sequence[EdgeLine], keys: Sequence[EdgeKey]) -> str:
    said = ["$sht(edge=>began) = $TV(sn);"]
    for key in sorted(keys, key=lambda one: one.number):
        inner, outer = key.padded
        said += [f'$sht(keys=>{key.number}::inner) = "{inner}";', f'$sht(keys=>{key.number}::outer) = "{outer}";']
    for number, line in enumerate(lines, start=1):
        ways = [line_token(name) for name in (line.name, *line.stand_ins)]
        values: dict[str, int | str] = {
            "set": number,
            "ways": f'"{"/".join(ways)}"',
            "count": len(ways),
            "calls": line.calls,
            "each_second": line.each_second,
            "until": min(int(line.documents_until.timestamp()), _LAST_INSTANT),
            "srtp": int(line.srtp),
        }
        said += [f"$sht(lines=>{line_token(line.name)}::{name}) = {value};" for name, value in values.items()]
    return _text(f"# {_WRITTEN}", "event_route[htable:mod-init] {", *(f"\t{one}" for one in said), "}")


def _dispatcher_list(lines: Sequence[EdgeLine]) -> str:
    rows = []
    for number, line in enumerate(lines, start=1):
        by = "" if line.transport == "udp" else f";transport={line.transport}"
        probed = _PROBED if line.answers_options else 0
        rows.append(f"{number} sip:{line.address}{by} {probed} 0 line={line_token(line.name)}")
    return _text(f"# {_WRITTEN}", *rows)


def _tls_cfg(options: EdgeOptions) -> str:
    own = (
        f"private_key = {options.private_key}",
        f"certificate = {options.certificate}",
        f"ca_list = {options.ca_list}",
    )
    return _text(
        f"# {_WRITTEN}",
        *("[server:default]", "method = TLSv1.2+", "verify_certificate = no", "require_certificate = no", *own),
        *("[client:default]", "method = TLSv1.2+", "verify_certificate = yes", "require_certificate = yes", *own),
    )


def _rtpengine_conf(media: Media) -> str:
    outside = media.outside + (f"!{media.outside_advertised}" if media.outside_advertised else "")
    return _text(
        f"# {_WRITTEN}",
        "[rtpengine]",
        "table = -1",
        f"interface = inside/{media.inside};outside/{outside}",
        f"listen-ng = {media.control}",
        "timeout = 60",
        "silent-timeout = 3600",
        "port-min = 30000",
        "port-max = 40000",
        "tos = 184",
        "log-level = 4",
    )


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"
