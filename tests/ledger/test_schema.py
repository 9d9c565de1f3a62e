"""Two ways to the schema: the migrations and the tables; they must not differ."""

from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from fairdial.ledger.tables import metadata
from tests.ledger.stories import ledger


def test_migrations_and_tables_agree(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async def story() -> None:
        async with ledger(database_url) as database, database.engine.connect() as connection:
            assert await connection.run_sync(differences) == []

    asyncio.run(story())
