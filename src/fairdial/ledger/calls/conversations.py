"""The logs of conversations: kept sealed with their call, read to be gone through again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.dialogue.log import Log, read_log, written_log
from fairdial.errors import InputError
from fairdial.ledger.calls.naming import is_named
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import SEALED, of_conversation
from fairdial.ledger.protection.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConversation:
    """One call's conversation; `script` is the content of the version that was spoken."""

    attempt_id: int
    permit_id: UUID
    script: Mapping[str, Any]
    log: Log


async def keep_conversation(connection: AsyncConnection, vault: Vault, attempt_id: int, tenant: int, log: Log) -> None:
    """Keep the log of a call that has ended."""
    sealed = vault.seal(of_conversation(attempt_id), {"log": written_log(log)})
    await connection.execute(
        text("INSERT INTO conversation (tenant_id, attempt_id, sealed) VALUES (:tenant, :attempt, :sealed)"),
        {"tenant": tenant, "attempt": attempt_id, "sealed": sealed},
    )


_FOUND = (
    f"SELECT a.id, a.permit_id, s.content, v.sealed, {SEALED['conversation'].format('v')} AS about"
    " FROM conversation v JOIN attempt a ON a.id = v.attempt_id JOIN permit p ON p.id = a.permit_id"
    " JOIN script_version s ON s.hash = p.script_hash JOIN tenant t ON t.id = a.tenant_id"
    " JOIN run r ON r.id = a.run_id JOIN campaign c ON c.id = r.campaign_id WHERE t.name = :tenant AND {which} ORDER BY a.id"
)


async def conversation_of(database: Database, *, tenant: str, call: str) -> StoredConversation:
    """The conversation of one call, named by its number or its permit.

    Raises:
        InputError: There is none: the call is not known, nobody answered, or its words have been removed.
    """
    found = await _read(database, is_named(call), {"tenant": tenant, "call": call})
    if not found:
        raise InputError(
            f"call {call}: no conversation is kept 没有这通电话的对话记录; `fairdial person show` and report.json name calls,"
            " and nothing is kept of one that nobody answered or whose words have been removed"
        )
    return found[0]


async def conversations_of(database: Database, *, tenant: str, campaign: str) -> Sequence[StoredConversation]:
    """Every conversation of a campaign, in the order of the calls."""
    return await _read(database, "c.name = :name", {"tenant": tenant, "name": campaign})


async def _read(database: Database, which: str, values: Mapping[str, str]) -> list[StoredConversation]:
    async with database.transaction() as connection:
        rows = (await connection.execute(text(_FOUND.format(which=which)), values)).all()
    return [
        StoredConversation(
            attempt_id=row.id,
            permit_id=row.permit_id,
            script=row.content,
            log=read_log(database.vault.open(row.about, row.sealed)["log"]),
        )
        for row in rows
    ]
