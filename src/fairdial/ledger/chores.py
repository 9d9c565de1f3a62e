"""Work that many workers could do and one does: each chore is due once in a while, for the whole installation."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from fairdial.ledger.database import Database


async def take_turn(database: Database, chore: str, *, every: timedelta) -> bool:
    """True for one of all workers when a chore is due; it is due again after `every`, by the ledger's clock.

    A clock that was moved back makes it due: a chore done once too often harms nobody.
    """
    async with database.transaction() as connection:
        taken = await connection.execute(
            text(
                "INSERT INTO chore (name, begun_at) VALUES (:name, fairdial_now())"
                " ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at"
                " WHERE chore.begun_at <= excluded.begun_at - cast(:every AS interval)"
                " OR chore.begun_at > excluded.begun_at RETURNING name"
            ),
            {"name": chore, "every": every},
        )
        return taken.one_or_none() is not None
