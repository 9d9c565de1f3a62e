"""An evidence file is checked from its text alone, and names the first thing that is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.evidence import (
    FORMAT,
    GENESIS,
    Broken,
    Event,
    Proven,
    Seal,
    check,
    leaf,
    merkle_root,
    seal_digest,
)

KEY = "key"


def sign(key: str, digest: bytes) -> str:
    """A stand-in for Ed25519: the real one is tried in tests/ledger/test_evidence.py."""
    return sha256(key.encode() + digest).hexdigest()


def genuine(key: str, digest: bytes, signature: str) -> bool:
    return sign(key, digest) == signature


def events(count: int, first: int = 1) -> list[Event]:
    return [
        Event(id=i, at=f"2026-11-25T01:40:{i % 60:02}.000000Z", tenant=1, kind="permit.insert", body=f'{{"id": {i}}}')
        for i in range(first, first + count)
    ]


def a_file(*sizes: int) -> list[str]:
    """An honest file with seals of these sizes."""
    lines = [json.dumps({"type": "header", "format": FORMAT, "public_key": KEY, "seals": len(sizes)})]
    previous, first = GENESIS, 1
    for number, size in enumerate(sizes, start=1):
        batch = events(size, first)
        leaves = [leaf(e) for e in batch]
        body = {
            "number": number,
            "count": size,
            "root": merkle_root(leaves).hex(),
            "previous": previous,
            "sealed_at": "t",
        }
        digest = seal_digest(**body)  # type: ignore[arg-type]
        seal = Seal(**body, signature=sign(KEY, digest))  # type: ignore[arg-type]
        lines.append(json.dumps({"type": "seal", **asdict(seal), "leaves": [one.hex() for one in leaves]}))
        lines += [json.dumps({"type": "event", **asdict(e)}) for e in batch]
        previous, first = digest.hex(), first + size
    return lines


def test_an_honest_file_is_proven() -> None:
    assert check(a_file(3, 1, 5), genuine) == Proven(seals=3, events=9, public_key=KEY)


@pytest.mark.parametrize(
    ("tamper", "line", "says"),
    [
        (lambda f: [*f[:2], f[2].replace('\\"id\\": 1', '\\"id\\": 9'), *f[3:]], 3, "altered"),
        (lambda f: f[:3] + f[4:], 4, "missing or reordered before event 3"),
        (lambda f: [*f[:2], f[3], f[2], *f[4:]], 3, "missing or reordered before event 2"),
        (lambda f: [*f[:4], f[3], *f[4:]], 5, "altered or added"),
        (lambda f: f[:-1], 8, "missing at the end"),
        (lambda f: f[:5] + f[5:6] * 2 + f[6:], 7, "missing before this line"),
        (lambda f: f[:1] + f[5:], 5, "seals are missing at the end"),
        (lambda f: f[:5], 6, "seals are missing at the end"),
        (lambda f: [*f[:1], f[1].replace('"count": 3', '"count": 2'), *f[2:]], 2, "signature"),
        (lambda f: f[1:], 1, "header is missing"),
        (lambda f: [*f, f[-1]], 9, "was added"),
        (lambda f: [*f[:3], "nonsense", *f[3:]], 4, "cannot be read"),
    ],
)
def test_what_is_altered_missing_reordered_or_added_is_pointed_at(tamper: object, line: int, says: str) -> None:
    answer = check(tamper(a_file(3, 2)), genuine)  # type: ignore[operator]
    assert isinstance(answer, Broken) and says in answer.problem and answer.line == line


def test_a_seal_taken_out_of_the_middle_is_noticed() -> None:
    honest = a_file(1, 1, 1)
    answer = check(honest[:3] + honest[5:], genuine)
    assert isinstance(answer, Broken) and "seal 2 is missing" in answer.problem


def test_leaves_and_seal_remade_without_the_key_are_noticed() -> None:
    honest, forged = a_file(3, 2), a_file(3, 2)
    other = json.loads(forged[1]) | {"signature": sign("another key", b"x")}
    answer = check([honest[0], json.dumps(other), *honest[2:]], genuine)
    assert isinstance(answer, Broken) and answer.line == 2 and "signature" in answer.problem


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.data())
def test_law_no_single_change_of_a_character_goes_unnoticed(sizes: list[int], data: st.DataObject) -> None:
    honest = a_file(*sizes)
    place = data.draw(st.integers(1, len(honest) - 1))
    line = honest[place]
    at = data.draw(st.integers(0, len(line) - 1))
    new = data.draw(st.sampled_from("0123456789abcdef{}"))
    changed = line[:at] + new + line[at + 1 :]
    if json_equal(changed, line):
        return
    answer = check([*honest[:place], changed, *honest[place + 1 :]], genuine)
    assert isinstance(answer, Broken) and answer.line >= place + 1


def json_equal(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@given(st.integers(0, 40))
def test_law_the_root_depends_on_every_leaf_and_its_place(count: int) -> None:
    leaves = [leaf(e) for e in events(count)]
    root = merkle_root(leaves)
    for place in range(count):
        assert merkle_root(leaves[:place] + leaves[place + 1 :]) != root
    if count > 1:
        assert merkle_root([leaves[1], leaves[0], *leaves[2:]]) != root
