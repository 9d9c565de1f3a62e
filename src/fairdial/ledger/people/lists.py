"""A list by its name."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.errors import InputError


async def list_id(connection: AsyncConnection, *, tenant: str, name: str) -> int | None:
    """The id of a tenant's list; None when it has none of this name."""
    found = await connection.execute(
        text("SELECT l.id FROM list l JOIN tenant t ON t.id = l.tenant_id WHERE t.name = :tenant AND l.name = :name"),
        {"tenant": tenant, "name": name},
    )
    number: int | None = found.scalar_one_or_none()
    return number


async def known_list(connection: AsyncConnection, *, tenant: str, name: str) -> int:
    """The same.

    Raises:
        InputError: The tenant has no such list.
    """
    found = await list_id(connection, tenant=tenant, name=name)
    if found is None:
        raise InputError(f"list {name!r} is not known; import it with `fairdial list import` 没有这个名单")
    return found
