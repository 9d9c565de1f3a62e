"""Who is there, by advisory locks: PostgreSQL gives them back when their process is gone, however it went.

A lock is kept by a connection of its own. When the database was away the keeper takes it again within a second; what went on
meanwhile is told from when the server started (`run_orders`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from fairdial.errors import LedgerError
from fairdial.ledger.database import Database

_log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Seconds between two looks whether the connection that keeps a lock is still there."""

_TRY = {
    False: "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
    True: "SELECT pg_try_advisory_lock_shared(hashtextextended(%s, 0))",
}


class Presence:
    """One lock, alone or shared; see `present`."""

    def __init__(self, database: Database, key: str, *, shared: bool) -> None:
        self._database = database
        self._key = key
        self._shared = shared
        self._connection: psycopg.AsyncConnection[object] | None = None
        self._using = asyncio.Lock()

    async def enter(self) -> bool:
        """Take the lock; False when somebody keeps it alone, or, wanted alone, anybody."""
        connection = await self._database.listener()
        row = await (await connection.execute(_TRY[self._shared], (self._key,))).fetchone()
        if row is None or not row[0]:
            await connection.close()
            return False
        self._connection = connection
        return True

    async def keep(self) -> None:
        """Take the lock again whenever its connection was lost; goes on until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            async with self._using:
                try:
                    if self._connection is not None:
                        await self._connection.execute("SELECT 1")
                    elif not await self.enter():
                        _log.warning("somebody else has taken a lock that was lost with the database")
                except (psycopg.Error, LedgerError):
                    await self.leave()

    async def is_last(self) -> bool:
        """Whether nobody else is there: the shared lock is then kept alone until the end. Of two at once one is told so."""
        async with self._using:
            if self._connection is None:
                return False
            try:
                key = (self._key,)
                await self._connection.execute("SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", key)
                row = await (await self._connection.execute(_TRY[False], key)).fetchone()
            except psycopg.Error as error:
                raise LedgerError(f"database cannot be reached: {type(error).__name__}; is it running?") from error
            self._shared = False
            return row is not None and bool(row[0])  # type: ignore[index]

    async def leave(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


@asynccontextmanager
async def present(database: Database, key: str, *, shared: bool = False) -> AsyncIterator[Presence | None]:
    """Be there under a key inside the block; None when somebody else keeps it alone, or when it is wanted alone and not free."""
    presence = Presence(database, key, shared=shared)
    if not await presence.enter():
        yield None
        return
    keeping = asyncio.create_task(presence.keep(), name=f"present {key}")
    try:
        yield presence
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await presence.leave()


def is_present(key: str) -> str:
    """SQL that tells whether some process is there under a key, which is SQL, too."""
    return (
        "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        f" AND ((classid::bigint << 32) | objid::bigint) = hashtextextended({key}, 0))"
    )


WAS_AWAY = (
    "pg_postmaster_start_time() + (fairdial_now() - clock_timestamp()) > {since}"
    " AND pg_postmaster_start_time() > clock_timestamp() - interval '15 seconds'"
)
"""SQL: whether the server was started again since then, so lately that nobody who lost a lock with it need be back."""
