"""Evidence that convinces a stranger: leaves, Merkle roots, signed and linked seals, and the lines they are written in.

Pure: no database, no clock; signatures are made by a function that is given.
An event is hashed as the exact text it was written in, so that nobody has to agree on how
JSON is printed; a line counts only as exactly the text this module writes. Merkle tree and
prefixes as in RFC 6962, section 2.1. What a file looks like: docs/why/evidence.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

FORMAT = "fairdial-evidence-2"
MOST_CHARACTERS = 1 << 22
"""In one line; a full seal has 3.4 million, an event some hundreds."""

GENESIS = "0" * 64
"""What the first seal names as the one before it."""

Sign = Callable[[bytes], str]
"""digest → Ed25519 signature in hexadecimal."""

_LEAF, _NODE, _SEAL, _HEADER, _FILE = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"
FIELDS = ("id", "at", "tenant", "kind", "body")


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
    fields = [str(getattr(event, name)) for name in FIELDS]
    return sha256(_LEAF + "\n".join(fields).encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two nodes of the tree into the one above them; 32 bytes."""
    return sha256(_NODE + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaves in order; 32 bytes. A tree without leaves hashes the empty string."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def seal_digest(*, number: int, count: int, root: str, previous: str, sealed_at: str) -> bytes:
    text = "\n".join((str(number), str(count), root, previous, sealed_at))
    return sha256(_SEAL + text.encode()).digest()


def header_line(*, public_key: str, first: int, seals: int, sign: Sign) -> str:
    """The first line: whose file it is, the number of its first seal and how many follow."""
    signature = sign(header_digest(public_key, first, seals))
    return _written(type="header", format=FORMAT, public_key=public_key, first=first, seals=seals, signature=signature)


def seal_line(seal: Seal, leaves: Sequence[bytes]) -> str:
    return _written(type="seal", **asdict(seal), leaves=[one.hex() for one in leaves])


def event_line(event: Event) -> str:
    return _written(type="event", **asdict(event))


def end_line(whole: bytes, *, sign: Sign) -> str:
    """The last line: signs the SHA-256 over all lines before it, each with its line feed (what `sha256sum` prints)."""
    return _written(type="end", sha256=whole.hex(), signature=sign(file_digest(whole)))


def _written(**content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def header_digest(public_key: str, first: int, seals: int) -> bytes:
    return sha256(_HEADER + "\n".join((FORMAT, public_key, str(first), str(seals))).encode()).digest()


def file_digest(whole: bytes) -> bytes:
    return sha256(_FILE + whole).digest()


class Unreadable(ValueError):
    """A line that no export writes."""


def _is_hex(digits: int) -> Callable[[object], bool]:
    pattern = re.compile(f"[0-9a-f]{{{digits}}}")
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_one_line(value: object) -> bool:
    """Fields are hashed with a line feed between them: it must not stand inside one that is not the last."""
    return isinstance(value, str) and "\n" not in value


def _are_leaves(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_hex(64), value))


_SHAPES: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "header": {
        "format": _is_one_line,
        "public_key": _is_hex(64),
        "first": _is_whole,
        "seals": _is_whole,
        "signature": _is_hex(128),
    },
    "seal": {
        "number": _is_whole,
        "count": _is_whole,
        "root": _is_hex(64),
        "previous": _is_hex(64),
        "sealed_at": _is_one_line,
        "signature": _is_hex(128),
        "leaves": _are_leaves,
    },
    "event": {
        "id": _is_whole,
        "at": _is_one_line,
        "tenant": _is_whole,
        "kind": _is_one_line,
        "body": lambda value: isinstance(value, str),
    },
    "end": {"sha256": _is_hex(64), "signature": _is_hex(128)},
}
"""What each type of line holds, in order."""


def fits_shape(kind: str, content: Mapping[str, Any]) -> bool:
    """Whether members are what a line of this type holds under their names."""
    return all(_SHAPES[kind][name](value) for name, value in content.items())


def read_line(text: str) -> Any:
    """What a line holds as JSON, whatever that is.

    Raises:
        Unreadable: It holds none, or is longer than any that is written.
    """
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("the line is longer than any that is written 该行过长")
    try:
        text.encode()
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"cannot be read ({type(error).__name__}) 无法读取") from error


def parsed(text: str) -> dict[str, Any]:
    """The content of a line.

    Raises:
        Unreadable: It is not exactly the text that would be written for that content.
    """
    content = read_line(text)
    if not isinstance(content, dict) or content.get("type") not in list(_SHAPES):
        raise Unreadable("is no line of an evidence file 不是证据文件的行")
    if content["type"] == "header" and content.get("format") != FORMAT:
        raise Unreadable(
            f"the file is not of format {FORMAT}, in which a closing line signs the whole; have it exported again"
            " 文件格式不符(须有签署全文的结尾行),请重新导出"
        )
    shape = _SHAPES[content["type"]]
    if list(content) != ["type", *shape] or not all(fits(content[name]) for name, fits in shape.items()):
        raise Unreadable("members are missing, added, renamed or of another kind 字段有缺失、添加或改动")
    if _written(**content) != text:
        raise Unreadable("is not written as an export writes it 写法与导出不一致")
    return content
