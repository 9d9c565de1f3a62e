"""What passed on the wire of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import bindparam

from fairdial.core.wire import WireMessage
from fairdial.ledger.calls.naming import is_named
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id

_KEPT = text(
    "INSERT INTO call_wire (tenant_id, attempt_id, messages) VALUES (:tenant, :attempt, :messages)"
).bindparams(bindparam("messages", type_=JSONB))


async def keep_wire(connection: AsyncConnection, attempt_id: int, tenant: int, wire: Sequence[WireMessage]) -> None:
    messages = [asdict(one) for one in wire]
    await connection.execute(_KEPT, {"tenant": tenant, "attempt": attempt_id, "messages": messages})


async def wire_of(database: Database, *, tenant: str, call: str) -> list[WireMessage] | None:
    """The messages of a call named by its number or its permit, in order; None when there is no such call.

    Empty when it sent none, or was made before they were kept.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        found = await connection.execute(
            text(
                "SELECT w.messages FROM attempt a LEFT JOIN call_wire w ON w.attempt_id = a.id"
                f" WHERE a.tenant_id = :tenant AND {is_named(call)}"
            ),
            {"tenant": owner, "call": call},
        )
        row = found.one_or_none()
    if row is None:
        return None
    return [WireMessage(**(one | {"told": tuple(one["told"])})) for one in row.messages or ()]
