"""The installation's keys for the edge: made, kept sealed, followed by the next; and the hand that signs with them.

Instants here are the server's real clock: an edge has no rehearsal's.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.permit import SpentPermit
from fairdial.core.permit_signature import Claims, EdgeKey, EdgeSecrets, sign
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import of_edge_key

GRACE = timedelta(hours=1)
"""Between the making of a next key and the first signature with it: time to bring it to every edge."""

KEPT_FOR = timedelta(hours=24)
"""How long a key that was followed is still taken, for workers that have not read the next one."""

FRESH_S = 60.0
"""Seconds after which a signer reads the keys and the clock again."""

_MAKING = 0x65646765
"""Advisory lock: one making of a key at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    key: EdgeKey
    mask: str
    used_from: datetime


async def edge_secrets(database: Database, *, makes_next: bool = False) -> EdgeSecrets:
    """What an edge must know of keys now; the first is made when there is none.

    Args:
        makes_next: Make the key that workers sign with from `GRACE` on.
    """
    async with database.transaction() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING})
        kept, now = await _read(connection, database)
        gone = [one for one, follower in pairwise(kept) if follower.used_from < now - KEPT_FOR]
        if gone:
            await connection.execute(
                text("DELETE FROM edge_key WHERE id = ANY(:gone)"), {"gone": [one.key.number for one in gone]}
            )
        if not kept or makes_next:
            used_from = now + GRACE if kept else now
            kept.append(await _make(connection, database, kept, now=now, used_from=used_from))
    return EdgeSecrets(keys=tuple(one.key for one in kept if one not in gone), mask=kept[-1].mask)


async def _make(
    connection: AsyncConnection, database: Database, kept: Sequence[_Kept], *, now: datetime, used_from: datetime
) -> _Kept:
    """One more key; what addresses are masked with stays, so that calls in progress find their way back."""
    number = kept[-1].key.number + 1 if kept else 1
    secret, mask = secrets.token_bytes(32), kept[-1].mask if kept else secrets.token_hex(16)
    await connection.execute(
        text("INSERT INTO edge_key (id, sealed, made_at, used_from) VALUES (:id, :sealed, :now, :used_from)"),
        {
            "id": number,
            "sealed": database.vault.seal(of_edge_key(number), {"secret": secret.hex(), "mask": mask}),
            "now": now,
            "used_from": used_from,
        },
    )
    return _Kept(key=EdgeKey(number=number, secret=secret), mask=mask, used_from=used_from)


async def _read(connection: AsyncConnection, database: Database) -> tuple[list[_Kept], datetime]:
    """The keys in order, and the server's real clock."""
    rows = await connection.execute(text("SELECT id, sealed, used_from FROM edge_key ORDER BY id"))
    kept = []
    for row in rows:
        held = database.vault.open(of_edge_key(row.id), row.sealed)
        key = EdgeKey(number=row.id, secret=bytes.fromhex(held["secret"]))
        kept.append(_Kept(key=key, mask=held["mask"], used_from=row.used_from))
    now: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return kept, now


class EdgeSigner:
    """Signs what a line sends to the edge, by the newest key in use and the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: list[_Kept] = []
        self._read_at = 0.0
        self._then: datetime | None = None

    async def __call__(self, spent: SpentPermit) -> str:
        """The value of `SIGNATURE_HEADER` for this permit's INVITE.

        Raises:
            LedgerError: There is no key, or the database cannot be reached and was not before.
        """
        permit, now = spent.permit, await self._now()
        at = int(now.timestamp())
        claims = Claims(
            permit=str(permit.id),
            at=at,
            until=at + ceil((permit.expires_at - spent.dialled_at).total_seconds()),
            line=permit.line,
            number=permit.number,
            caller=permit.caller_number,
        )
        return sign(claims, [one.key for one in self._kept if one.used_from <= now][-1])

    async def _now(self) -> datetime:
        """The database's clock, carried on by this machine's monotonic one; keys and clock are read now and then."""
        if self._then is None or time.monotonic() - self._read_at > FRESH_S:
            try:
                async with self._database.transaction() as connection:
                    kept, self._then = await _read(connection, self._database)
                    self._read_at = time.monotonic()
            except LedgerError:
                if self._then is None:
                    raise
            else:
                if not kept:
                    self._then = None
                    raise LedgerError(
                        "FAIRDIAL_EDGE is set but no edge has a key; run `fairdial edge render` first 请先生成边缘配置"
                    )
                self._kept = kept
        assert self._then is not None
        return self._then + timedelta(seconds=time.monotonic() - self._read_at)
