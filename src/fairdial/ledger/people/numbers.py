"""Whose number it is: found by keyed hash, and one person for each number until two are known to be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.ledger.database import Database

Row = TypeVar("Row")

_AT_ONCE = 2_000
"""Rows that one statement carries: so many are sealed within some 30 ms, in which nobody else is served."""


async def persons_of(connection: AsyncConnection, database: Database, numbers: Iterable[str]) -> dict[str, int]:
    """The persons of numbers, found or made in one order for everybody, so that two imports never wait for each other.

    A number that is new gets a person of its own. All stay theirs until the caller's transaction ends: an erasure waits, or
    has come first.
    """
    number_of = {database.person_key.of(number): number for number in set(numbers)}
    found: dict[str, int] = {}
    for part in in_parts(sorted(number_of)):
        known = await connection.execute(_KNOWN, {"keys": part})
        found |= {key: int(person) for key, person in known}
        made = await connection.execute(_MADE, {"keys": [key for key in part if key not in found]})
        found |= {key: int(person) for key, person in made}
    return {number_of[key]: person for key, person in found.items()}


def in_parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Parts of a long list that one statement carries."""
    return (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))


_KNOWN = text(
    "SELECT number_key, person_id FROM person_number WHERE number_key = ANY(:keys) ORDER BY number_key FOR KEY SHARE"
)
_MADE = text(
    "WITH asked AS (SELECT key, nextval('person_id_seq')::int AS id FROM unnest(cast(:keys AS text[])) AS key),"
    " made AS (INSERT INTO person (id) SELECT id FROM asked)"
    " INSERT INTO person_number (number_key, person_id) SELECT key, id FROM asked ORDER BY key"
    " ON CONFLICT (number_key) DO UPDATE SET number_key = excluded.number_key RETURNING number_key, person_id"
)


async def person_of(connection: AsyncConnection, database: Database, number: str) -> int:
    """The person a number belongs to, as `persons_of`."""
    return (await persons_of(connection, database, [number]))[number]
