"""Change the keys: a new data key under which everything is sealed anew, or a new master key around the data keys."""

from __future__ import annotations

import contextlib
import fcntl
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, RowMapping, text

from fairdial.errors import LedgerError
from fairdial.ledger.database import Database, as_owner
from fairdial.ledger.protection.keys import NEXT_MASTER, KeySettings, add_data_key, data_keys, master_key, write_key
from fairdial.ledger.protection.sealed import SEALED
from fairdial.ledger.protection.vault import KEY_BYTES, Vault, fresh_key, wrap

KEPT_FOR = timedelta(hours=24)
"""How long a retired data key stays: longer than a running worker goes on sealing with it (`vault.FRESH_S`)."""

_BATCH = 500
_ROTATING = 0x6B657973
"""Advisory lock: one change of keys at a time."""

_HAS_OLDER = "{0}.sealed IS NOT NULL AND substring({0}.sealed FROM 1 FOR 4) < :newest"
"""The key number is the first four bytes, highest first: bytes compare as the numbers do."""


async def stored_keys(database: Database) -> Sequence[RowMapping]:
    """The data keys by number: when each was made and retired."""
    async with database.transaction() as connection:
        rows = await connection.execute(text("SELECT id, made_at, retired_at FROM data_key ORDER BY id"))
        return rows.mappings().all()


async def sealed_under_older_keys(database: Database) -> int:
    """How many rows are not sealed with the newest key."""
    counts = (f"(SELECT count(*) FROM {t} x WHERE {_HAS_OLDER.format('x')})" for t in SEALED)
    async with database.transaction() as connection:
        found = await connection.execute(
            text(f"SELECT {' + '.join(counts)}"), {"newest": database.vault.newest.to_bytes(4)}
        )
        return int(found.scalar_one())


async def rotate(database: Database, settings: KeySettings, done: Callable[[int], object] = lambda _rows: None) -> int:
    """Make a new data key and seal every row with it; may run beside living calls, and be repeated after a crash.

    Args:
        done: Called after each batch with the number of its rows.

    Returns:
        The number of the new key.

    Raises:
        LedgerError: Another change of keys is running, or the master key is missing.
    """
    newest = await as_owner(database.engine.url, partial(_add_key, settings=settings))
    keys = await as_owner(database.engine.url, partial(data_keys, settings=settings))
    vault = Vault(lambda: keys)
    for table, about in SEALED.items():
        while rows := await as_owner(database.engine.url, partial(_seal_anew, table=table, about=about, vault=vault)):
            done(rows)
    return newest


def _add_key(connection: Connection, *, settings: KeySettings) -> int:
    _alone(connection)
    last: int = connection.execute(text("SELECT max(id) FROM data_key")).scalar_one()
    add_data_key(connection, master_key(settings, is_first=False), last + 1)
    connection.execute(
        text("UPDATE data_key SET retired_at = fairdial_now() WHERE retired_at IS NULL AND id <= :last"), {"last": last}
    )
    unused = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {t} x WHERE substring(x.sealed FROM 1 FOR 4) = int4send(k.id))" for t in SEALED
    )
    connection.execute(
        text(f"DELETE FROM data_key k WHERE retired_at < fairdial_now() - cast(:kept AS interval) AND {unused}"),
        {"kept": KEPT_FOR},
    )
    return last + 1


def _seal_anew(connection: Connection, *, table: str, about: str, vault: Vault) -> int:
    rows = connection.execute(
        text(
            f"SELECT x.id, {about.format('x')} AS about, x.sealed FROM {table} x WHERE {_HAS_OLDER.format('x')}"
            " ORDER BY x.id LIMIT :batch FOR UPDATE"
        ),
        {"newest": vault.newest.to_bytes(4), "batch": _BATCH},
    ).all()
    if rows:
        connection.execute(
            text(f"UPDATE {table} SET sealed = :sealed WHERE id = :id"),
            [{"id": r.id, "sealed": vault.seal(r.about, vault.open(r.about, bytes(r.sealed)))} for r in rows],
        )
    return len(rows)


async def change_master(database: Database, settings: KeySettings, following: str | None = None) -> None:
    """Wrap the data keys with another master key: a fresh one in `master.key`, or the given one.

    Args:
        following: The next `FAIRDIAL_MASTER_KEY`; needed when the master key comes from the settings.

    Raises:
        LedgerError: No next key is given, or it is none.
    """
    if settings.master is not None and following is None:
        raise LedgerError("set FAIRDIAL_NEXT_MASTER_KEY to the key that follows, then run this again")
    digits = following or fresh_key().hex()
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}", digits):
        raise LedgerError(f"FAIRDIAL_NEXT_MASTER_KEY must have {2 * KEY_BYTES} hexadecimal digits")
    wrap_anew = partial(_wrap_anew, settings=settings, digits=digits)
    if settings.master is not None:
        await as_owner(database.engine.url, wrap_anew)
        return
    with _only_one(settings):
        await as_owner(database.engine.url, wrap_anew)
        (settings.folder / NEXT_MASTER).replace(settings.folder / "master.key")


@contextlib.contextmanager
def _only_one(settings: KeySettings) -> Iterator[None]:
    """The files of the keys, from before the first write until after the last, for one process alone."""
    with (settings.folder / "keys.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LedgerError("the keys are being changed by another process; wait for its end") from error
        yield


def _wrap_anew(connection: Connection, *, settings: KeySettings, digits: str) -> None:
    _alone(connection)
    following, keys = bytes.fromhex(digits), data_keys(connection, settings)
    if settings.master is None:
        write_key(settings.folder / NEXT_MASTER, digits)  # only now: a change that was cut off has been finished
    for number, key in keys.items():
        connection.execute(
            text("UPDATE data_key SET wrapped = :wrapped WHERE id = :id"),
            {"id": number, "wrapped": wrap(following, number, key)},
        )


def _alone(connection: Connection) -> None:
    taken = connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _ROTATING}).scalar_one()
    if not taken:
        raise LedgerError("the keys are being changed by another process; wait for its end")
