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
