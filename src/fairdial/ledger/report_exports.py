"""Reports that were handed out: each carries a mark, and the mark is an event that says who took what, and when."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id

EXPORTED = "report.export"


async def note_report(database: Database, *, tenant: str, by: str, what: Mapping[str, object]) -> str:
    """Keep as an event who takes which report; returns the mark it is to carry, 16 hexadecimal digits.

    Args:
        what: Nothing personal: the kind of report, its format and its filter.
    """
    mark = secrets.token_hex(8)
    async with database.transaction() as connection:
        await note(connection, await tenant_id(connection, tenant), EXPORTED, {"trace": mark, "by": by, **what})
    return mark


async def traced(database: Database, *, tenant: str, mark: str) -> dict[str, Any] | None:
    """Who took the report with this mark, when, and which; None when no report of the tenant's carries it."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT e.at, e.body FROM event e WHERE e.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)"
                " AND e.kind = :kind AND e.body ->> 'trace' = :mark"
            ),
            {"tenant": tenant, "kind": EXPORTED, "mark": mark},
        )
        row = rows.one_or_none()
        return None if row is None else {"at": row.at, **row.body}
