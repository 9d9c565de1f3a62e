"""Failures of signing in: counted for the name and for the address, and both slow the next try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.access.signing_in import FORGOTTEN, may_try_at
from fairdial.ledger.access.secrets import token_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Too many failures: nothing is tried before `until`."""

    until: datetime


def of_name(name: str) -> bytes:
    """What a name is counted under, whether it exists or not."""
    return token_hash(f"name {name}")


def of_address(address: str) -> bytes:
    """What an address is counted under."""
    return token_hash(f"address {address}")


async def begin_try(connection: AsyncConnection, counted: Sequence[bytes]) -> Wait | list[int]:
    """Count a try before anything is compared: of many at once no more are looked at than of one after another.

    Returns:
        What `succeeded` takes back, or how long to wait.
    """
    for who in sorted(counted):
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:who)"), {"who": int.from_bytes(who[:8], signed=True)}
        )
    if (wait := await must_wait(connection, counted)) is not None:
        return wait
    return [await _count(connection, who) for who in counted]


async def succeeded(connection: AsyncConnection, tries: Sequence[int]) -> None:
    """It was no failure."""
    await connection.execute(text("DELETE FROM sign_in_failure WHERE id = ANY(:tries)"), {"tries": list(tries)})


async def must_wait(connection: AsyncConnection, counted: Sequence[bytes]) -> Wait | None:
    """Whether any of these must wait; the longest wait of them."""
    now: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
    until = max([may_try_at(await _failures(connection, who, now), now=now) for who in counted])
    return Wait(until=until) if until > now else None


async def failed(connection: AsyncConnection, counted: Sequence[bytes]) -> None:
    """Count one failure more; those nobody asks for any more go."""
    for who in counted:
        await _count(connection, who)


async def _count(connection: AsyncConnection, who: bytes) -> int:
    await connection.execute(
        text("DELETE FROM sign_in_failure WHERE at < fairdial_now() - :kept"), {"kept": 2 * FORGOTTEN}
    )
    counted = await connection.execute(
        text("INSERT INTO sign_in_failure (who) VALUES (:who) RETURNING id"), {"who": who}
    )
    number: int = counted.scalar_one()
    return number


async def _failures(connection: AsyncConnection, who: bytes, now: datetime) -> Sequence[datetime]:
    rows = await connection.execute(
        text("SELECT at FROM sign_in_failure WHERE who = :who AND at > :since ORDER BY at DESC LIMIT 20"),
        {"who": who, "since": now - FORGOTTEN},
    )
    return rows.scalars().all()
