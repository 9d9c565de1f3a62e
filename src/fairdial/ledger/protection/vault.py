"""Personal data at rest: AES-256-GCM under data keys, which the installation's master key wraps (envelope).

The master key never enters the database; the database without it shows no name, no number and no word anybody said.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairdial.errors import LedgerError

KEY_BYTES = 32
FRESH_S = 3600.0
"""Seconds after which the data keys are read again, so that a long run writes with the newest."""

_ID, _NONCE = 4, 12

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

DataKeys = Mapping[int, bytes]
"""Data keys by number; the highest is the one that seals."""


class Vault:
    """Seals and opens small JSON values.

    What is sealed is bound to where it stands (`about`): moved to another row it does not open.
    """

    def __init__(self, load: Callable[[], DataKeys]) -> None:
        self._load = load
        self._read()

    def data_keys(self) -> DataKeys:
        """The data keys as they stand now, for another process of this installation."""
        return self._load()

    def _read(self) -> None:
        self._keys = {number: AESGCM(key) for number, key in self._load().items()}
        self._newest = max(self._keys)
        self._read_at = time.monotonic()

    @property
    def newest(self) -> int:
        """Number of the data key that seals."""
        return self._newest

    def seal(self, about: str, value: Mapping[str, Any]) -> bytes:
        """Key number (4 bytes), nonce (12), ciphertext and tag."""
        if time.monotonic() - self._read_at > FRESH_S:
            self._read()
        nonce = os.urandom(_NONCE)
        plain = _ENCODER.encode(value).encode()
        return self._newest.to_bytes(_ID) + nonce + self._keys[self._newest].encrypt(nonce, plain, about.encode())

    def open(self, about: str, sealed: bytes | None) -> dict[str, Any]:
        """The value; empty for what was erased.

        Raises:
            LedgerError: It was altered or moved, or its key is gone.
        """
        if not sealed:
            return {}
        number = int.from_bytes(sealed[:_ID])
        if number not in self._keys:
            self._read()  # another process has rotated the keys
        key = self._keys.get(number)
        if key is None:
            raise LedgerError(f"{about}: data key {number} is gone; restore the database with its keys from a backup")
        try:
            plain = key.decrypt(sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :], about.encode())
        except InvalidTag as error:
            raise LedgerError(f"{about} was altered or moved in the database; restore it from a backup") from error
        value: dict[str, Any] = json.loads(plain)
        return value


def wrap(master: bytes, number: int, key: bytes) -> bytes:
    """A data key as the database keeps it: nonce (12), ciphertext and tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, f"data_key/{number}".encode())


def unwrap(master: bytes, number: int, wrapped: bytes) -> bytes:
    """A data key.

    Raises:
        LedgerError: It was wrapped by another master key.
    """
    try:
        return AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"data_key/{number}".encode())
    except InvalidTag as error:
        raise LedgerError(
            "the master key is not the one this database is sealed with; set FAIRDIAL_MASTER_KEY or restore master.key"
            " to that one. 主密钥与数据库不符,请恢复原来的密钥"
        ) from error


def fresh_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)
