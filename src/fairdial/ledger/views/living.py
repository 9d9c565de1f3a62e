"""What lives now: the calls of a campaign that are being made, and those that ended a moment ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed


async def living(database: Database, *, campaign_id: int) -> Sequence[dict[str, Any]]:
    """Attempts that are not over, or ended within the last 20 s, by id; of the newest run."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT a.id, a.state, a.dialled_at, a.answered_at, a.ended_at, a.disposition, a.grade, a.outcome,"
                f" c.region, {with_sealed('contact', 'c')} FROM attempt a JOIN contact c ON c.id = a.contact_id"
                " WHERE a.run_id = (SELECT id FROM run WHERE campaign_id = :campaign ORDER BY number DESC LIMIT 1)"
                " AND (a.state IN ('reserved', 'dialing') OR a.ended_at > fairdial_now() - interval '20 s') ORDER BY a.id"
            ),
            {"campaign": campaign_id},
        )
        return [opened(database.vault, row) for row in rows.mappings()]
