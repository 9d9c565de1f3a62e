"""What lives now: the calls of a campaign that are being made, and those that ended a moment ago."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.happened import note_read
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.sealed import opened

ENDED_STAY_S = 20
"""Seconds for which a call that has ended is still shown."""


async def living(database: Database, *, campaign_id: int, known: Collection[int] = ()) -> Sequence[dict[str, Any]]:
    """Attempts of the newest run that are not over, or were until a moment ago, by id.

    Args:
        known: Ids whose number is known already: it is not opened again.
    """
    async with database.transaction() as connection:
        rows = await connection.execute(_LIVING, {"campaign": campaign_id, "known": list(known), "stay": ENDED_STAY_S})
        return [opened(database.vault, row) for row in rows.mappings()]


async def note_watched(database: Database, *, tenant: str, campaign: str, by: str) -> None:
    """Record that somebody reads what is said in a campaign's living calls."""
    async with database.transaction() as connection:
        await note_read(connection, await tenant_id(connection, tenant), "live.read", {"campaign": campaign, "by": by})


_LIVING = text(
    "WITH newest AS (SELECT id FROM run WHERE campaign_id = :campaign ORDER BY number DESC LIMIT 1)"
    " SELECT a.id, a.state, a.dialled_at, a.answered_at, a.ended_at, a.disposition, a.grade, a.outcome,"
    " c.region, 'contact/' || c.number_key AS about,"
    " CASE WHEN a.id = ANY(cast(:known AS integer[])) THEN NULL ELSE c.sealed END AS sealed"
    " FROM attempt a JOIN contact c ON c.id = a.contact_id"
    " WHERE a.id IN (SELECT id FROM attempt WHERE run_id = (SELECT id FROM newest) AND state IN ('reserved', 'dialing')"
    " UNION ALL SELECT id FROM attempt WHERE run_id = (SELECT id FROM newest)"
    " AND ended_at > fairdial_now() - make_interval(secs => :stay)) ORDER BY a.id"
)
