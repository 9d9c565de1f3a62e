"""The call's book, kept in the ledger (`fairdial.ports.CallBook`)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from fairdial.core.call_record import CallRecord
from fairdial.core.pacing.set_up import is_faulty
from fairdial.core.permit import Permit, SpentPermit
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.calls.attempts import end_attempt, lose_attempt, note_call_ids, record_call_back
from fairdial.ledger.calls.follow_ups import record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.lines import weigh
from fairdial.ledger.people.refusals import record_refusal

PATIENCE_S = 30.0
"""Seconds a call keeps trying to write what must not be lost while the database is out of reach."""

GATHERS_S = 0.1
"""Seconds for which Call-IDs are gathered before they are written: all there is to lose when a worker dies within them is
under which Call-ID an attempt that is then unknown was dialled."""

_Result = TypeVar("_Result")


class LedgerBook:
    """Writes of a call; those that must not be lost are tried again while the database is out of reach."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._placed: dict[int, str | None] = {}
        self._noting: asyncio.Task[None] | None = None

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
        self._placed[permit.attempt_id] = call_id
        if self._noting is None:
            self._noting = asyncio.create_task(self._note(), name="call-ids")
            self._noting.add_done_callback(_seen)
        await asyncio.shield(self._noting)

    async def _note(self) -> None:
        """Write the Call-IDs of a moment in one statement; a call that has ended meanwhile wrote its own."""
        await asyncio.sleep(GATHERS_S)
        noted, self._placed, self._noting = self._placed, {}, None
        if noted:
            await self._insist(partial(note_call_ids, self._database, noted))

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
        self._placed.pop(permit.attempt_id, None)
        await self._insist(lambda: end_attempt(self._database, attempt_id=permit.attempt_id, record=record))
        if is_faulty(record):
            with contextlib.suppress(LedgerError):  # whoever looks after the lines weighs it soon
                await weigh(self._database, [permit.line])


def _seen(task: asyncio.Task[None]) -> None:
    """Whoever waits is told of a failure; when nobody does any more, it is of no consequence."""
    if not task.cancelled():
        task.exception()
