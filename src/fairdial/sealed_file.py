"""A file sealed in chunks with a key of its own: AES-256-GCM, as the STREAM construction has it.

Each chunk's nonce holds its number and whether it is the last, so that chunks that were swapped, repeated or cut off do
not open, and a long file is never in memory as a whole (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairdial.errors import InputError

_MAGIC = b"FDS1"
_CHUNK, _TAG = 64 * 1024, 16
_NUMBER = 11
"""Bytes of a nonce that count the chunks; the twelfth says whether it is the last. A key seals one file only."""


class Sealing:
    """Seals what is written to it, piece by piece; `close` seals the last chunk, and without it the file does not open."""

    def __init__(self, target: BinaryIO, *, key: bytes, about: str) -> None:
        """`key` has 32 bytes and is used for nothing else, `about` is what the file is bound to."""
        self._target, self._cipher, self._about = target, AESGCM(key), about.encode()
        self._number, self._left = 0, bytearray()
        target.write(_MAGIC)

    def write(self, piece: bytes) -> None:
        self._left += piece
        while len(self._left) > _CHUNK:
            self._seal(bytes(self._left[:_CHUNK]), is_last=False)
            del self._left[:_CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._left), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), chunk, self._about))
        self._number += 1


def seal_file(source: BinaryIO, target: BinaryIO, *, key: bytes, about: str) -> None:
    """Seal everything from `source` on; `key` has 32 bytes and is used for nothing else, `about` is what it is bound to."""
    sealing = Sealing(target, key=key, about=about)
    while piece := source.read(_CHUNK):
        sealing.write(piece)
    sealing.close()


def opened_file(path: Path, *, key: bytes, about: str) -> Iterator[bytes]:
    """The chunks of a sealed file, each checked before it is given.

    Raises:
        InputError: It was altered or cut off, belongs to another call, or is not sealed.
    """
    return opened_part(path, key=key, about=about, first=0, last=opened_size(path) - 1)


def opened_size(path: Path) -> int:
    """How many bytes a sealed file holds when it is opened; only opening shows whether they are genuine."""
    sealed = max(0, path.stat().st_size - len(_MAGIC))
    return max(0, sealed - _chunks(sealed) * _TAG)


def opened_part(path: Path, *, key: bytes, about: str, first: int, last: int) -> Iterator[bytes]:
    """The bytes `first` to `last`, both included, as they were before they were sealed; the end of the file is checked too.

    Raises:
        InputError: It was altered or cut off, belongs to another call, or is not sealed.
    """
    cipher, chunks = AESGCM(key), _chunks(path.stat().st_size - len(_MAGIC))

    def chunk(source: BinaryIO, number: int) -> bytes:
        source.seek(len(_MAGIC) + number * (_CHUNK + _TAG))
        try:
            nonce = _nonce(number, is_last=number == chunks - 1)
            return cipher.decrypt(nonce, source.read(_CHUNK + _TAG), about.encode())
        except InvalidTag as error:
            raise InputError(
                f"{path}: was altered or cut off, or belongs to another call; restore it from a backup. 录音文件已损坏或被改动"
            ) from error

    with path.open("rb") as source:
        if source.read(len(_MAGIC)) != _MAGIC:
            raise InputError(f"{path}: is not a sealed recording 不是加密录音")
        if last // _CHUNK != chunks - 1:
            chunk(source, chunks - 1)
        for number in range(first // _CHUNK, last // _CHUNK + 1):
            start = number * _CHUNK
            yield chunk(source, number)[max(0, first - start) : last + 1 - start]


def _chunks(sealed: int) -> int:
    return max(1, -(-sealed // (_CHUNK + _TAG)))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_NUMBER) + bytes([is_last])
