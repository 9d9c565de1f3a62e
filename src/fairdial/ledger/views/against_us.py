"""What people say against us, page by page: refusals, and complaints with the times they are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed


async def refusals_page(
    database: Database, *, tenant: str, source: str | None, before: int | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` refusals, the newest first, whose id is below `before`, each with a number of the person if one is known."""
    narrowed = "" if source is None else " AND f.source = :source"
    narrowed += "" if before is None else " AND f.id < :before"
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT f.id, f.scope, f.purpose, f.source, f.kind, f.attempt_id AS call, f.understood_at, f.durable_at,"
                f" {with_sealed('contact', 'c')} FROM refusal f"
                " LEFT JOIN LATERAL (SELECT x.number_key, x.sealed FROM contact x WHERE x.person_id = f.person_id"
                " AND x.tenant_id = f.tenant_id AND x.sealed IS NOT NULL ORDER BY x.id LIMIT 1) c ON true"
                " WHERE f.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)"
                f"{narrowed} ORDER BY f.id DESC LIMIT :limit"
            ),
            {"tenant": tenant, "source": source, "before": before, "limit": limit},
        )
        return [opened(database.vault, row) for row in rows.mappings()]


async def complaints_page(
    database: Database, *, tenant: str, after: tuple[bool, datetime, int] | None, limit: int
) -> Sequence[RowMapping]:
    """Up to `limit` complaints, those that are open first, by when they are due.

    Args:
        after: Of the last row before: whether it is closed, when it is due, its id.
    """
    beyond = "" if after is None else f" AND {_DUE} > (:closed, cast(:due AS timestamptz), :id)"
    closed, due, last = after or (None, None, None)
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT q.id, q.category, q.source, q.caller_number, q.line, q.received_at, q.acknowledge_by, q.close_by,"
                " q.closed_at FROM complaint q WHERE q.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)"
                f"{beyond} ORDER BY q.closed_at IS NOT NULL, q.close_by, q.id LIMIT :limit"
            ),
            {"tenant": tenant, "closed": closed, "due": due, "id": last, "limit": limit},
        )
        return rows.mappings().all()


async def has_complaint(database: Database, *, tenant: str, complaint: int) -> bool:
    """Whether it is a complaint of this tenant."""
    async with database.transaction() as connection:
        found = await connection.execute(
            text("SELECT 1 FROM complaint q JOIN tenant t ON t.id = q.tenant_id WHERE t.name = :tenant AND q.id = :id"),
            {"tenant": tenant, "id": complaint},
        )
        return found.scalar_one_or_none() is not None


_DUE = "(q.closed_at IS NOT NULL, q.close_by, q.id)"
