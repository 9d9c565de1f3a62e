"""Who may read personal data of which level; a read above it is refused and recorded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.levels import is_within
from fairdial.core.policy.case import Level
from fairdial.errors import AccessError, InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id


async def set_reader(database: Database, *, tenant: str, name: str, level: Level, by: str) -> None:
    """Say up to which level somebody may read; it is kept as an event.

    Raises:
        InputError: Somebody would raise their own level.
    """
    if name == by:
        raise InputError(f"{by} cannot allow this to themselves; somebody else does 不能给自己授权")
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO reader (tenant_id, name, level, given_by) VALUES (:tenant, :name, :level, :by)"
                " ON CONFLICT (tenant_id, name) DO UPDATE SET level = excluded.level, given_by = excluded.given_by,"
                " given_at = fairdial_now()"
            ),
            {"tenant": await tenant_id(connection, tenant), "name": name, "level": level, "by": by},
        )


async def readers(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Everybody with a level, by name; whoever is not here reads what is general."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT name, level, given_by, given_at FROM reader WHERE tenant_id = :tenant ORDER BY name"),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def may_read(database: Database, *, tenant: str, by: str, level: Level) -> bool:
    """Whether somebody may read data of a level; nothing is asked for, and nothing is recorded."""
    async with database.transaction() as connection:
        return is_within(level, await _level(connection, await tenant_id(connection, tenant), by))


async def require_level(database: Database, *, tenant: str, by: str, level: Level, what: str) -> None:
    """Refuse, and record that it was refused, when somebody asks for more than they may read.

    Args:
        what: What is asked for, as the event names it; nothing personal.

    Raises:
        AccessError: Their level is lower.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        may = await _level(connection, owner, by)
        if not is_within(level, may):
            await note(connection, owner, "read.refused", {"by": by, "asked": level, "may": may, "what": what})
    if not is_within(level, may):
        raise AccessError(
            f"{by} may read {may} data, not {level}; `fairdial reader set {by} --level {level}` allows it, or ask for"
            f" less with --level {may}. {by} 只能查看 {may} 级信息,请管理员授权"
        )


async def _level(connection: AsyncConnection, owner: int, name: str) -> Level:
    found = await connection.execute(
        text("SELECT level FROM reader WHERE tenant_id = :tenant AND name = :name"), {"tenant": owner, "name": name}
    )
    return Level(found.scalar_one_or_none() or Level.GENERAL)
