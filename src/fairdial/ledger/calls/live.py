"""What living calls are at, from the processes that make them to those that show them (LISTEN/NOTIFY).

Nobody watching, nothing is told: who shows a campaign asks for it every few seconds. What is told is sealed, because
whoever can connect hears it, and it is kept nowhere: the turns are in the ledger once the call is over. A feed holds the
newest state of each living call and nothing else, so that it cannot grow, and a slow ledger costs states nobody saw.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import psycopg

from fairdial.core.live_call import LiveCall, Stage, read_live, written_live
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database

TICK_S = 0.2
"""A call's state is told at most once in this time."""

ASK_S = 5.0
"""How often who shows a campaign asks for it."""

_TELLS_FOR_S = 3 * ASK_S
_AGAIN_S = 1.0
_MOST_BYTES = 5600
"""Of states in one notice: sealed and in base64 they stay below PostgreSQL's 8000."""

_MOST_WORDS = 300
"""Characters of what was said that are told; of more, the last."""

_TOLD, _ASKED = "fairdial_live", "fairdial_live_asked"
_ABOUT = "live"


class LiveFeed:
    """Tells of one process's calls of a campaign; `tell` never waits, `run` goes on until cancelled."""

    def __init__(self, database: Database, *, campaign_id: int) -> None:
        self._database = database
        self._campaign_id = campaign_id
        self._living: dict[int, LiveCall] = {}
        self._changed: set[int] = set()
        self._over: list[LiveCall] = []
        self._until = 0.0

    def tell(self, call: LiveCall) -> None:
        """The newest state of a call."""
        if call.stage is Stage.OVER:
            self._living.pop(call.attempt_id, None)
            self._changed.discard(call.attempt_id)
            if self._is_watched:
                self._over.append(call)
            return
        self._living[call.attempt_id] = call
        self._changed.add(call.attempt_id)

    @property
    def _is_watched(self) -> bool:
        return asyncio.get_running_loop().time() < self._until

    async def run(self) -> None:
        """Tell, whenever somebody watches; goes on when the database has been away."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._database.address, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {_ASKED}")
                    await self._tell_while_open(connection)
            except psycopg.OperationalError:
                await asyncio.sleep(_AGAIN_S)

    async def _tell_while_open(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in connection.notifies(timeout=TICK_S):
                self._hear(notice.payload)
            if payloads := self._take():
                await connection.execute(
                    f"SELECT pg_notify('{_TOLD}', payload) FROM unnest(%s::text[]) payload", (payloads,)
                )

    def _hear(self, asked: str) -> None:
        campaign, _, whole = asked.partition(" ")
        if campaign != str(self._campaign_id):
            return
        if whole or not self._is_watched:
            self._changed |= self._living.keys()
        self._until = asyncio.get_running_loop().time() + _TELLS_FOR_S

    def _take(self) -> list[str]:
        """What has changed since the last time, as notices; nothing while nobody watches."""
        if not self._is_watched:
            self._over.clear()
            return []
        calls = [*(self._living[number] for number in sorted(self._changed)), *self._over]
        self._changed.clear()
        self._over.clear()
        return [_sealed(self._database, self._campaign_id, batch) for batch in _batches(calls)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told of a campaign's calls."""

    campaign_id: int
    calls: tuple[LiveCall, ...]


async def told(database: Database) -> AsyncGenerator[Told | Literal["again"], None]:
    """What every feed tells, for good; `again` whenever it begins to listen: what was told before is not known."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database.address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {_TOLD}")
                yield "again"
                async for notice in connection.notifies():
                    if (heard := _read(database, notice.payload)) is not None:
                        yield heard
        except psycopg.OperationalError:
            await asyncio.sleep(_AGAIN_S)


async def ask(database: Database, campaigns: Iterable[int], *, whole: bool) -> None:
    """Ask the feeds of these campaigns to tell for the next seconds; with `whole`, of every living call.

    Raises:
        LedgerError: The database cannot be reached.
    """
    payloads = [f"{campaign} whole" if whole else str(campaign) for campaign in campaigns]
    async with database.transaction() as connection:
        for payload in payloads:
            await connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (_ASKED, payload))


def _batches(calls: Iterable[LiveCall]) -> Iterator[list[dict[str, Any]]]:
    """States as plain values, as many together as a notice holds."""
    batch: list[dict[str, Any]] = []
    size = 0
    for call in calls:
        value = dict(_short(written_live(call)))
        length = len(json.dumps(value, ensure_ascii=False).encode())
        if batch and size + length > _MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(value)
        size += length
    if batch:
        yield batch


def _short(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Without what a reader knows by itself, and with the end of long words."""
    for name, content in value.items():
        if content is not None:
            yield name, content[-_MOST_WORDS:] if name in ("said", "heard") else content


def _sealed(database: Database, campaign_id: int, calls: list[dict[str, Any]]) -> str:
    return base64.b64encode(database.vault.seal(_ABOUT, {"campaign": campaign_id, "calls": calls})).decode()


def _read(database: Database, payload: str) -> Told | None:
    """What a notice tells; None for one that no feed wrote, because everybody who can connect can send one."""
    try:
        value = database.vault.open(_ABOUT, base64.b64decode(payload, validate=True))
    except (LedgerError, binascii.Error, ValueError):
        return None
    return Told(campaign_id=value["campaign"], calls=tuple(read_live(one) for one in value["calls"])) if value else None
