"""Give a list to somebody in a way that can be traced back to them: rows with numbers of ours, in this copy only."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.lists import known_list
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.protection.sealed import opened, with_sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Which copy a number was put into: for whom, by whom, when, of which list."""

    list: str
    recipient: str
    exported_by: str
    exported_at: datetime


async def export_list(
    database: Database, *, tenant: str, name: str, recipient: str, by: str, canaries: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of a list with the canaries among them, in an order of this copy's own; the export is an event.

    Args:
        canaries: E.164 numbers of the tenant's own, which it watches; they are made up by nobody here.

    Raises:
        AccessError: `by` may not read numbers.
        InputError: There is no such list or nobody on it, or a canary is somebody's number or in another copy.
    """
    await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="list.export")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        list_id = await known_list(connection, tenant=tenant, name=name)
        rows = await connection.execute(
            text(
                f"SELECT c.region, c.data_source, c.basis, {with_sealed('contact', 'c')} FROM contact c"
                " WHERE c.list_id = :list AND c.sealed IS NOT NULL ORDER BY c.line_no"
            ),
            {"list": list_id},
        )
        people = [opened(database.vault, row) for row in rows.mappings()]
        if not people:
            raise InputError(f"nobody stands on list {name!r}; there is nothing to export")
        await _keep(connection, database, owner, list_id, recipient, by, canaries)
        body = {"list": name, "recipient": recipient, "by": by, "rows": len(people), "canaries": len(canaries)}
        await note(connection, owner, "list.export", body)
    return _mixed(people, canaries)


async def _keep(
    connection: AsyncConnection,
    database: Database,
    owner: int,
    list_id: int,
    recipient: str,
    by: str,
    canaries: Sequence[str],
) -> None:
    for number in canaries:
        key = database.person_key.of(number)
        kept = await connection.execute(
            text(
                "INSERT INTO canary (number_key, tenant_id, list_id, recipient, exported_by)"
                " SELECT :key, :tenant, :list, :recipient, :by"
                " WHERE NOT EXISTS (SELECT 1 FROM person_number WHERE number_key = :key)"
                " ON CONFLICT (number_key) DO NOTHING"
            ),
            {"key": key, "tenant": owner, "list": list_id, "recipient": recipient, "by": by},
        )
        if not kept.rowcount:
            raise InputError(f"{number} is somebody's number or marks another copy already; give a number of your own")


def _mixed(people: list[dict[str, Any]], canaries: Sequence[str]) -> list[dict[str, Any]]:
    """A canary looks like the rows around it: its name is one row's, the rest another's."""
    chance = secrets.SystemRandom()
    names = [{"name": row["name"], "title": row.get("title")} for row in people]
    marks = [chance.choice(people) | chance.choice(names) | {"number": number} for number in canaries]
    mixed = [*people, *marks]
    chance.shuffle(mixed)
    return mixed


async def trace(database: Database, numbers: Iterable[str]) -> list[Handed]:
    """Which copies these E.164 numbers mark; empty when none is a canary."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT DISTINCT l.name AS list, c.recipient, c.exported_by, c.exported_at FROM canary c"
                " JOIN list l ON l.id = c.list_id WHERE c.number_key = ANY(:keys) ORDER BY c.exported_at"
            ),
            {"keys": [database.person_key.of(number) for number in numbers]},
        )
        return [Handed(**row) for row in rows.mappings()]
