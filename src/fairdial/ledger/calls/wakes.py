"""Hear of refusals and of pauses the moment they are committed, by whatever process (LISTEN/NOTIFY).

A convenience, not a promise: a permit whose person has refused, or whose campaign does not run, cannot be spent, heard of
or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

import psycopg
from sqlalchemy import text

from fairdial.core.campaign.life import CampaignState
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database

_AGAIN_S = 1.0
_RECENT = text(
    "SELECT id, person_id FROM refusal WHERE recorded_at > fairdial_now() - interval '1 minute' ORDER BY id LIMIT 10000"
)
"""A notice says only that there is something: who can connect can send one, and everybody can read it."""


async def refusing_persons(database: Database) -> AsyncGenerator[int, None]:
    """The persons who refuse, as they do, for good; goes on when the database has been away."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database.address, autocommit=True) as connection:
                await connection.execute("LISTEN fairdial_refusal")
                told: set[int] = set()
                async for _ in connection.notifies():
                    async with database.transaction() as reading:
                        recent = (await reading.execute(_RECENT)).all()
                    for row in recent:
                        if row.id not in told:
                            yield row.person_id
                    told = {row.id for row in recent}
        except (psycopg.OperationalError, LedgerError):
            await asyncio.sleep(_AGAIN_S)


async def moving_campaigns(database: Database) -> AsyncGenerator[Mapping[int, CampaignState], None]:
    """The state of every campaign by id, now and whenever one changes, for good; goes on when the database has been away."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database.address, autocommit=True) as connection:
                await connection.execute("LISTEN fairdial_campaign")
                while True:
                    async with database.transaction() as reading:
                        rows = (await reading.execute(text("SELECT id, state FROM campaign"))).all()
                    yield {row.id: CampaignState(row.state) for row in rows}
                    async for _ in connection.notifies(stop_after=1):
                        pass
        except (psycopg.OperationalError, LedgerError):
            await asyncio.sleep(_AGAIN_S)
