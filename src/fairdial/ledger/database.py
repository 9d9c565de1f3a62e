"""Open the database: the embedded PostgreSQL or the one in the settings, migrated to now."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import URL, Connection, NullPool, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from fairdial.errors import LedgerError
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.person_key import PersonKey

_POOL_SIZE = 8
_MIGRATION_LOCK = 0x66616972
"""Advisory lock that keeps two starting workers from migrating at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open, migrated database and the key under which numbers are found."""

    engine: AsyncEngine
    person_key: PersonKey

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back on any error."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise LedgerError(f"database cannot be reached: {type(error.orig).__name__}; is it running?") from error

    async def now(self) -> datetime:
        """The ledger's clock; a rehearsal's clock is shifted (docs/why/clock.md)."""
        async with self.transaction() as connection:
            moment: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
            return moment


@asynccontextmanager
async def open_database(*, url: str | None, folder: Path, secret: str | None) -> AsyncIterator[Database]:
    """Start or join the database and bring its schema to the newest version.

    Args:
        url: A PostgreSQL address; None starts the embedded server in `folder`.
        folder: Where the embedded server and its number key live.
        secret: Key for the keyed hash of numbers, needed with `url`.

    Raises:
        LedgerError: The server cannot be started or reached, or the key is missing.
    """
    address, person_key = await asyncio.to_thread(_prepare, url, folder, secret)
    await _migrate(address)
    engine = create_async_engine(
        address, pool_size=_POOL_SIZE, max_overflow=_POOL_SIZE, pool_pre_ping=True, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _become_worker)
    try:
        yield Database(engine=engine, person_key=person_key)
    finally:
        await engine.dispose()


async def _migrate(address: URL) -> None:
    """Bring the schema to the newest version with the rights of the login; everything after works with less."""
    owner = create_async_engine(address, poolclass=NullPool, hide_parameters=True)
    try:
        async with owner.begin() as connection:
            await connection.run_sync(migrate)
    except OperationalError as error:
        raise LedgerError(f"database cannot be reached: {error.orig}; check FAIRDIAL_DATABASE_URL") from error
    finally:
        await owner.dispose()


def _become_worker(connection: DBAPIConnection, _record: object) -> None:
    """Take on the role that can neither change nor remove an event."""
    cursor = connection.cursor()
    cursor.execute("SET ROLE fairdial_worker")
    connection.commit()
    cursor.close()


def _prepare(url: str | None, folder: Path, secret: str | None) -> tuple[URL, PersonKey]:
    if url is not None and secret is None:
        raise LedgerError("FAIRDIAL_DATABASE_URL is set but FAIRDIAL_NUMBER_KEY is not; set a secret of 32 characters")
    address = url or str(embedded_server(folder / "postgres").get_uri())
    key = secret or _own_key(folder)
    return make_url(address).set(drivername="postgresql+psycopg"), PersonKey(key)


def _own_key(folder: Path) -> str:
    """The installation's key, made at the first start and readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "number.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version; safe with several workers starting at once."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def set_rehearsal_clock(database: Database, offset: timedelta) -> None:
    """Shift the ledger's clock for a rehearsal.

    Raises:
        LedgerError: A line of this database reaches real people; its clock is never shifted.
    """
    async with database.transaction() as connection:
        carriers = await connection.execute(text("SELECT count(*) FROM line WHERE kind <> 'practice'"))
        if carriers.scalar_one():
            raise LedgerError("this database has carrier lines; the clock of real calls is never shifted")
        await connection.execute(
            text(
                "INSERT INTO installation (key, value) VALUES ('clock_offset', :value)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            ),
            {"value": f"{offset.total_seconds():.0f} seconds"},
        )
