"""The call's book, kept in the ledger (`fairdial.ports.CallBook`)."""

from __future__ import annotations

from datetime import datetime

from fairdial.core.call_record import CallRecord
from fairdial.core.permit import Permit, SpentPermit
from fairdial.ledger.attempts import end_attempt, record_call_back
from fairdial.ledger.database import Database
from fairdial.ledger.permits import redeem
from fairdial.ledger.refusals import record_refusal


class LedgerBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        return await self._database.now()

    async def redeem(self, permit: Permit) -> SpentPermit:
        return await redeem(self._database, permit)

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        await record_refusal(
            self._database, attempt_id=permit.attempt_id, kind=kind, words=words, understood_at=understood_at
        )

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None:
        await record_call_back(self._database, attempt_id=permit.attempt_id, words=words, not_before=not_before)

    async def end(self, permit: Permit, record: CallRecord) -> None:
        await end_attempt(self._database, attempt_id=permit.attempt_id, record=record)
