"""Whose number it is: found by keyed hash, and one person for each number until two are known to be the same."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.ledger.database import Database


async def persons_of(connection: AsyncConnection, database: Database, numbers: Iterable[str]) -> dict[str, int]:
    """The persons of numbers, found or made in one order for everybody, so that two imports never wait for each other."""
    return {number: await person_of(connection, database, number) for number in sorted(set(numbers))}


async def person_of(connection: AsyncConnection, database: Database, number: str) -> int:
    """The person a number belongs to; a number that is new gets a person of its own.

    The number stays that person's until the caller's transaction ends: an erasure waits, or has come first.
    """
    key = database.person_key.of(number)
    known = await connection.execute(
        text("SELECT person_id FROM person_number WHERE number_key = :key FOR KEY SHARE"), {"key": key}
    )
    if (found := known.scalar_one_or_none()) is not None:
        return int(found)
    made = await connection.execute(
        text(
            "WITH p AS (INSERT INTO person DEFAULT VALUES RETURNING id)"
            " INSERT INTO person_number (number_key, person_id) SELECT :key, id FROM p"
            " ON CONFLICT (number_key) DO UPDATE SET number_key = excluded.number_key RETURNING person_id"
        ),
        {"key": key},
    )
    return int(made.scalar_one())
