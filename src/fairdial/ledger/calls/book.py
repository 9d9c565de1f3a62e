"""The call's book, kept in the ledger (`fairdial.ports.CallBook`)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from fairdial.core.call_record import CallRecord
from fairdial.core.pacing.set_up import is_faulty
from fairdial.core.permit import Permit, SpentPermit
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.calls.attempts import end_attempt, lose_attempt, note_call_id, record_call_back
from fairdial.ledger.calls.follow_ups import record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.lines import weigh
from fairdial.ledger.people.refusals import record_refusal

PATIENCE_S = 30.0
"""Seconds a call keeps trying to write what must not be lost while the database is out of reach."""

_Result = TypeVar("_Result")


class LedgerBook:
    """Writes of a call; those that must not be lost are tried again while the database is out of reach."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _insist(self, write: Callable[[], Awaitable[_Result]]) -> _Result:
        loop = asyncio.get_running_loop()
        give_up_at, pause_s = loop.time() + PATIENCE_S, 0.1
        while True:
            try:
                return await write()
            except PermitError:
                raise
            except LedgerError:
                if loop.time() + pause_s > give_up_at:
                    raise
                await asyncio.sleep(pause_s)
                pause_s = min(2.0, pause_s * 2)

    async def now(self) -> datetime:
        return await self._insist(self._database.now)

    async def redeem(self, permit: Permit) -> SpentPermit:
        return await redeem(self._database, permit)

    async def placed(self, permit: Permit, *, call_id: str | None) -> None:
        await self._insist(lambda: note_call_id(self._database, attempt_id=permit.attempt_id, call_id=call_id))

    async def lose(self, permit: Permit) -> None:
        await self._insist(lambda: lose_attempt(self._database, attempt_id=permit.attempt_id))

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        await self._insist(
            lambda: record_refusal(
                self._database, attempt_id=permit.attempt_id, kind=kind, words=words, understood_at=understood_at
            )
        )

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None:
        await self._insist(
            lambda: record_call_back(self._database, attempt_id=permit.attempt_id, words=words, not_before=not_before)
        )

    async def owe(self, permit: Permit, *, kind: str, name: str, content: Mapping[str, Any]) -> None:
        await self._insist(
            lambda: record_follow_up(
                self._database, attempt_id=permit.attempt_id, kind=kind, name=name, content=content
            )
        )

    async def end(self, permit: Permit, record: CallRecord) -> None:
        await self._insist(lambda: end_attempt(self._database, attempt_id=permit.attempt_id, record=record))
        if is_faulty(record):
            with contextlib.suppress(LedgerError):  # whoever looks after the lines weighs it soon
                await weigh(self._database, [permit.line])
