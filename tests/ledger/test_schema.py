"""Two ways to the schema: the migrations and the tables; they must not differ."""

from __future__ import annotations

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from fairdial.ledger.tables import metadata
from tests.ledger.stories import ledger


def is_declared(thing: Any, _name: str | None, kind: str, _is_reflected: bool, _other: object) -> bool:
    """All but the keys that PostgreSQL adds of its own for each partition a table refers to."""
    return kind != "foreign_key_constraint" or not thing.elements[0].target_fullname.startswith("months.")


def test_migrations_and_tables_agree(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_object": is_declared})
        return list(compare_metadata(context, metadata))

    async def story() -> None:
        async with ledger(database_url) as database, database.engine.connect() as connection:
            assert await connection.run_sync(differences) == []

    asyncio.run(story())
