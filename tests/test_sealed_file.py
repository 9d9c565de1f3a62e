"""A sealed file opens whole and unaltered, or not at all."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from fairdial.errors import InputError
from fairdial.sealed_file import opened_file, opened_part, opened_size, seal_file

KEY = bytes(range(32))
PIECE = 4 + 64 * 1024 + 16
"""Where the second sealed chunk begins."""


def sealed(path: Path, plain: bytes) -> bytes:
    with path.open("wb") as target:
        seal_file(io.BytesIO(plain), target, key=KEY, about="call 1")
    return path.read_bytes()


def opened(path: Path, *, key: bytes = KEY, about: str = "call 1") -> bytes:
    return b"".join(opened_file(path, key=key, about=about))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_what_was_sealed_is_what_opens(tmp_path: Path, size: int) -> None:
    plain = os.urandom(size)
    written = sealed(tmp_path / "x", plain)
    assert size < 64 or plain[:64] not in written[:65_600], "a single byte may stand in any ciphertext"
    assert opened(tmp_path / "x") == plain


@pytest.mark.parametrize("harm", ["cut at a chunk", "cut", "swapped", "flipped", "key", "call", "plain"])
def test_a_harmed_file_does_not_open(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "x"
    whole = sealed(path, os.urandom(131_072))
    first, second = whole[4:PIECE], whole[PIECE:]
    path.write_bytes(
        {
            "cut at a chunk": whole[:PIECE],
            "cut": whole[:-5],
            "swapped": whole[:4] + second + first,
            "flipped": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
            "plain": b"RIFF" + whole[4:],
        }.get(harm, whole)
    )
    with pytest.raises(InputError):
        opened(path, key=b"x" * 32 if harm == "key" else KEY, about="call 2" if harm == "call" else "call 1")


@pytest.mark.parametrize(
    ("first", "last"), [(0, 0), (65_535, 65_536), (70_000, 70_009), (0, 131_071), (131_000, 131_071)]
)
def test_any_part_opens_as_it_was(tmp_path: Path, first: int, last: int) -> None:
    plain = os.urandom(131_072)
    sealed(tmp_path / "x", plain)
    assert opened_size(tmp_path / "x") == len(plain)
    part = opened_part(tmp_path / "x", key=KEY, about="call 1", first=first, last=last)
    assert b"".join(part) == plain[first : last + 1]


def test_no_part_opens_of_a_file_that_was_cut_off_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(sealed(path, os.urandom(200_000))[: PIECE + 64 * 1024 + 16])
    with pytest.raises(InputError, match="cut off"):
        next(opened_part(path, key=KEY, about="call 1", first=0, last=9))
