"""Open the database: the embedded PostgreSQL or the one in the settings, migrated to now."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import URL, Connection, Engine, NullPool, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from fairdial.errors import LedgerError
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.protection.keys import KeySettings, check_number_key, data_keys, person_key, read_data_keys
from fairdial.ledger.protection.person_key import PersonKey
from fairdial.ledger.protection.vault import Vault
from fairdial.ledger.versions import CODE, OLDEST_BESIDE, needs_migration, refuse_beneath

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_Result = TypeVar("_Result")

MOST_CONNECTIONS = 16
"""Connections of one process's pool, each opened when it is first needed and kept: one that is closed after a burst costs a
process of the server and five statements when the next burst opens it again. A feed and a listener have one each beside them."""

_RESTED_S = 1.0
"""A connection that lay idle for longer is tried before use; a busy one is known to stand, and trying costs a round trip."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def _head() -> str:
    """The version of this code: its newest migration."""
    return max(_known())


def _known() -> set[str]:
    """Every version up to this code's."""
    return {path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}


CONNECTION: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
    "application_name": CODE.format(_head()),
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4",
}
"""Of a connection: whoever is gone without a word, server or worker, is noticed by the other within 30 s, and a network that is cut
for 20 s is borne."""

_MIGRATION_LOCK = 0x66616972
"""Advisory lock that keeps two starting workers from migrating at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open, migrated database, the key under which numbers are found and the vault that opens what is sealed."""

    engine: AsyncEngine
    committing: AsyncEngine
    """The same connections, on which each statement is committed by itself."""
    person_key: PersonKey
    vault: Vault

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back on any error."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise _unreachable(error.orig or error) from error

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which each statement is committed by itself: one round trip where a transaction takes three."""
        try:
            async with self.committing.connect() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise LedgerError(f"database cannot be reached: {type(error.orig).__name__}; is it running?") from error

    @property
    def address(self) -> str:
        """Where a connection of its own listens, with the login's password."""
        return _conninfo(self.engine.url)

    async def listener(self) -> psycopg.AsyncConnection[TupleRow]:
        """A connection of one's own, beside the pool, that commits each statement.

        Raises:
            LedgerError: The database cannot be reached.
        """
        try:
            return await psycopg.AsyncConnection.connect(self.address, autocommit=True, **CONNECTION)
        except psycopg.OperationalError as error:
            raise _unreachable(error) from error

    async def now(self) -> datetime:
        """The ledger's clock; a rehearsal's clock is shifted (docs/why/clock.md)."""
        async with self.transaction() as connection:
            moment: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
            return moment


def _unreachable(error: BaseException) -> LedgerError:
    """What is told of a connection that failed; its own words may hold an address."""
    if any(words in str(error) for words in ("too many clients", "too many connections", "remaining connection slots")):
        return LedgerError(
            "the database has no connection left; raise its max_connections, about 20 for each process, or run fewer workers"
            " 数据库连接数已满,请调高 max_connections 或减少工作进程"
        )
    return LedgerError(f"database cannot be reached: {type(error).__name__}; is it running?")


@asynccontextmanager
async def open_database(*, url: str | None, keys: KeySettings) -> AsyncIterator[Database]:
    """Start or join the database and bring its schema to the newest version.

    Args:
        url: A PostgreSQL address; None starts the embedded server in the folder of the keys.

    Raises:
        LedgerError: The server cannot be started or reached, or a key is missing or another.
    """
    address, person = await asyncio.to_thread(_prepare, url, keys)
    await as_owner(address, partial(_make_ready, keys=keys, person=person))
    vault = await asyncio.to_thread(Vault, partial(read_data_keys, _conninfo(address), keys))
    engine = create_async_engine(
        address,
        pool_size=MOST_CONNECTIONS,
        max_overflow=0,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args=dict(CONNECTION),
    )
    event.listen(engine.sync_engine, "connect", _become_worker)
    _try_the_rested(engine.sync_engine)
    try:
        committing = engine.execution_options(isolation_level="AUTOCOMMIT")
        yield Database(engine=engine, committing=committing, person_key=person, vault=vault)
    finally:
        await engine.dispose()


async def as_owner(address: URL, work: Callable[[Connection], _Result]) -> _Result:
    """Do something in one transaction with the rights of the login; everything else works with less."""
    owner = create_async_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=dict(CONNECTION))
    try:
        async with owner.begin() as connection:
            return await connection.run_sync(work)
    except OperationalError as error:
        raise LedgerError(f"database cannot be reached: {error.orig}; check FAIRDIAL_DATABASE_URL") from error
    finally:
        await owner.dispose()


def _make_ready(connection: Connection, *, keys: KeySettings, person: PersonKey) -> None:
    """Newest schema, and the keys it has been used with; safe with several workers starting at once."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    migrate(connection, keys)
    check_number_key(connection, person)
    data_keys(connection, keys)


def migrate(connection: Connection, keys: KeySettings) -> None:
    """Bring the schema to this code's version, unless a newer one is there on which it may run."""
    mine = _head()
    stands = connection.execute(_STANDS).scalar_one_or_none() if connection.execute(_HAS_SCHEMA).scalar_one() else None
    mark = None if stands is None else connection.execute(_MARK).scalar_one_or_none()
    if not needs_migration(mine=mine, stands=stands, oldest_beside=mark):
        return
    refuse_beneath(list(connection.execute(_CONNECTED).scalars()), mine=mine)
    from alembic import command  # here, because it takes a second and a schema is seldom new

    command.upgrade(alembic_config(connection, keys), "head")
    connection.execute(_SET_MARK, {"oldest": OLDEST_BESIDE})


_HAS_SCHEMA = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_STANDS = text("SELECT version_num FROM alembic_version")
_MARK = text("SELECT value FROM installation WHERE key = 'oldest_beside'")
_SET_MARK = text(
    "INSERT INTO installation (key, value) VALUES ('oldest_beside', :oldest)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_CONNECTED = text(
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _conninfo(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def _become_worker(connection: DBAPIConnection, _record: object) -> None:
    """Take on the role that can neither change nor remove an event.

    Locks are what serialises, so that a statement must see what was committed before it began, whatever the server's
    default is; and a commit has reached the disk when it returns. Instants come in UTC, which compares fastest.
    """
    cursor = connection.cursor()
    cursor.execute("SET ROLE fairdial_worker")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute("SET default_transaction_isolation = 'read committed'")
    cursor.execute("SET synchronous_commit = on")
    connection.commit()
    cursor.close()


def _try_the_rested(engine: Engine) -> None:
    """Find out about a server that went away before somebody's statement does."""

    @event.listens_for(engine, "checkin")
    def rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rests_from"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def rouse(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("rests_from", math.inf) <= _RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the pool opens another; the rest are tried anew, too


def _prepare(url: str | None, keys: KeySettings) -> tuple[URL, PersonKey]:
    """The server's address and the number key; the key first, so that nothing starts without it."""
    person = person_key(keys, is_first=url is None and not (keys.folder / "postgres").exists())
    address = url or str(embedded_server(keys.folder / "postgres").get_uri())
    return make_url(address).set(drivername="postgresql+psycopg"), person


def alembic_config(connection: Connection, keys: KeySettings) -> AlembicConfig:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes.update(connection=connection, keys=keys)
    return config


async def is_schema_older(database: Database) -> bool:
    """Whether migrations of this version are missing; a newer schema, made by a newer version beside us, is none of it."""
    async with database.transaction() as connection:
        found = (await connection.execute(_STANDS)).scalars().all()
    return any(version in _known() and version != _head() for version in found)


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
