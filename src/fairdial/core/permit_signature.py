"""What proves to the edge that this installation permitted an INVITE: a signed value beside the permit's id.

Pure: claims and a key in, text out; the edge computes the same in `src/fairdial/edge/kamailio.cfg` and must agree to the
byte. Nothing here is secret but the key. Why: docs/why/edge.md.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote, unquote

SIGNATURE_HEADER = "X-Fairdial-Signature"

MOST_LIFE = timedelta(seconds=60)
"""A signature that would hold longer is none: the edge remembers used permits no longer than twice this."""

SKEW = timedelta(seconds=5)
"""By how much the edge's clock and the database's may differ."""

_BLOCK = 64
"""Bytes in a block of SHA-256 (RFC 2104: B)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeKey:
    """One of the installation's keys for the edge; `secret` has 32 bytes."""

    number: int
    secret: bytes = field(repr=False)

    @property
    def padded(self) -> tuple[str, str]:
        """The key as HMAC mixes it into its inner and its outer hash, hexadecimal (RFC 2104: K xor ipad, K xor opad)."""
        block = self.secret.ljust(_BLOCK, b"\0")
        return bytes(b ^ 0x36 for b in block).hex(), bytes(b ^ 0x5C for b in block).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSecrets:
    """The keys an edge takes signatures of, and what it masks addresses with."""

    keys: tuple[EdgeKey, ...]
    mask: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What one INVITE may be.

    Attributes:
        permit: The permit's id as its header carries it.
        at, until: Seconds since 1970 by the database's real clock.
        number, caller: User parts of Request-URI and From.
    """

    permit: str
    at: int
    until: int
    line: str
    number: str
    caller: str


class Refused(StrEnum):
    """Why an INVITE goes nowhere; the edge says the remedy with it (`Reason`)."""

    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    EXPIRED = "expired"


def line_token(line: str) -> str:
    """A line's name as headers and the edge's tables carry it: ASCII without separators, one for each name."""
    return quote(line, safe="")


def sign(claims: Claims, key: EdgeKey) -> str:
    """The value of `SIGNATURE_HEADER`."""
    return (
        f"key={key.number};at={claims.at};until={claims.until};line={line_token(claims.line)}"
        f";mac={_mac(claims.permit, claims.at, claims.until, line_token(claims.line), claims.number, claims.caller, key)}"
    )


def check(
    signature: str | None, *, permit: str | None, number: str, caller: str, keys: Mapping[int, EdgeKey], now: int
) -> Claims | Refused:
    """What an INVITE with these headers and numbers was permitted as, or why it is refused.

    Whether the permit was used before is not asked here: the edge counts.
    """
    found = _SHAPE.fullmatch(signature or "")
    if found is None or not permit:
        return Refused.UNSIGNED
    at, until = int(found["at"]), int(found["until"])
    key = keys.get(int(found["key"]))
    if key is None:
        return Refused.UNKNOWN_KEY
    if not hmac.compare_digest(found["mac"], _mac(permit, at, until, found["line"], number, caller, key)):
        return Refused.FORGED
    skew, life = int(SKEW.total_seconds()), int(MOST_LIFE.total_seconds())
    if not at - skew <= now <= until + skew or until - at > life:
        return Refused.EXPIRED
    return Claims(permit=permit, at=at, until=until, line=unquote(found["line"]), number=number, caller=caller)


_SHAPE = re.compile(
    r"key=(?P<key>[0-9]{1,9});at=(?P<at>[0-9]{1,12});until=(?P<until>[0-9]{1,12});line=(?P<line>[A-Za-z0-9_.~%-]+)"
    r";mac=(?P<mac>[0-9a-f]{64})"
)


def _mac(permit: str, at: int, until: int, token: str, number: str, caller: str, key: EdgeKey) -> str:
    """HMAC-SHA-256 over what is claimed; what was signed has six bars, so that no part of another reading can hold one."""
    told = f"fairdial-1|{permit}|{at}|{until}|{token}|{number}|{caller}"
    return hmac.new(key.secret, told.encode(), sha256).hexdigest()
