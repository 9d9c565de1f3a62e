"""Where a line leads and what it is dialled with: checked before a stack is started."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from fairdial.core.permit import Permit
from fairdial.core.policy.case import LineKind
from fairdial.core.trunk import Transport, Trunk, written_for
from fairdial.errors import LineError
from fairdial.ports import PERMIT_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """Where the trunk is and what it may carry.

    Attributes:
        address: `host:port` of the carrier or the practice network.
        password: Of the trunk's login.
        listen: `host:port` of our own SIP socket; None takes the interface that leads to `address` and a free port.
        rtp_ports: First and last UDP port of our media.
        ca_file: Whom TLS trusts; what the system trusts unless said otherwise.
    """

    name: str
    kind: LineKind
    address: str
    capacity: int
    trunk: Trunk = field(default_factory=Trunk)
    password: str | None = field(default=None, repr=False)
    listen: str | None = None
    rtp_ports: tuple[int, int] = (30000, 31999)
    ca_file: str = "/etc/ssl/certs/ca-certificates.crt"


def check(options: LineOptions) -> None:
    host, _, port = options.address.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise LineError(f"line {options.name}: the address must be host:port, not {options.address!r}")
    if options.kind is LineKind.PRACTICE and not _is_loopback(host):
        raise LineError(f"line {options.name}: a practice line leads to loopback only, not to {host}")
    if options.trunk.registers and not (options.trunk.login and options.password):
        raise LineError(
            f"line {options.name}: who registers needs a login and a password; set both with `fairdial line set`"
            " 注册线路须有账号和密码"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name could lead anywhere
        return False


def shared_interface(lines: Sequence[LineOptions]) -> str | None:
    """The address of ours that leads to all lines; None when there are several, which the stack then chooses among itself.

    Raises:
        LineError: One of several leads to this machine only: a stack that serves it serves no other.
    """
    towards = {_interface_towards(one) for one in lines}
    if len(towards) > 1 and any(_is_loopback(one) for one in towards):
        raise LineError(
            f"lines {', '.join(one.name for one in lines)} lead partly to this machine and partly off it; use them in campaigns"
            " of their own 本机线路与外部线路须分属不同任务"
        )
    return next(iter(towards)) if len(towards) == 1 else None


def _interface_towards(options: LineOptions) -> str:
    """The address of ours that leads to the trunk; nothing is sent."""
    host, _, port = options.address.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, int(port)))
        except OSError as error:
            raise LineError(f"line {options.name}: no way leads to {host} ({error.strerror})") from error
        return str(probe.getsockname()[0])


def transport_of(options: LineOptions) -> str:
    transport = options.trunk.transport
    return "" if transport is Transport.UDP else f";transport={transport}"


def headers_of(options: LineOptions, permit: Permit) -> dict[str, str]:
    """What an INVITE says besides: its permit, and openly who calls (RFC 3325; privacy is not asked for, RFC 3323)."""
    shown = written_for(permit.caller_number, options.trunk.number_format)
    host = options.address.rpartition(":")[0]
    return {
        PERMIT_HEADER: str(permit.id),
        "P-Asserted-Identity": f"<sip:{shown}@{host}>",
        "Privacy": "none",
    }
