"""Check an exported evidence file: proven, or the first thing that is wrong with its line.

Pure: lines come in one after another, signatures are checked by a function that is given.
A stranger needs this file, core/evidence.py and an Ed25519 check, and nothing else of ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fairdial.core.evidence import (
    FIELDS,
    Event,
    Seal,
    Unreadable,
    file_digest,
    header_digest,
    leaf,
    merkle_root,
    parsed,
)

CheckSignature = Callable[[str, bytes, str], bool]
"""(public key, digest, signature) → genuine; keys and signatures in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Everything in the file is as it was sealed; `first` is the number of its first seal."""

    first: int
    seals: int
    events: int
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first thing that is not as it was sealed; `line` in the file, from 1."""

    line: int
    problem: str


def check(lines: Iterable[str], genuine: CheckSignature) -> Proven | Broken:
    """Check an exported file from its text alone; reads no further than the first thing that is wrong.

    Args:
        lines: Header, then for each seal its line and the lines of its events, then the end; without line feeds.
        genuine: Checks one Ed25519 signature.
    """
    state = _Reading(genuine=genuine)
    line = 0
    for line, text in enumerate(lines, start=1):
        try:
            problem = _take(state, parsed(text))
        except Unreadable as error:
            problem = str(error)
        if problem is not None:
            return Broken(line=line, problem=problem)
        state.whole.update(f"{text}\n".encode())
    if not line:
        return Broken(line=1, problem="the file is empty 文件是空的")
    if not state.has_ended:
        problem = _missing(state) or "the closing line is missing: the file was cut off 缺少结尾行:文件被截断"
        return Broken(line=line + 1, problem=problem)
    return Proven(first=state.first, seals=state.seals, events=state.events, public_key=state.public_key)


@dataclass(slots=True)
class _Reading:
    """How far a file has been read; `first` and `announced` come from its header, `expected` are leaves to come."""

    genuine: CheckSignature
    whole: Any = field(default_factory=sha256)
    public_key: str = ""
    first: int = 0
    announced: int = 0
    previous: str | None = None
    expected: deque[str] = field(default_factory=deque)
    seals: int = 0
    events: int = 0
    has_ended: bool = False

    @property
    def number(self) -> int:
        """Of the seal that is being read."""
        return self.first + self.seals - 1


def _take(state: _Reading, content: Mapping[str, Any]) -> str | None:
    """Take the next line in; what is wrong with it, if anything."""
    kind = content["type"]
    if state.has_ended:
        return "stands after the closing line 位于结尾行之后"
    if bool(state.public_key) == (kind == "header"):
        return "the header is missing 缺少首行" if kind != "header" else "a second header 多出的首行"
    match kind:
        case "header":
            return _take_header(state, content)
        case "seal":
            return _take_seal(state, content)
        case "event":
            return _take_event(state, content)
    return _take_end(state, content)


def _take_header(state: _Reading, content: Mapping[str, Any]) -> str | None:
    state.public_key, state.first, state.announced = content["public_key"], content["first"], content["seals"]
    digest = header_digest(state.public_key, state.first, state.announced)
    if not state.genuine(state.public_key, digest, content["signature"]):
        return "the signature of the header is not genuine 首行签名不符"
    return None


def _take_seal(state: _Reading, content: Mapping[str, Any]) -> str | None:
    seal = Seal(**{name: content[name] for name in ("number", "count", "root", "previous", "sealed_at", "signature")})
    if state.expected:
        return _missing(state)
    if not state.genuine(state.public_key, seal.digest(), seal.signature):
        return f"the signature of seal {seal.number} is not genuine 封存签名不符"
    if state.seals == state.announced:
        return f"seal {seal.number} was added: the header announces {state.announced} 多出的封存"
    if seal.number != state.number + 1:
        return f"seal {state.number + 1} is missing, seal {seal.number} stands here 缺少封存"
    if state.previous is not None and seal.previous != state.previous:
        return f"seal {seal.number} does not continue the seal before it 封存不连续"
    leaves = content["leaves"]
    if len(leaves) != seal.count or merkle_root([bytes.fromhex(one) for one in leaves]).hex() != seal.root:
        return f"the list of events of seal {seal.number} was altered 事件清单被改动"
    state.previous, state.expected = seal.digest().hex(), deque(leaves)
    state.seals += 1
    return None


def _take_event(state: _Reading, content: Mapping[str, Any]) -> str | None:
    event = Event(**{name: content[name] for name in FIELDS})
    if not state.expected:
        return f"event {event.id} was added: no seal names it 多出的事件"
    found = leaf(event).hex()
    if found == state.expected[0]:
        state.expected.popleft()
        state.events += 1
        return None
    if found in state.expected:
        return f"events are missing or reordered before event {event.id} 此前有事件缺失或换位"
    return f"event {event.id} was altered or added 事件被改动或添加"


def _take_end(state: _Reading, content: Mapping[str, Any]) -> str | None:
    whole = state.whole.digest()
    if problem := _missing(state):
        return problem
    if content["sha256"] != whole.hex() or not state.genuine(
        state.public_key, file_digest(whole), content["signature"]
    ):
        return "the closing line does not sign the lines before it 结尾行与前文不符"
    state.has_ended = True
    return None


def _missing(state: _Reading) -> str | None:
    """What should have come before the end of a seal or of the file."""
    if state.expected:
        return f"{len(state.expected)} events of seal {state.number} are missing before this line 此前缺少事件"
    if state.seals != state.announced:
        return f"{state.announced - state.seals} seals are missing before this line 此前缺少封存"
    return None
