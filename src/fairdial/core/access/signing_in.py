"""When a sign-in may be tried, and whether a session still belongs to who made it.

Pure: earlier failures in, an instant out; addresses in, a class out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

LONGEST_SESSION = timedelta(hours=12)
IDLE_SESSION = timedelta(hours=2)
"""A session nobody uses ends after this."""

FORGOTTEN = timedelta(hours=1)
"""Failures older than this count no more."""

_FREE = 5
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(minutes=15)


def may_try_at(failures: Sequence[datetime], *, now: datetime) -> datetime:
    """From when a name, or an address, may try again: five failures are free, then the wait doubles up to 15 minutes."""
    recent = sorted(at for at in failures if now - at < FORGOTTEN)
    if len(recent) < _FREE:
        return now
    wait: timedelta = min(_FIRST_WAIT * 2 ** min(len(recent) - _FREE, 10), _LONGEST_WAIT)
    return max(now, recent[-1] + wait)


def address_class(address: str) -> str:
    """The neighbourhood of an address: a telephone that changes its cell stays in it, a thief elsewhere does not.

    A /16 of IPv4, a /48 of IPv6; `loopback`, and `unknown` for what is no address.
    """
    try:
        at = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(at, IPv6Address) and at.ipv4_mapped is not None:
        at = at.ipv4_mapped
    if at.is_loopback:
        return "loopback"
    return str(ip_network((at, 16 if isinstance(at, IPv4Address) else 48), strict=False))
