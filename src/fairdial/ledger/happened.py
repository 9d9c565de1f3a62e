"""Write an event that no table stands for, such as a reading."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def note(connection: AsyncConnection, owner: int, kind: str, body: Mapping[str, object]) -> None:
    """Write an event in the caller's transaction; `body` holds nothing personal."""
    await connection.execute(
        text(
            "INSERT INTO event (tenant_id, at, kind, body) VALUES (:tenant, fairdial_now(), :kind, cast(:body AS jsonb))"
        ),
        {"tenant": owner, "kind": kind, "body": json.dumps(body, ensure_ascii=False)},
    )


async def note_read(connection: AsyncConnection, owner: int, kind: str, body: Mapping[str, object]) -> None:
    """Write that something was read, unless the same reader has read the same within the last ten minutes.

    A player asks for a recording in a hundred parts, a page for a call whenever it is looked at: it is one reading.
    """
    values = {"tenant": owner, "kind": kind, "body": json.dumps(body, ensure_ascii=False)}
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('read/' || :tenant || :kind || :body, 0))"),
        values | {"tenant": str(owner)},
    )
    known = await connection.execute(
        text(
            "SELECT 1 FROM event WHERE tenant_id = :tenant AND kind = :kind AND kind LIKE '%.read'"
            " AND at > fairdial_now() - interval '10 minutes' AND body = cast(:body AS jsonb) LIMIT 1"
        ),
        values,
    )
    if known.scalar_one_or_none() is None:
        await note(connection, owner, kind, body)
