"""Where a line leads and what it is dialled with: checked before a stack is started."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from fairdial.core.permit import Permit, SpentPermit
from fairdial.core.policy.case import LineKind
from fairdial.core.trunk import Transport, Trunk, written_for
from fairdial.errors import LineError
from fairdial.ports import PERMIT_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeWay:
    """The edge that calls go through: its `host:port`, and who signs for it (`core.permit_signature`)."""

    address: str
    sign: Callable[[SpentPermit], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """Where the trunk is and what it may carry.

    Attributes:
        address: `host:port` of the carrier or the practice network.
        password: Of the trunk's login.
        edge: Through which edge it is reached, which registers, encrypts and has a transport of its own; None sends to `address`.
        listen: `host:port` of our own SIP socket; None takes the interface that leads to where we send, and a free port.
        rtp_ports: First and last UDP port of our media.
        ca_file: Whom TLS trusts; what the system trusts unless said otherwise.
    """

    name: str
    kind: LineKind
    address: str
    capacity: int
    trunk: Trunk = field(default_factory=Trunk)
    password: str | None = field(default=None, repr=False)
    edge: EdgeWay | None = None
    listen: str | None = None
    rtp_ports: tuple[int, int] = (30000, 31999)
    ca_file: str = "/etc/ssl/certs/ca-certificates.crt"

    @property
    def next_hop(self) -> str:
        """Where our SIP is sent, `host:port`."""
        return self.edge.address if self.edge else self.address

    @property
    def transport(self) -> Transport:
        return self.trunk.transport if self.edge is None else Transport.UDP


def check(options: LineOptions) -> None:
    """See that a stack can be started with a line.

    Raises:
        LineError: An address is none, a practice line leads off this machine, or who registers has no login.
    """
    for address in {options.address, options.next_hop}:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise LineError(f"line {options.name}: the address must be host:port, not {address!r}")
        if options.kind is LineKind.PRACTICE and not is_loopback(host):
            raise LineError(f"line {options.name}: a practice line leads to loopback only, not to {host}")
    if options.trunk.registers and not (options.trunk.login and options.password):
        raise LineError(
            f"line {options.name}: who registers needs a login and a password; set both with `fairdial line set`"
            " 注册线路须有账号和密码"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, for certain."""
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
    if len(towards) > 1 and any(is_loopback(one) for one in towards):
        raise LineError(
            f"lines {', '.join(one.name for one in lines)} lead partly to this machine and partly off it; use them in campaigns"
            " of their own 本机线路与外部线路须分属不同任务"
        )
    return next(iter(towards)) if len(towards) == 1 else None


def _interface_towards(options: LineOptions) -> str:
    """The address of ours that leads to where we send; nothing is sent."""
    host, _, port = options.next_hop.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, int(port)))
        except OSError as error:
            raise LineError(f"line {options.name}: no way leads to {host} ({error.strerror})") from error
        return str(probe.getsockname()[0])


def transport_of(options: LineOptions) -> str:
    return "" if options.transport is Transport.UDP else f";transport={options.transport}"


def as_written(permit: Permit, options: LineOptions) -> Permit:
    """The permit with both numbers as the carrier wants them written."""
    form = options.trunk.number_format
    return replace(
        permit, number=written_for(permit.number, form), caller_number=written_for(permit.caller_number, form)
    )


def headers_of(options: LineOptions, permit: Permit) -> dict[str, str]:
    """What an INVITE says besides: its permit, and openly who calls (RFC 3325; privacy is not asked for, RFC 3323).

    Args:
        permit: As `as_written` gives it.
    """
    host = options.address.rpartition(":")[0]
    return {
        PERMIT_HEADER: str(permit.id),
        "P-Asserted-Identity": f"<sip:{permit.caller_number}@{host}>",
        "Privacy": "none",
    }
