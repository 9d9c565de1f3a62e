"""Who read what of whom, and what was removed when its time was over: events, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed
from fairdial.ledger.tables.evidence import READINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which readings; None takes all. `until` is not included."""

    by: str | None = None
    kind: str | None = None
    call: int | None = None
    since: datetime | None = None
    until: datetime | None = None


_NARROWS = {
    "by": "e.body ->> 'by' = :by",
    "kind": "e.kind = :kind",
    "call": "e.body ->> 'call' = cast(:call AS text)",
    "since": "e.at >= :since",
    "until": "e.at < :until",
}
_PLAIN = ("by", "person", "reason")
"""What of an event stands in a column of its own; the rest of its body is told beside it."""


async def readings_page(
    database: Database, *, tenant: str, wanted: Wanted, before: int | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` readings, the newest first, whose event is below `before`; each with a number of the person if one is known."""
    values: dict[str, Any] = {name: getattr(wanted, name) for name in _NARROWS if getattr(wanted, name) is not None}
    narrowed = [_NARROWS[name] for name in values]
    if before is not None:
        narrowed.append("e.id < :before")
        values["before"] = before
    if "call" in values:
        values["call"] = str(values["call"])
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT e.id, e.at, e.kind, e.body ->> 'by' AS by, e.body ->> 'reason' AS reason, e.body AS detail,"
                f" {with_sealed('contact', 'c')} FROM event e"
                " LEFT JOIN LATERAL (SELECT x.number_key, x.sealed FROM contact x WHERE x.tenant_id = e.tenant_id"
                " AND x.person_id = (e.body ->> 'person')::int AND x.sealed IS NOT NULL ORDER BY x.id LIMIT 1) c ON true"
                f" WHERE {' AND '.join([_OWN, *narrowed])} ORDER BY e.id DESC LIMIT :limit"
            ),
            values | {"tenant": tenant, "limit": limit},
        )
        return [_told(opened(database.vault, row)) for row in rows.mappings()]


async def removals(database: Database, *, tenant: str, limit: int) -> Sequence[RowMapping]:
    """The newest runs that removed what was over, with who ran them and how much went of each part."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT e.id, e.at, e.body ->> 'by' AS by, e.body -> 'removed' AS removed FROM event e"
                f" WHERE {_OWN_REMOVALS} ORDER BY e.id DESC LIMIT :limit"
            ),
            {"tenant": tenant, "limit": limit},
        )
        return rows.mappings().all()


_TENANTS = f"e.tenant_id = (SELECT id FROM tenant WHERE name = :tenant) AND ({READINGS})"
_OWN = f"{_TENANTS} AND e.kind <> 'retention.run'"
_OWN_REMOVALS = f"{_TENANTS} AND e.kind = 'retention.run'"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"detail": {name: value for name, value in row["detail"].items() if name not in _PLAIN}}
