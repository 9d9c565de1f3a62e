"""A tenant's adjustments of rules and duties: versions, of which the newest counts and none is ever changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version: its number from 1, the entries as they were written, who stored it and when."""

    number: int
    content: list[Any]
    set_by: str
    set_at: datetime


async def store_adjustments(database: Database, *, tenant: str, content: Sequence[Any], by: str, reason: str) -> int:
    """Store a version that takes the place of the one before; returns its number.

    Raises:
        InputError: Somebody else stored a version at the same moment.
    """
    async with database.transaction() as connection:
        row = await connection.execute(
            text(
                "INSERT INTO adjustment (tenant_id, number, content, set_by, reason)"
                " SELECT :tenant, coalesce(max(number), 0) + 1, cast(:content AS jsonb), :by, :reason"
                " FROM adjustment WHERE tenant_id = :tenant ON CONFLICT (tenant_id, number) DO NOTHING RETURNING number"
            ),
            {
                "tenant": await tenant_id(connection, tenant),
                "content": json.dumps(list(content), ensure_ascii=False),
                "by": by,
                "reason": reason,
            },
        )
        number: int | None = row.scalar_one_or_none()
    if number is None:
        raise InputError("somebody else stored adjustments at this moment 有人同时提交; look at them, then store again")
    return number


async def newest_adjustments(database: Database, *, tenant: str) -> Stored | None:
    """The version that counts; None when there never was one."""
    async with database.transaction() as connection:
        found = await connection.execute(
            text(
                "SELECT number, content, set_by, set_at FROM adjustment a JOIN tenant t ON t.id = a.tenant_id"
                " WHERE t.name = :tenant ORDER BY number DESC LIMIT 1"
            ),
            {"tenant": tenant},
        )
        row = found.mappings().one_or_none()
    return Stored(**row) if row else None


async def all_adjustments(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Every version, newest first."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT number, set_by, set_at, reason, content FROM adjustment a JOIN tenant t ON t.id = a.tenant_id"
                " WHERE t.name = :tenant ORDER BY number DESC"
            ),
            {"tenant": tenant},
        )
        return rows.mappings().all()
