"""An evidence file is checked from its text alone, and names the first thing that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256, sha512

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairdial.core.evidence import (
    GENESIS,
    MOST_CHARACTERS,
    Event,
    Seal,
    end_line,
    event_line,
    header_line,
    leaf,
    merkle_root,
    seal_digest,
    seal_line,
)
from fairdial.core.evidence_check import Broken, Proven, check

KEY, OTHER = "ab" * 32, "cd" * 32

Tamper = Callable[[list[str]], list[str]]


def sign(key: str, digest: bytes) -> str:
    """A stand-in for Ed25519: the real one is tried in tests/ledger/test_evidence.py."""
    return sha512(key.encode() + digest).hexdigest()


def genuine(key: str, digest: bytes, signature: str) -> bool:
    return sign(key, digest) == signature.lower()


def events(count: int, first: int = 1) -> list[Event]:
    return [
        Event(id=i, at=f"2026-11-25T01:40:{i % 60:02}.000000Z", tenant=1, kind="permit.insert", body=f'{{"id": {i}}}')
        for i in range(first, first + count)
    ]


def a_file(*sizes: int, key: str = KEY, first_seal: int = 1) -> list[str]:
    """An honest file with seals of these sizes."""
    lines = [header_line(public_key=key, first=first_seal, seals=len(sizes), sign=partial(sign, key))]
    previous, first = GENESIS, 1
    for number, size in enumerate(sizes, start=first_seal):
        batch = events(size, first)
        leaves = [leaf(e) for e in batch]
        root = merkle_root(leaves).hex()
        digest = seal_digest(number=number, count=size, root=root, previous=previous, sealed_at="t")
        seal = Seal(number=number, count=size, root=root, previous=previous, sealed_at="t", signature=sign(key, digest))
        lines += [seal_line(seal, leaves), *map(event_line, batch)]
        previous, first = digest.hex(), first + size
    return ended(lines, key)


def ended(lines: list[str], key: str = KEY) -> list[str]:
    """These lines and the line that signs them."""
    whole = sha256("".join(f"{line}\n" for line in lines).encode()).digest()
    return [*lines, end_line(whole, sign=partial(sign, key))]


def changed(line: int, old: str, new: str) -> Tamper:
    """One replacement in one line, counted from 1."""

    def tamper(lines: list[str]) -> list[str]:
        assert old in lines[line - 1]
        return [text.replace(old, new, 1) if n == line else text for n, text in enumerate(lines, start=1)]

    return tamper


def test_an_honest_file_is_proven() -> None:
    assert check(a_file(3, 1, 5), genuine) == Proven(first=1, seals=3, events=9, public_key=KEY)
    assert check(a_file(2, 2, first_seal=7), genuine) == Proven(first=7, seals=2, events=4, public_key=KEY)


def test_every_text_an_event_may_hold_survives_writing_and_checking() -> None:
    odd = Event(id=1, at="t", tenant=1, kind="x", body='{"a": "王\\n\u2028\x85\x7f\\u0000/"}')
    leaves = [leaf(odd)]
    root = merkle_root(leaves).hex()
    digest = seal_digest(number=1, count=1, root=root, previous=GENESIS, sealed_at="t")
    seal = Seal(number=1, count=1, root=root, previous=GENESIS, sealed_at="t", signature=sign(KEY, digest))
    header = header_line(public_key=KEY, first=1, seals=1, sign=partial(sign, KEY))
    assert isinstance(check(ended([header, seal_line(seal, leaves), event_line(odd)]), genuine), Proven)


@pytest.mark.parametrize(
    ("tamper", "line", "says"),
    [
        (changed(3, '\\"id\\": 1', '\\"id\\": 9'), 3, "altered"),
        (lambda f: f[:3] + f[4:], 4, "missing or reordered before event 3"),
        (lambda f: [*f[:2], f[3], f[2], *f[4:]], 3, "missing or reordered before event 2"),
        (lambda f: [*f[:4], f[3], *f[4:]], 5, "altered or added"),
        (lambda f: f[:-2], 8, "missing before this line"),
        (lambda f: [*f[:-2], f[-1]], 8, "missing before this line"),
        (lambda f: f[:-1], 9, "closing line is missing"),
        (lambda f: f[:5] + f[5:6] * 2 + f[6:], 7, "missing before this line"),
        (lambda f: f[:1] + f[5:], 2, "seal 1 is missing"),
        (lambda f: f[:5], 6, "seals are missing"),
        (changed(2, '"count": 3', '"count": 2'), 2, "signature"),
        (lambda f: f[1:], 1, "header is missing"),
        (lambda f: [f[0], *f], 2, "second header"),
        (lambda f: [*f[:-1], f[-2], f[-1]], 9, "was added"),
        (lambda f: [*f, f[-1]], 10, "after the closing line"),
        (lambda f: [*f, ""], 10, "cannot be read"),
        (lambda f: [*f[:3], "nonsense", *f[3:]], 4, "cannot be read"),
        (lambda f: [], 1, "empty"),
        (lambda f: [""], 1, "cannot be read"),
    ],
)
def test_what_is_altered_missing_reordered_or_added_is_pointed_at(tamper: Tamper, line: int, says: str) -> None:
    answer = check(tamper(a_file(3, 2)), genuine)
    assert isinstance(answer, Broken) and says in answer.problem and answer.line == line


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (changed(1, '"seals"', '"note": 1, "seals"'), 1),
        (changed(2, '"count"', '"approved": true, "count"'), 2),
        (changed(3, '{"type": "event"', '{"type": "event", "said": "yes"'), 3),
        (changed(3, '"body"', '"body": "FALSE", "body"'), 3),
        (changed(3, '"kind"', '"kind": "refusal.insert", "kind"'), 3),
        (changed(3, '"tenant": 1, "kind": "permit.insert"', '"kind": "permit.insert", "tenant": 1'), 3),
        (changed(3, '": ', '":'), 3),
        (changed(3, "}", "} "), 3),
        (changed(3, "permit", "\\u0070ermit"), 3),
        (changed(3, '"tenant": 1', '"tenant": true'), 3),
        (changed(3, '"tenant": 1', '"tenant": 1.0'), 3),
        (changed(3, '"tenant": 1', '"tenant": "1"'), 3),
        (changed(2, '"signature": "', '"signature": " '), 2),
        (lambda f: [f[0], f[1].replace("a", "A"), *f[2:]], 2),
        (lambda f: [f"{line}\r" for line in f], 1),
        (lambda f: [f"\ufeff{f[0]}", *f[1:]], 1),
    ],
)
def test_a_line_that_no_export_writes_is_refused_whatever_it_means(tamper: Tamper, line: int) -> None:
    """An added member, or a false `body` before the true one, was called genuine."""
    answer = check(tamper(a_file(3, 2)), genuine)
    assert isinstance(answer, Broken) and answer.line == line


def test_text_is_not_moved_from_one_field_of_an_event_to_the_next() -> None:
    honest = a_file(1)
    event = json.loads(honest[2])
    moved = event | {"kind": event["kind"] + "\n" + event["body"], "body": ""}
    answer = check([*honest[:2], json.dumps(moved), honest[3]], genuine)
    assert isinstance(answer, Broken) and answer.line == 3


@pytest.mark.parametrize("place", [0, 1])
def test_a_whole_seal_dropped_at_either_end_is_noticed_although_the_count_in_the_header_is_edited(place: int) -> None:
    """The header was not signed: with its count edited a shortened file was called genuine."""
    header, one, other, end = a_file(1, 1)[0], a_file(1, 1)[1:3], a_file(1, 1)[3:5], a_file(1, 1)[5]
    edited = header.replace('"seals": 2', '"seals": 1')
    kept = one if place else other
    answer = check([edited, *kept, end], genuine)
    assert isinstance(answer, Broken) and answer.line == 1 and "header" in answer.problem
    answer = check([header, *kept, end], genuine)
    assert isinstance(answer, Broken) and "missing" in answer.problem


def test_parts_of_two_exports_of_the_same_key_make_no_third() -> None:
    longer, shorter = a_file(1, 1), a_file(1)
    answer = check([*shorter[:-1], longer[-1]], genuine)
    assert isinstance(answer, Broken) and answer.line == 4 and "closing line" in answer.problem


def test_a_file_closed_with_another_key_than_its_seals_is_refused() -> None:
    answer = check(ended(a_file(2)[:-1], OTHER), genuine)
    assert isinstance(answer, Broken) and answer.line == 5 and "closing line" in answer.problem


def test_a_header_of_another_key_does_not_take_over_the_seals() -> None:
    answer = check(ended([a_file(2, key=OTHER)[0], *a_file(2)[1:-1]], OTHER), genuine)
    assert isinstance(answer, Broken) and answer.line == 2 and "signature" in answer.problem


def test_a_file_of_the_first_format_is_refused_and_says_why() -> None:
    old = json.dumps({"type": "header", "format": "fairdial-evidence-1", "public_key": KEY, "seals": 2})
    answer = check([old, *a_file(3, 2)[1:-1]], genuine)
    assert isinstance(answer, Broken) and answer.line == 1
    assert "closing line" in answer.problem and "exported again" in answer.problem and "重新导出" in answer.problem


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"type":' * 100_000,
        "x" * (MOST_CHARACTERS + 1),
        "9" * 10_000,
        "\udcff\udc00",
        "\x00",
        "null",
        "[]",
        '{"type": ["event"]}',
        '{"type": {}}',
        '{"type": "event"}',
    ],
    ids=lambda line: line[:12].encode("unicode_escape").decode(),
)
@pytest.mark.parametrize("place", [0, 3, 8])
def test_hostile_lines_are_named_and_nothing_else_happens(line: str, place: int) -> None:
    """A hundred thousand brackets ended in a traceback."""
    honest = a_file(3, 2)
    answer = check([*honest[:place], line, *honest[place:]], genuine)
    assert isinstance(answer, Broken) and answer.line == place + 1 and len(answer.problem) < 200


def test_what_a_line_says_is_not_repeated_in_the_answer() -> None:
    """Terminal codes and markup of a hostile file do not reach the screen."""
    answer = check(['{"type": "[/red]\\u001b[2J"}'], genuine)
    assert isinstance(answer, Broken) and "[" not in answer.problem and "\x1b" not in answer.problem


def test_a_seal_taken_out_of_the_middle_is_noticed() -> None:
    honest = a_file(1, 1, 1)
    answer = check(honest[:3] + honest[5:], genuine)
    assert isinstance(answer, Broken) and answer.line == 4 and "seal 2 is missing" in answer.problem


def test_leaves_and_seal_remade_without_the_key_are_noticed() -> None:
    honest = a_file(3, 2)
    other = json.loads(honest[1]) | {"signature": sign(OTHER, b"x")}
    answer = check([honest[0], json.dumps(other), *honest[2:]], genuine)
    assert isinstance(answer, Broken) and answer.line == 2 and "signature" in answer.problem


SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(SIZES, st.integers(1, 9), st.data())
def test_law_no_single_change_in_a_line_goes_unnoticed_beyond_it(
    sizes: list[int], first: int, data: st.DataObject
) -> None:
    honest = a_file(*sizes, first_seal=first)
    place = data.draw(st.integers(0, len(honest) - 1))
    line = honest[place]
    start = data.draw(st.integers(0, len(line)))
    stop = data.draw(st.integers(start, min(len(line), start + 3)))
    new = data.draw(st.text(st.sampled_from('0123456789abcdefA{}[]",: \\\r\t') | st.characters(), max_size=3))
    tampered = line[:start] + new + line[stop:]
    assume(tampered != line)
    answer = check([*honest[:place], tampered, *honest[place + 1 :]], genuine)
    assert isinstance(answer, Broken) and answer.line <= place + 1


@given(SIZES, st.data())
def test_law_no_line_is_removed_repeated_moved_or_swapped_unnoticed(sizes: list[int], data: st.DataObject) -> None:
    honest = a_file(*sizes)
    one = data.draw(st.integers(0, len(honest) - 1))
    other = data.draw(st.integers(0, len(honest) - 1).filter(lambda n: n != one))
    swapped, without = list(honest), honest[:one] + honest[one + 1 :]
    swapped[one], swapped[other] = honest[other], honest[one]
    for tampered, touched in (
        (without, one),
        ([*honest[: one + 1], *honest[one:]], one + 1),
        ([*without[:other], honest[one], *without[other:]], min(one, other)),
        (swapped, min(one, other)),
    ):
        answer = check(tampered, genuine)
        assert isinstance(answer, Broken) and answer.line <= touched + 1


@given(SIZES, st.data())
def test_law_a_file_that_is_cut_off_anywhere_is_never_proven(sizes: list[int], data: st.DataObject) -> None:
    honest = a_file(*sizes)
    kept = data.draw(st.integers(0, len(honest) - 1))
    answer = check(honest[:kept], genuine)
    assert isinstance(answer, Broken) and answer.line == kept + 1


@given(st.integers(0, 40))
def test_law_the_root_depends_on_every_leaf_and_its_place(count: int) -> None:
    leaves = [leaf(e) for e in events(count)]
    root = merkle_root(leaves)
    for place in range(count):
        assert merkle_root(leaves[:place] + leaves[place + 1 :]) != root
    if count > 1:
        assert merkle_root([leaves[1], leaves[0], *leaves[2:]]) != root
