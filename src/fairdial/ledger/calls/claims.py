"""Claim contacts that are due, keep the claim alive, give it back.

`FOR UPDATE SKIP LOCKED` gives each contact to one worker. A claim is a lease by
the database's clock: a worker that dies loses it, and nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from fairdial.core.permit import Claimed
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.leases import LEASE
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import of_contact

_DUE = (
    "campaign_id = :campaign AND rank = r.rank AND due_at <= (SELECT fairdial_now())"
    " AND (lease_until IS NULL OR lease_until < fairdial_now())"
)
"""The subquery is read once, so that the index ends at what is due; a volatile function would be asked row by row to its end."""

_CLAIM = text(
    "WITH due AS MATERIALIZED (SELECT r.rank, d.due_at, d.id FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL ("
    f" SELECT id, due_at FROM campaign_contact WHERE {_DUE}"
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


async def due_now(database: Database, task: Task, *, most: int) -> int:
    """Contacts that may be claimed now, counted up to `most`."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL"
                f" (SELECT 1 FROM campaign_contact WHERE {_DUE} ORDER BY due_at, id LIMIT :most) d LIMIT :most) due"
            ),
            {"campaign": task.campaign_id, "most": most},
        )
        return int(rows.scalar_one())


async def is_due_later(database: Database, task: Task) -> bool:
    """Whether any contact is due, now or at any time."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT EXISTS (SELECT 1 FROM generate_series(0, 2) AS r (rank) CROSS JOIN LATERAL (SELECT due_at FROM"
                " campaign_contact WHERE campaign_id = :campaign AND rank = r.rank AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) d)"
            ),
            {"campaign": task.campaign_id},
        )
        return bool(rows.scalar_one())


async def release(database: Database, *, worker: str) -> None:
    """Give back what this worker has claimed and the gate has not been asked for."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE campaign_contact SET worker = NULL, lease_until = NULL WHERE worker = :worker AND due_at IS NOT NULL"
            ),
            {"worker": worker},
        )


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

    An attempt that is dialling without a living call has been lost by its worker; its lease runs out. One whose lease ran out
    while its worker was cut off, and which lives, is taken up again, unless somebody has settled it by hand.
    """
    async with database.transaction() as connection:
        values = {"lease": LEASE, "worker": worker}
        alive = values | {"living": list(living)}
        # attempts before claims: the order in which every other transaction locks them
        await connection.execute(_TAKE_UP_AGAIN, alive)
        await connection.execute(_RENEW_ATTEMPTS, alive)
        await connection.execute(_RENEW_CLAIMS, values)


_TAKE_UP_AGAIN = text(
    "UPDATE attempt SET state = 'dialing' WHERE worker = :worker AND id = ANY(:living) AND state = 'unknown'"
    " AND settled_by IS NULL"
)
_RENEW_ATTEMPTS = text(
    "UPDATE attempt SET lease_until = fairdial_now() + cast(:lease AS interval) WHERE worker = :worker"
    " AND (state = 'reserved' OR state = 'dialing' AND id = ANY(:living))"
)
_RENEW_CLAIMS = text(
    "UPDATE campaign_contact SET lease_until = fairdial_now() + cast(:lease AS interval)"
    " WHERE worker = :worker AND lease_until IS NOT NULL"
)
