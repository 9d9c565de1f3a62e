"""Writes that are asked for twice: what was done the first time is answered again, and not done again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.sealed import of_repeated_write

KEPT = timedelta(days=1)
"""How long a first answer is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Nobody has asked before: do it, then `finish` or `forget`."""

    id: int
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """It was done; this was the answer."""

    status: int
    body: bytes
    media_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """It is being done, or whoever did it died before they answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Another:
    """The key was used for something else."""


async def begin(
    database: Database, *, tenant: str, caller: str, key: str, asked_hash: bytes
) -> Begun | Answered | Unfinished | Another:
    """Claim a key for what is asked; of two at once one begins."""
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        whose = {"tenant": owner, "caller": caller, "key": key}
        await connection.execute(_FORGET_OLD, {"kept": KEPT} | whose)
        begun = await connection.execute(
            text(
                "INSERT INTO repeated_write (tenant_id, caller, key, asked_hash) VALUES (:tenant, :caller, :key, :hash)"
                " ON CONFLICT (tenant_id, caller, key) DO NOTHING RETURNING id"
            ),
            whose | {"hash": asked_hash},
        )
        about = of_repeated_write(owner, caller, key)
        if (new := begun.scalar_one_or_none()) is not None:
            return Begun(id=new, about=about)
        found = await connection.execute(
            text(
                "SELECT asked_hash, status, sealed FROM repeated_write WHERE tenant_id = :tenant AND caller = :caller"
                " AND key = :key"
            ),
            whose,
        )
        row = found.one_or_none()
    if row is None:  # forgotten between the two statements: the first try came to nothing
        return Unfinished()
    if bytes(row.asked_hash) != asked_hash:
        return Another()
    if row.status is None:
        return Unfinished()
    answer = database.vault.open(about, row.sealed)
    return Answered(status=row.status, body=answer["body"].encode("latin-1"), media_type=answer["media_type"])


async def finish(database: Database, begun: Begun, answer: Answered) -> None:
    """Keep the answer, sealed: some of them open doors."""
    sealed = database.vault.seal(begun.about, {"body": answer.body.decode("latin-1"), "media_type": answer.media_type})
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE repeated_write SET status = :status, sealed = :sealed WHERE id = :id"),
            {"status": answer.status, "sealed": sealed, "id": begun.id},
        )


async def forget(database: Database, begun: Begun) -> None:
    """Nothing was done: the key is free again."""
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM repeated_write WHERE id = :id"), {"id": begun.id})


_FORGET_OLD = text(
    "DELETE FROM repeated_write WHERE at < fairdial_now() - cast(:kept AS interval)"
    " AND (tenant_id, caller, key) = (:tenant, :caller, :key)"
    " OR id IN (SELECT id FROM (SELECT id, at FROM repeated_write ORDER BY id LIMIT 50) oldest"
    " WHERE at < fairdial_now() - cast(:kept AS interval))"
)
"""This key's old answer, and some of the oldest, so that none stays for good."""
