"""Write a refusal so that it lasts: every later dial to the person finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.numbers import person_of
from fairdial.ledger.protection.sealed import of_refusal

REFUSED = "refused"
"""Outcome of a queued contact whose person refused before its turn came."""


async def record_refusal(
    database: Database, *, attempt_id: int, kind: str, words: str, understood_at: datetime
) -> datetime:
    """Record what a person said in a call; returns once it is durable.

    Locks the person and closes everything of theirs that has not been dialled. May be repeated.

    Returns:
        The moment after the commit returned, by the ledger's clock.
    """
    async with database.transaction() as connection:
        locked = await connection.execute(
            text(
                "SELECT p.id FROM person p JOIN attempt a ON a.person_id = p.id WHERE a.id = :attempt FOR NO KEY UPDATE OF p"
            ),
            {"attempt": attempt_id},
        )
        person: int = locked.scalar_one()
        row = await connection.execute(
            text(
                "INSERT INTO refusal (tenant_id, person_id, scope, source, kind, sealed, attempt_id, understood_at)"
                " SELECT tenant_id, person_id, 'tenant', 'call', :kind, :sealed, id, :at FROM attempt"
                " WHERE id = :attempt ON CONFLICT (tenant_id, person_id, source, understood_at)"
                " DO UPDATE SET kind = excluded.kind RETURNING id"
            ),
            {
                "attempt": attempt_id,
                "kind": kind,
                "sealed": database.vault.seal(of_refusal(person), {"words": words}),
                "at": understood_at,
            },
        )
        refusal_id: int = row.scalar_one()
        await close_what_is_not_dialled(connection, refusal_id)
    return await _confirm(database, refusal_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalNotice:
    """A refusal that came by another way than a call; `number` is E.164, `evidence` says where it can be read."""

    number: str
    source: str
    evidence: str
    scope: RefusalScope = RefusalScope.TENANT
    purpose: Purpose | None = None


async def add_refusal(database: Database, *, tenant: str, notice: RefusalNotice, by: str | None = None) -> datetime:
    """Record a refusal that came by message, portal or letter; returns when it became durable.

    Args:
        by: Who took it in, if known; it is an event.
    """
    async with database.transaction() as connection:
        person = await person_of(connection, database, notice.number)
        owner = await tenant_id(connection, tenant)
        refusal_id = await put_refusal(connection, database, owner, person, notice)
        if by is not None:
            await note(connection, owner, "refusal.taken", {"refusal": refusal_id, "by": by})
    return await _confirm(database, refusal_id)


async def put_refusal(
    connection: AsyncConnection, database: Database, owner: int, person: int, notice: RefusalNotice
) -> int:
    """Write a refusal inside the caller's transaction, with everything it closes; returns its id."""
    await connection.execute(text("SELECT id FROM person WHERE id = :id FOR NO KEY UPDATE"), {"id": person})
    row = await connection.execute(
        text(
            "INSERT INTO refusal (tenant_id, person_id, scope, purpose, source, kind, sealed, understood_at)"
            " VALUES (:tenant, :person, :scope, :purpose, :source, 'hard', :sealed, fairdial_now()) RETURNING id"
        ),
        {
            "tenant": owner,
            "person": person,
            "scope": notice.scope,
            "purpose": notice.purpose,
            "source": notice.source,
            "sealed": database.vault.seal(of_refusal(person), {"evidence": notice.evidence}),
        },
    )
    refusal_id: int = row.scalar_one()
    await close_what_is_not_dialled(connection, refusal_id)
    return refusal_id


async def close_what_is_not_dialled(connection: AsyncConnection, refusal_id: int) -> None:
    """End reservations of the person and take them off every queue the refusal binds, in the caller's transaction."""
    await connection.execute(
        text(
            "UPDATE attempt a SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now()"
            " FROM refusal f WHERE f.id = :id AND a.person_id = f.person_id AND a.state = 'reserved'"
        ),
        {"id": refusal_id},
    )
    await connection.execute(
        text(
            "UPDATE campaign_contact cc SET outcome = :outcome FROM refusal f, contact c, campaign k WHERE f.id = :id"
            " AND c.person_id = f.person_id AND cc.contact_id = c.id AND k.id = cc.campaign_id AND cc.outcome IS NULL"
            " AND (f.scope = 'platform' OR (f.tenant_id = k.tenant_id AND (f.scope = 'tenant' OR f.purpose = k.purpose)))"
            " AND NOT EXISTS (SELECT 1 FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.contact_id = c.id"
            " AND r.campaign_id = k.id AND a.state = 'dialing')"
        ),
        {"id": refusal_id, "outcome": REFUSED},
    )


async def _confirm(database: Database, refusal_id: int) -> datetime:
    """Write down that the commit has returned."""
    async with database.transaction() as connection:
        durable = await connection.execute(
            text("UPDATE refusal SET durable_at = fairdial_now() WHERE id = :id RETURNING durable_at"),
            {"id": refusal_id},
        )
        moment: datetime = durable.scalar_one()
        return moment
