"""Write a refusal so that it lasts: every later dial to the person finds it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from fairdial.ledger.database import Database


async def record_refusal(
    database: Database, *, attempt_id: int, kind: str, words: str, understood_at: datetime
) -> datetime:
    """Record what a person said in a call; returns once it is durable.

    Locks the person, cancels every reserved attempt that has not been dialled, and
    commits with `synchronous_commit = on` whatever the server's default is. May be repeated.

    Returns:
        The moment after the commit returned, by the ledger's clock.
    """
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL synchronous_commit = on"))
        await connection.execute(
            text(
                "SELECT p.id FROM person p JOIN attempt a ON a.person_id = p.id WHERE a.id = :attempt FOR UPDATE OF p"
            ),
            {"attempt": attempt_id},
        )
        row = await connection.execute(
            text(
                "INSERT INTO refusal (tenant_id, person_id, scope, source, kind, words, attempt_id, understood_at)"
                " SELECT tenant_id, person_id, 'tenant', 'call', :kind, :words, id, :at FROM attempt"
                " WHERE id = :attempt ON CONFLICT (person_id, source, understood_at)"
                " DO UPDATE SET kind = excluded.kind RETURNING id, person_id"
            ),
            {"attempt": attempt_id, "kind": kind, "words": words, "at": understood_at},
        )
        refusal = row.one()
        await connection.execute(
            text(
                "UPDATE attempt SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now()"
                " WHERE person_id = :person AND state = 'reserved'"
            ),
            {"person": refusal.person_id},
        )
    async with database.transaction() as connection:
        durable = await connection.execute(
            text("UPDATE refusal SET durable_at = fairdial_now() WHERE id = :id RETURNING durable_at"),
            {"id": refusal.id},
        )
        moment: datetime = durable.scalar_one()
        return moment
