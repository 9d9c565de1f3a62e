"""The recording of a call: the key that opens it is kept sealed with the call, and reading it is an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.hearing.transcript import Spoken
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.calls.naming import is_named
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note_read
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.protection.sealed import of_recording_key, of_turn
from fairdial.ledger.protection.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecording:
    """A recording's file, what opens it (None for one that is not sealed), and what was said in it."""

    permit_id: UUID
    name: str
    key: bytes | None = field(repr=False)
    answered_at: datetime
    turns: Sequence[Spoken]


async def keep_key(connection: AsyncConnection, vault: Vault, attempt_id: int, tenant: int, key: bytes) -> None:
    """Keep the key of a sealed recording."""
    await connection.execute(
        text("INSERT INTO recording_key (tenant_id, attempt_id, sealed) VALUES (:tenant, :attempt, :sealed)"),
        {
            "tenant": tenant,
            "attempt": attempt_id,
            "sealed": vault.seal(of_recording_key(attempt_id), {"key": key.hex()}),
        },
    )


async def recording_of(database: Database, *, tenant: str, call: str, by: str) -> StoredRecording:
    """The recording of one call, named by its number or its permit; that it was read is an event, once in ten minutes.

    Raises:
        AccessError: `by` may not read sensitive data; that it was asked is an event.
        InputError: There is none: the call is not known, nobody answered, or it has been removed.
    """
    await require_level(database, tenant=tenant, by=by, level=Level.SENSITIVE, what="recording.read")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        found = await connection.execute(
            text(
                "SELECT a.id, a.person_id, a.permit_id, a.recording, a.answered_at, k.sealed FROM attempt a"
                " LEFT JOIN recording_key k ON k.attempt_id = a.id"
                f" WHERE a.tenant_id = :tenant AND a.recording IS NOT NULL AND {is_named(call)}"
            ),
            {"tenant": owner, "call": call},
        )
        row = found.one_or_none()
        if row is None:
            raise InputError(f"call {call}: no recording is kept 没有这通电话的录音")
        turns = await connection.execute(
            text("SELECT position, heard_at, said_at, sealed FROM turn WHERE attempt_id = :attempt ORDER BY position"),
            {"attempt": row.id},
        )
        spoken = [
            Spoken(heard=words.get("heard"), heard_until=turn.heard_at, said=words.get("said"), said_from=turn.said_at)
            for turn in turns
            for words in [database.vault.open(of_turn(row.id, turn.position), turn.sealed)]
        ]
        await note_read(connection, owner, "recording.read", {"person": row.person_id, "call": row.id, "by": by})
    key = database.vault.open(of_recording_key(row.id), row.sealed).get("key")
    return StoredRecording(
        permit_id=row.permit_id,
        name=row.recording,
        key=bytes.fromhex(key) if key else None,
        answered_at=row.answered_at,
        turns=spoken,
    )
