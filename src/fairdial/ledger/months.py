"""Calls, turns and events stand by months; here the months to come get their partitions (docs/why/scale.md)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from fairdial.ledger.chores import take_turn
from fairdial.ledger.database import Database

AHEAD = 2
"""Months that have a partition before they begin: so long may nobody have run anything."""

EVERY = timedelta(days=1)


async def make_months(database: Database, *, ahead: int = AHEAD) -> int:
    """Make the partitions of this month and of those to come, where they are not there.

    Returns:
        Rows that came before their partition was there. They are found like all others; their month stays without one.

    Raises:
        LedgerError: A long statement of somebody's holds the tables; the next turn tries again.
    """
    async with database.transaction() as connection:
        made = await connection.execute(text("SELECT fairdial_make_months(:ahead)"), {"ahead": ahead})
        return int(made.scalar_one())


async def make_months_in_turn(database: Database) -> int:
    """The same once a day by one of all workers; 0 by the others."""
    if await take_turn(database, "months", every=EVERY):
        return await make_months(database)
    return 0
