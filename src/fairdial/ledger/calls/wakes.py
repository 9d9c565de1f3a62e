"""Hear of refusals the moment they are committed, by whatever process (LISTEN/NOTIFY).

A convenience, not a promise: a permit whose person has refused cannot be spent, heard of or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import psycopg

from fairdial.ledger.database import Database

_AGAIN_S = 1.0


async def refusing_persons(database: Database) -> AsyncGenerator[int, None]:
    """The persons who refuse, as they do, for good; goes on when the database has been away."""
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute("LISTEN fairdial_refusal")
                async for notice in connection.notifies():
                    yield int(notice.payload)
        except psycopg.OperationalError:
            await asyncio.sleep(_AGAIN_S)
