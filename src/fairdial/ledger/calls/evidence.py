"""What the evidence chain holds of one call: its events, the seal over each, and the proof a stranger can check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.evidence import Event, leaf
from fairdial.core.evidence_proof import Proof, audit_path
from fairdial.ledger.database import Database
from fairdial.ledger.evidence import EVENT_COLUMNS, event_of, events_between, seal_of

_MARGIN = timedelta(minutes=1)
"""Around the call: its verdict is written before it, its end after it."""

_OF_CALL = text(
    f"SELECT {EVENT_COLUMNS} FROM event JOIN (SELECT a.id AS call, a.permit_id, p.verdict_id, p.issued_at, a.ended_at"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.id = :call AND a.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)) c"
    " ON event.at >= c.issued_at - cast(:margin AS interval)"
    " AND event.at <= coalesce(c.ended_at, fairdial_now()) + cast(:margin AS interval)"
    " WHERE event.tenant_id = (SELECT id FROM tenant WHERE name = :tenant) AND (event.body ->> 'attempt_id' = c.call::text"
    " OR event.body ->> 'id' = CASE split_part(event.kind, '.', 1) WHEN 'attempt' THEN c.call::text"
    " WHEN 'permit' THEN c.permit_id::text WHEN 'verdict' THEN c.verdict_id::text END)"
    " ORDER BY event.xact, event.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvent:
    """One event; `seal` and `sealed_at` are None until it is sealed."""

    event: Event
    seal: int | None
    sealed_at: str | None


async def events_of_call(database: Database, *, tenant: str, call_id: int) -> Sequence[SealedEvent]:
    """What happened in the making of a call: its verdict, permit, attempt and refusal, in the order of the chain."""
    async with database.transaction() as connection:
        found = []
        for row in await _rows(connection, tenant, call_id):
            seal = await _seal_over(connection, row)
            number, at = (None, None) if seal is None else (seal.number, seal.sealed_at)
            found.append(SealedEvent(event=event_of(row), seal=number, sealed_at=at))
        return found


async def proofs_of_call(database: Database, *, tenant: str, call_id: int) -> Sequence[Proof]:
    """The proof of each event that is sealed."""
    async with database.transaction() as connection:
        proofs: list[Proof] = []
        batches: dict[int, list[bytes]] = {}
        for row in await _rows(connection, tenant, call_id):
            seal = await _seal_over(connection, row)
            if seal is None:
                continue
            if seal.number not in batches:
                batches[seal.number] = await _leaves(connection, seal)
            leaves, event = batches[seal.number], event_of(row)
            path = audit_path(leaves, leaves.index(leaf(event)))
            proofs.append(Proof(event=event, seal=seal_of(seal), path=path, public_key=seal.public_key))
        return proofs


async def _rows(connection: AsyncConnection, tenant: str, call_id: int) -> Sequence[Row[Any]]:
    about = {"tenant": tenant, "call": call_id, "margin": _MARGIN}
    return (await connection.execute(_OF_CALL, about)).all()


async def _seal(connection: AsyncConnection, number: int) -> Row[Any] | None:
    found = await connection.execute(text("SELECT * FROM seal WHERE number = :number"), {"number": number})
    return found.one_or_none()


async def _leaves(connection: AsyncConnection, seal: Row[Any]) -> list[bytes]:
    before = await _seal(connection, seal.number - 1)
    since = ("0", 0) if before is None else (before.up_to_xact, before.up_to_id)
    until = (seal.up_to_xact, seal.up_to_id)
    return [leaf(event) async for _, event in events_between(connection, since, until)]


async def _seal_over(connection: AsyncConnection, event: Row[Any]) -> Row[Any] | None:
    """The first seal that reaches an event: seals are numbered without a gap in the order of what they cover."""
    last = await connection.execute(text("SELECT max(number) FROM seal"))
    low, high = 1, last.scalar_one() or 0
    found = None
    while low <= high:
        middle = (low + high) // 2
        seal = await _seal(connection, middle)
        assert seal is not None, "seals are numbered without a gap"
        if (int(seal.up_to_xact), seal.up_to_id) >= (int(event.xact), event.id):
            found, high = seal, middle - 1
        else:
            low = middle + 1
    return found
