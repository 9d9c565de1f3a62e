"""Who stands behind a name in what was done: four eyes are two people, not two names."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.access.persons import KEY


async def people_behind(connection: AsyncConnection, owner: int, name: str) -> frozenset[str]:
    """Everybody a name may stand for: itself, of a key whoever made one of that name, and so on.

    Args:
        owner: The tenant's id.
    """
    found, asked = {name}, [name]
    while asked:
        one = asked.pop()
        if not one.startswith(KEY):
            continue
        rows = await connection.execute(
            text("SELECT DISTINCT made_by FROM api_key WHERE tenant_id = :tenant AND name = :name"),
            {"tenant": owner, "name": one.removeprefix(KEY)},
        )
        asked += [made_by for made_by in rows.scalars() if made_by not in found]
        found.update(asked)
    return frozenset(found)
