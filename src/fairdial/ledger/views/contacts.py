"""Contacts of a list, page by page, with what was last decided about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.people.lists import list_id
from fairdial.ledger.protection.sealed import opened, with_sealed


async def contacts_page(
    database: Database, *, tenant: str, contact_list: str, after: int, limit: int, region: str | None = None
) -> Sequence[dict[str, Any]] | None:
    """Up to `limit` contacts of a list whose id is above `after`, in the order of their ids; None when there is no such list."""
    narrowed = " AND c.region = :region" if region is not None else ""
    async with database.transaction() as connection:
        found = await list_id(connection, tenant=tenant, name=contact_list)
        if found is None:
            return None
        rows = await connection.execute(
            text(
                "SELECT c.id, c.line_no, c.region, c.country, c.number_kind, c.basis, c.data_source,"
                f" v.outcome, v.until, v.decided_at, v.opinions, {with_sealed('contact', 'c')}"
                " FROM contact c LEFT JOIN LATERAL (SELECT outcome, until, decided_at, opinions FROM verdict"
                " WHERE contact_id = c.id ORDER BY id DESC LIMIT 1) v ON true"
                f" WHERE c.list_id = :list AND c.id > :after{narrowed} ORDER BY c.id LIMIT :limit"
            ),
            {"list": found, "after": after, "limit": limit, "region": region},
        )
        return [opened(database.vault, row) for row in rows.mappings()]
