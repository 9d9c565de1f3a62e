"""Contacts of a list, page by page, with what was last decided about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed


async def contacts_page(
    database: Database, *, tenant: str, contact_list: str, after: int, limit: int, region: str | None = None
) -> Sequence[dict[str, Any]] | None:
    """Up to `limit` contacts of a list whose id is above `after`, in the order of their ids; None when there is no such list."""
    narrowed = " AND c.region = :region" if region is not None else ""
    async with database.transaction() as connection:
        found = await connection.execute(
            text(
                "SELECT l.id FROM list l JOIN tenant t ON t.id = l.tenant_id WHERE t.name = :tenant AND l.name = :list"
            ),
            {"tenant": tenant, "list": contact_list},
        )
        list_id = found.scalar_one_or_none()
        if list_id is None:
            return None
        rows = await connection.execute(
            text(
                "SELECT c.id, c.line_no, c.region, c.country, c.number_kind, c.basis, c.data_source,"
                f" v.outcome, v.until, v.decided_at, v.opinions, {with_sealed('contact', 'c')}"
                " FROM contact c LEFT JOIN LATERAL (SELECT outcome, until, decided_at, opinions FROM verdict"
                " WHERE contact_id = c.id ORDER BY id DESC LIMIT 1) v ON true"
                f" WHERE c.list_id = :list AND c.id > :after{narrowed} ORDER BY c.id LIMIT :limit"
            ),
            {"list": list_id, "after": after, "limit": limit, "region": region},
        )
        return [opened(database.vault, row) for row in rows.mappings()]
