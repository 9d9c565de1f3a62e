"""The installation's keys: from the settings, or files of its own beside the embedded database.

A key that is missing where it was before is never replaced: with another number key no refusal would be found again,
with another master key nothing sealed would open.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg
from sqlalchemy import Connection, text

from fairdial.errors import LedgerError
from fairdial.ledger.protection.person_key import PersonKey
from fairdial.ledger.protection.vault import KEY_BYTES, DataKeys, fresh_key, unwrap, wrap

_LEAST = 32
"""Characters of a number key: one that is short can be guessed, and with it every number."""

NEXT_MASTER = "master.next"
"""The master key that is about to be the one; in the folder while `fairdial keys rotate --master` runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """Where keys are: given, or files in `folder`; `master` has 64 hexadecimal digits, `number` at least 32 characters."""

    folder: Path
    number: str | None = field(default=None, repr=False)
    master: str | None = field(default=None, repr=False)


def person_key(settings: KeySettings, *, is_first: bool) -> PersonKey:
    """The key of the numbers' hashes; made when the installation starts for the first time.

    Raises:
        LedgerError: The file is missing although there is a database already.
    """
    if settings.number is not None:
        return PersonKey(settings.number)
    path = settings.folder / "number.key"
    if not path.exists() and not is_first:
        raise _missing(path, "without it no refusal is found again", "缺少它,已有的拒绝将无法识别")
    secret = _text_of(path, secrets.token_hex(32))
    if len(secret) < _LEAST:
        raise LedgerError(f"{path} holds no key of at least {_LEAST} characters; restore it from a backup")
    return PersonKey(secret)


def master_key(settings: KeySettings, *, is_first: bool) -> bytes:
    """The key that wraps the data keys; made when nothing is sealed yet.

    Raises:
        LedgerError: The file is missing although something is sealed, or holds no key.
    """
    path = settings.folder / "master.key"
    if settings.master is None and not path.exists() and not is_first:
        raise _missing(path, "without it no name and no number can be read", "缺少它,姓名和号码将无法读取")
    digits = settings.master if settings.master is not None else _text_of(path, secrets.token_hex(KEY_BYTES))
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        place = "FAIRDIAL_MASTER_KEY" if settings.master is not None else str(path)
        raise LedgerError(f"{place} is not a key of {2 * KEY_BYTES} hexadecimal digits; restore it from a backup")
    return key


def _missing(path: Path, why_en: str, why_zh: str) -> LedgerError:
    return LedgerError(f"{path} is missing; restore it from a backup: {why_en}. 请从备份恢复:{why_zh}")


def _text_of(path: Path, fresh: str) -> str:
    """What a key file holds; written first, readable by its owner only, when there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_key(path, fresh)
    try:
        return path.read_text(encoding="ascii").strip()
    except (UnicodeDecodeError, OSError) as error:
        raise LedgerError(f"{path} cannot be read as a key; restore it from a backup") from error


def write_key(path: Path, digits: str) -> None:
    """Write a key file whole or not at all, and onto the disk before anything is sealed with it."""
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(digits + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def check_number_key(connection: Connection, key: PersonKey) -> None:
    """Remember which number key this database is used with; refuse any other.

    Raises:
        LedgerError: It is another.
    """
    mark = hmac.new(key.secret.encode(), b"fairdial number key", sha256).hexdigest()[:16]
    connection.execute(
        text("INSERT INTO installation (key, value) VALUES ('number_key_mark', :mark) ON CONFLICT (key) DO NOTHING"),
        {"mark": mark},
    )
    kept = connection.execute(text("SELECT value FROM installation WHERE key = 'number_key_mark'")).scalar_one()
    if kept != mark:
        raise LedgerError(
            "the number key is not the one this database is used with; set FAIRDIAL_NUMBER_KEY or restore number.key to"
            " that one: with another no refusal is found. 号码密钥与数据库不符,请恢复原来的密钥"
        )


def data_keys(connection: Connection, settings: KeySettings) -> DataKeys:
    """The data keys of this database; the first is made when there is none.

    Raises:
        LedgerError: The master key is missing or another.
    """
    rows = connection.execute(text("SELECT id, wrapped FROM data_key ORDER BY id")).all()
    if not rows:
        return {1: add_data_key(connection, master_key(settings, is_first=True), 1)}
    return _unwrap_all(settings, [(row.id, row.wrapped) for row in rows])


def _unwrap_all(settings: KeySettings, rows: Sequence[tuple[int, bytes]]) -> DataKeys:
    """Unwrap with the master key, or with the next one when a change of it was cut off halfway."""
    master = master_key(settings, is_first=False)
    try:
        return {number: unwrap(master, number, bytes(wrapped)) for number, wrapped in rows}
    except LedgerError:
        later = settings.folder / NEXT_MASTER
        if settings.master is not None or not later.exists():
            raise
        coming = bytes.fromhex(later.read_text(encoding="ascii"))
        opened = {number: unwrap(coming, number, bytes(wrapped)) for number, wrapped in rows}
        later.replace(settings.folder / "master.key")
        return opened


def add_data_key(connection: Connection, master: bytes, number: int) -> bytes:
    """Make a data key, keep it wrapped, and return it."""
    key = fresh_key()
    connection.execute(
        text("INSERT INTO data_key (id, wrapped) VALUES (:id, :wrapped)"),
        {"id": number, "wrapped": wrap(master, number, key)},
    )
    return key


def read_data_keys(conninfo: str, settings: KeySettings) -> DataKeys:
    """Read the data keys over a connection of its own; blocks for some milliseconds."""
    try:
        with psycopg.connect(conninfo) as connection:
            rows = connection.execute("SELECT id, wrapped FROM data_key").fetchall()
    except psycopg.OperationalError as error:
        raise LedgerError("database cannot be reached to read its keys; is it running?") from error
    return _unwrap_all(settings, rows)
