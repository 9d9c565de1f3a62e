"""Evidence that convinces a stranger: leaves, Merkle roots, signed and linked seals, and their check.

Pure: no database, no clock; the signature is checked by a function that is given.
An event is hashed as the exact text it was written in, so that nobody has to agree
on how JSON is printed. Merkle tree and prefixes as in RFC 6962, section 2.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

FORMAT = "fairdial-evidence-1"
GENESIS = "0" * 64
"""What the first seal names as the one before it."""

_LEAF, _NODE, _SEAL = b"\x00", b"\x01", b"\x02"
_FIELDS = ("id", "at", "tenant", "kind", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, as it was written; `body` is the exact text of its JSON."""

    id: int
    at: str
    tenant: int
    kind: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A signed statement about a batch of events, linked to the seal before it."""

    number: int
    count: int
    root: str
    previous: str
    sealed_at: str
    signature: str

    def digest(self) -> bytes:
        """What is signed, and what the next seal names; 32 bytes."""
        return seal_digest(
            number=self.number, count=self.count, root=self.root, previous=self.previous, sealed_at=self.sealed_at
        )


def leaf(event: Event) -> bytes:
    """Hash one event; 32 bytes."""
    fields = [str(getattr(event, name)) for name in _FIELDS]
    return sha256(_LEAF + "\n".join(fields).encode()).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaves in order; 32 bytes. A tree without leaves hashes the empty string."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [sha256(_NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def seal_digest(*, number: int, count: int, root: str, previous: str, sealed_at: str) -> bytes:
    text = "\n".join((str(number), str(count), root, previous, sealed_at))
    return sha256(_SEAL + text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Everything in the file is as it was sealed."""

    seals: int
    events: int
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first thing that is not as it was sealed; `line` in the file, from 1."""

    line: int
    problem: str


CheckSignature = Callable[[str, bytes, str], bool]
"""(public key, digest, signature) → genuine; keys and signatures in hexadecimal."""


def check(lines: Iterable[str], genuine: CheckSignature) -> Proven | Broken:
    """Check an exported file from its text alone.

    Args:
        lines: Header, then for each seal its line and the lines of its events.
        genuine: Checks one Ed25519 signature.
    """
    state = _Reading()
    for number, text in enumerate(lines, start=1):
        problem = _take(state, number, text, genuine)
        if problem is not None:
            return problem
    if state.header is None:
        return Broken(line=1, problem="the file is empty")
    if state.expected:
        return Broken(
            line=state.line + 1, problem=f"{len(state.expected)} events of seal {state.number} are missing at the end"
        )
    if state.seals != state.header["seals"]:
        return Broken(
            line=state.line + 1, problem=f"{state.header['seals'] - state.seals} seals are missing at the end"
        )
    return Proven(seals=state.seals, events=state.events, public_key=state.header["public_key"])


@dataclass(slots=True)
class _Reading:
    """How far a file has been read."""

    header: dict[str, Any] | None = None
    previous: str | None = None
    number: int | None = None
    expected: list[str] | None = None
    seals: int = 0
    events: int = 0
    line: int = 0


def _take(state: _Reading, number: int, text: str, genuine: CheckSignature) -> Broken | None:
    state.line = number
    try:
        content = json.loads(text)
        kind = content["type"]
        match kind:
            case "header":
                return _take_header(state, number, content)
            case "seal":
                return _take_seal(state, number, content, genuine)
            case "event":
                return _take_event(state, number, content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Broken(line=number, problem=f"cannot be read: {type(error).__name__} {error}")
    return Broken(line=number, problem=f"a line of type {kind!r} does not belong here")


def _take_header(state: _Reading, number: int, content: Mapping[str, Any]) -> Broken | None:
    if number != 1 or content["format"] != FORMAT:
        return Broken(line=number, problem=f"the first line, and only it, must be a header of {FORMAT}")
    state.header = {"public_key": str(content["public_key"]), "seals": int(content["seals"])}
    return None


def _take_seal(state: _Reading, number: int, content: Mapping[str, Any], genuine: CheckSignature) -> Broken | None:
    if state.header is None:
        return Broken(line=number, problem="the header is missing")
    if state.expected:
        return Broken(
            line=number, problem=f"{len(state.expected)} events of seal {state.number} are missing before this line"
        )
    seal = Seal(**{name: content[name] for name in ("number", "count", "root", "previous", "sealed_at", "signature")})
    leaves = [str(one) for one in content["leaves"]]
    if not genuine(state.header["public_key"], seal.digest(), seal.signature):
        return Broken(line=number, problem=f"the signature of seal {seal.number} is not genuine")
    if state.number is not None and seal.number != state.number + 1:
        return Broken(line=number, problem=f"seal {state.number + 1} is missing, seal {seal.number} stands here")
    if state.previous is not None and seal.previous != state.previous:
        return Broken(line=number, problem=f"seal {seal.number} does not continue the seal before it")
    if len(leaves) != seal.count or merkle_root([bytes.fromhex(one) for one in leaves]).hex() != seal.root:
        return Broken(line=number, problem=f"the list of events of seal {seal.number} was altered")
    state.number, state.previous, state.expected = seal.number, seal.digest().hex(), leaves
    state.seals += 1
    return None


def _take_event(state: _Reading, number: int, content: Mapping[str, Any]) -> Broken | None:
    event = Event(**{name: content[name] for name in _FIELDS})
    if not state.expected:
        return Broken(line=number, problem=f"event {event.id} was added: no seal names it")
    found = leaf(event).hex()
    if found == state.expected[0]:
        state.expected.pop(0)
        state.events += 1
        return None
    if found in state.expected:
        return Broken(line=number, problem=f"events are missing or reordered before event {event.id}")
    return Broken(line=number, problem=f"event {event.id} was altered or added")
