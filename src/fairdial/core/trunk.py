"""How a line is reached and what it reaches: plain values of its registration. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fairdial.core.pacing.caller_use import CallerKind


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class NumberFormat(StrEnum):
    """How the carrier wants numbers written: +861012345678, 861012345678, or 01012345678 as within the country."""

    E164 = "e164"
    DIGITS = "digits"
    NATIONAL = "national"


class Probe(StrEnum):
    """How a line that was taken out is tried: by OPTIONS first, or by real calls because the carrier answers none."""

    OPTIONS = "options"
    CALLS = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """What a line is beyond its address.

    Attributes:
        login: User of digest authentication; None for a trunk that knows us by our address.
        registers: Whether we register there under `login`.
        regions: Regions it reaches, as those of contacts are written; None for all.
        unavailable: Regions it does not reach for now.
        cost: Of a minute; lines are compared by it, in whatever unit is the same for all.
        calls_per_second: New calls a second the carrier takes; None when it named no limit.
    """

    transport: Transport = Transport.UDP
    srtp: bool = False
    login: str | None = None
    registers: bool = False
    regions: frozenset[str] | None = None
    unavailable: frozenset[str] = frozenset()
    cost: float | None = None
    number_format: NumberFormat = NumberFormat.E164
    probe: Probe = Probe.OPTIONS
    calls_per_second: float | None = None


_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
_ADDRESS = re.compile(rf"{_HOST}:[0-9]{{1,5}}")
_FOUR = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_NAME = re.compile(r"(?! )[^=\"'`\\\x00-\x1f\x7f]{1,100}(?<! )")

MOST_CALLS = 100_000
"""Calls at once, and calls a second, that one line is told to carry at most: more is a slip of the finger."""


def is_address(address: str) -> bool:
    """Whether it is host:port, as SIP and the edge can be told: a name, an IPv4 address, or an IPv6 address in brackets."""
    host, _, port = address.rpartition(":")
    if not _ADDRESS.fullmatch(address) or not 1 <= int(port) <= 65535:
        return False
    return not _FOUR.fullmatch(host) or all(int(part) <= 255 for part in host.split("."))


def is_line_name(name: str) -> bool:
    """Whether a line may be called so: without what separates or quotes names elsewhere."""
    return _NAME.fullmatch(name) is not None


_CHINA = "+86"
_SERVICE = re.compile(r"(\+86)?(95|96|400|800|10[0-9]{3}$|1[0-9]{4}$)[0-9]*")
_MOBILE = re.compile(r"(\+86)?1[3-9][0-9]{9}")


def caller_kind(number: str) -> CallerKind:
    """What a mainland caller number is by its range; numbers of other countries count as fixed."""
    if _MOBILE.fullmatch(number):
        return CallerKind.MOBILE
    return CallerKind.SERVICE if _SERVICE.fullmatch(number) else CallerKind.FIXED


def written_for(number: str, form: NumberFormat) -> str:
    """A number as the carrier wants it; what is not E.164 stays as it is.

    Within mainland China a mobile number stands alone and a fixed one has the trunk prefix 0; of other countries the
    international prefix of China stands before.
    """
    if not number.startswith("+") or form is NumberFormat.E164:
        return number
    if form is NumberFormat.DIGITS:
        return number[1:]
    if not number.startswith(_CHINA):
        return f"00{number[1:]}"
    national = number.removeprefix(_CHINA)
    return national if _MOBILE.fullmatch(national) or _SERVICE.fullmatch(national) else f"0{national}"
