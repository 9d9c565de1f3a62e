"""Claim contacts that are due, and keep the claim alive.

`FOR UPDATE SKIP LOCKED` gives each contact to one worker. A claim is a lease by
the database's clock: a worker that dies loses it, and nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from fairdial.core.permit import Claimed
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import LEASE
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import of_contact

_CLAIM = text(
    "WITH due AS MATERIALIZED (SELECT r.rank, d.due_at, d.id FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL ("
    " SELECT id, due_at FROM campaign_contact WHERE campaign_id = :campaign AND rank = r.rank AND due_at <= fairdial_now()"
    " AND (lease_until IS NULL OR lease_until < fairdial_now())"
    " AND EXISTS (SELECT 1 FROM campaign k WHERE k.id = :campaign AND k.state = 'running'"
    " AND (k.held_by IS NULL OR k.held_until <= fairdial_now()))"
    " ORDER BY due_at, id LIMIT :count FOR UPDATE SKIP LOCKED) d LIMIT :count)"
    " UPDATE campaign_contact cc SET worker = :worker, lease_until = fairdial_now() + :lease"
    " FROM due, contact c WHERE cc.id = due.id AND c.id = cc.contact_id"
    " RETURNING cc.id, due.rank, due.due_at, cc.contact_id, c.person_id, c.number_key, c.sealed"
)
"""A look into the index for each rank, so that what is due later costs nothing; none into that of a campaign that is held."""


async def claim(database: Database, task: Task, *, count: int, worker: str) -> list[Claimed]:
    """Claim up to `count` contacts, promised calls first, then who was tried, then list order; empty when none is due."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            _CLAIM,
            {
                "campaign": task.campaign_id,
                "count": count,
                "worker": worker,
                "lease": LEASE,
            },
        )
        ordered = sorted(rows, key=lambda row: (row.rank, row.due_at, row.id))
    return [
        Claimed(
            contact_id=r.contact_id,
            person_id=r.person_id,
            number=database.vault.open(of_contact(r.number_key), r.sealed).get("number", ""),
        )
        for r in ordered
    ]


async def held_elsewhere(database: Database, task: Task, *, worker: str) -> int:
    """Contacts not asked yet and attempts not ended that another worker, dead or alive, still holds."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT (SELECT count(*) FROM campaign_contact WHERE campaign_id = :campaign"
                " AND due_at IS NOT NULL AND worker <> :worker AND lease_until >= fairdial_now())"
                " + (SELECT count(*) FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.campaign_id = :campaign"
                " AND a.state IN ('reserved', 'dialing') AND a.worker <> :worker)"
            ),
            {"campaign": task.campaign_id, "worker": worker},
        )
        return int(rows.scalar_one())


async def renew(database: Database, living: Sequence[int], *, worker: str) -> None:
    """Keep this worker's claims, and the attempts of its living calls, alive; called every third of a lease.

    An attempt that is dialling without a living call has been lost by its worker; its lease runs out.
    """
    async with database.transaction() as connection:
        for table in ("attempt", "campaign_contact"):  # the order in which every other transaction locks them
            extra = (
                ""
                if table == "campaign_contact"
                else " AND (state = 'reserved' OR state = 'dialing' AND id = ANY(:living))"
            )
            await connection.execute(
                text(
                    f"UPDATE {table} SET lease_until = fairdial_now() + :lease"
                    f" WHERE worker = :worker AND lease_until IS NOT NULL{extra}"
                ),
                {"lease": LEASE, "worker": worker} | ({"living": list(living)} if extra else {}),
            )
