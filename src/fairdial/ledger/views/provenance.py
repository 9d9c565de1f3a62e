"""Where a list's people come from, and what they allowed: the files that were taken in, and consents page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.ledger.database import Database
from fairdial.ledger.people.lists import list_id
from fairdial.ledger.protection.sealed import opened, with_sealed


async def list_files(database: Database, *, tenant: str, contact_list: str) -> Sequence[RowMapping] | None:
    """Every file that was taken into a list, the newest first; None when there is no such list."""
    async with database.transaction() as connection:
        found = await list_id(connection, tenant=tenant, name=contact_list)
        if found is None:
            return None
        rows = await connection.execute(
            text(
                "SELECT i.id, i.file_name AS file, i.file_sha256 AS sha256, i.accepted, jsonb_array_length(i.rejected)"
                " AS rejected, i.imported_at, u.id AS upload, u.uploaded_by AS by FROM list_import i"
                " LEFT JOIN list_upload u ON u.list_import_id = i.id WHERE i.list_id = :list ORDER BY i.id DESC"
            ),
            {"list": found},
        )
        return rows.mappings().all()


async def consents_page(
    database: Database, *, tenant: str, contact_list: str | None, before: int | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` consents whose id is below `before`, the newest first, each with a number of the person if one is known.

    Args:
        contact_list: Only of people on this list.
    """
    narrowed = "" if before is None else " AND o.id < :before"
    if contact_list is not None:
        narrowed += (
            " AND EXISTS (SELECT 1 FROM contact y JOIN list l ON l.id = y.list_id WHERE y.person_id = o.person_id"
            " AND l.tenant_id = o.tenant_id AND l.name = :list)"
        )
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT o.id, o.purposes, o.channels, o.form, o.artificial_voice, o.any_hour, o.obtained_at, o.valid_until,"
                " o.revoked_at, o.recorded_at, array(SELECT l.name FROM contact x JOIN list l ON l.id = x.list_id"
                " WHERE x.person_id = o.person_id AND x.tenant_id = o.tenant_id ORDER BY l.name) AS lists,"
                f" {with_sealed('contact', 'c')} FROM consent o"
                " LEFT JOIN LATERAL (SELECT x.number_key, x.sealed FROM contact x WHERE x.person_id = o.person_id"
                " AND x.tenant_id = o.tenant_id AND x.sealed IS NOT NULL ORDER BY x.id LIMIT 1) c ON true"
                f" WHERE o.tenant_id = (SELECT id FROM tenant WHERE name = :tenant){narrowed} ORDER BY o.id DESC LIMIT :limit"
            ),
            {"tenant": tenant, "list": contact_list, "before": before, "limit": limit},
        )
        return [opened(database.vault, row) for row in rows.mappings()]
