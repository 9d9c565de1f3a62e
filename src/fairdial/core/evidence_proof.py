"""Proof that single events stand under signed seals, without the events beside them: a Merkle path for each.

Pure, as core/evidence.py. It proves that what is shown was sealed, not that everything was shown: for that there is the
whole file. Paths as in RFC 6962, section 2.1.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fairdial.core.evidence import FIELDS, Event, Seal, Unreadable, fits_shape, leaf, node, read_line
from fairdial.core.evidence_check import Broken, CheckSignature, Proven

FORMAT = "fairdial-proof-1"
BEGINNING = '{"type": "proof"'
"""How every line of a proof begins, and no line of a whole file."""

_LONGEST = 40
"""Steps of a path; a full seal has 16."""

Step = tuple[str, str]
"""Side on which the sibling stands (`left` or `right`), and its hash in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One event, the seal over it, and the way from the one to the other."""

    event: Event
    seal: Seal
    path: tuple[Step, ...]
    public_key: str


def audit_path(leaves: Sequence[bytes], index: int) -> tuple[Step, ...]:
    """The siblings on the way from a leaf to the root."""
    path: list[Step] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling].hex()))
        pairs = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level, index = pairs + ([level[-1]] if len(level) % 2 else []), index // 2
    return tuple(path)


def root_along(start: bytes, path: Iterable[Step]) -> bytes:
    """The root that a leaf and its path lead to."""
    found = start
    for side, sibling in path:
        other = bytes.fromhex(sibling)
        found = node(other, found) if side == "left" else node(found, other)
    return found


def proof_line(proof: Proof) -> str:
    """A proof as one line of text."""
    return json.dumps(
        {
            "type": "proof",
            "format": FORMAT,
            "public_key": proof.public_key,
            "seal": asdict(proof.seal),
            "path": [list(step) for step in proof.path],
            "event": asdict(proof.event),
        },
        ensure_ascii=False,
    )


def check_proofs(lines: Iterable[str], genuine: CheckSignature) -> Proven | Broken:
    """Check a file of proofs, one a line, signed with one key; the first that proves nothing is named."""
    seals: set[int] = set()
    key, count = "", 0
    for count, text in enumerate(lines, start=1):
        try:
            proof = _parsed(text)
        except Unreadable as error:
            return Broken(line=count, problem=str(error))
        if key not in ("", proof.public_key):
            return Broken(line=count, problem="signed by another key than the line before 与上一行的密钥不同")
        key = proof.public_key
        if not genuine(key, proof.seal.digest(), proof.seal.signature):
            return Broken(line=count, problem=f"the signature of seal {proof.seal.number} is not genuine 封存签名不符")
        if root_along(leaf(proof.event), proof.path).hex() != proof.seal.root:
            return Broken(
                line=count,
                problem=f"event {proof.event.id} does not stand under seal {proof.seal.number} 事件不在封存内",
            )
        seals.add(proof.seal.number)
    if not count:
        return Broken(line=1, problem="the file is empty 文件是空的")
    return Proven(first=min(seals), seals=len(seals), events=count, public_key=key)


def _parsed(text: str) -> Proof:
    content = read_line(text)
    if not isinstance(content, dict) or content.get("type") != "proof" or content.get("format") != FORMAT:
        raise Unreadable(f"is no line of a proof of format {FORMAT} 不是证明文件的行")
    if not _has_shape(content):
        raise Unreadable("members are missing, added, renamed or of another kind 字段有缺失、添加或改动")
    proof = Proof(
        event=Event(**content["event"]),
        seal=Seal(**content["seal"]),
        path=tuple((side, sibling) for side, sibling in content["path"]),
        public_key=content["public_key"],
    )
    if proof_line(proof) != text:
        raise Unreadable("is not written as a proof is written 写法与证明不一致")
    return proof


def _has_shape(content: dict[str, Any]) -> bool:
    path, seal = content.get("path"), content.get("seal")
    return (
        list(content) == ["type", "format", "public_key", "seal", "path", "event"]
        and fits_shape("header", {"public_key": content["public_key"]})
        and isinstance(seal, dict)
        and list(seal) == ["number", "count", "root", "previous", "sealed_at", "signature"]
        and fits_shape("seal", seal)
        and isinstance(path, list)
        and len(path) <= _LONGEST
        and all(
            isinstance(step, list)
            and len(step) == 2
            and step[0] in ("left", "right")
            and fits_shape("seal", {"root": step[1]})
            for step in path
        )
        and isinstance(content["event"], dict)
        and tuple(content["event"]) == FIELDS
        and fits_shape("event", content["event"])
    )
