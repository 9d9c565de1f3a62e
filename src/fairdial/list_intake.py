"""A list file from its rows to the ledger: checked and sealed beside each other, staged as they come, then taken in.

A long list is checked by several processes; duplicates are found here, where all rows pass in their order.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context

from fairdial.campaign.table_file import OpenTable
from fairdial.core.contacts.check import Given, OncePerNumber, row_check
from fairdial.core.contacts.columns import Columns
from fairdial.core.contacts.rows import ContactRow, RejectedRow
from fairdial.ledger.database import Database
from fairdial.ledger.people.incoming import staged
from fairdial.ledger.people.intake import Source, import_parts
from fairdial.ledger.protection.person_key import PersonKey
from fairdial.ledger.protection.vault import DataKeys, Vault

_WORTH_PROCESSES = 20_000
"""Rows from which on other processes help: starting one takes a second, in which this one checks as many."""

_MOST_PROCESSES = 4
"""More than these are faster than one database connection takes rows in."""

_AT_ONCE = 4_000
"""Rows that go to a process and come back together."""

_READING_SHARE = 0.3
"""Part of an import's time in which its file is read."""

Share = Callable[[float], object]
Chunk = Sequence[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file's rows: how many are usable, and each of the others with its reason, in their order."""

    accepted: int
    rejected: Sequence[RejectedRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """What sealing takes, as it goes to another process of this installation: through a pipe, onto no disk."""

    person: PersonKey = field(repr=False)
    data: DataKeys = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A chunk's usable rows, their E.164 numbers and lines, and its rejected rows; `staged` is empty when rows are only checked."""

    numbers: Sequence[str]
    lines: Sequence[int]
    staged: Sequence[bytes]
    rejected: Sequence[RejectedRow]


class _Preparing:
    """Checks chunks of one list, and makes their usable rows ready to be staged."""

    def __init__(self, columns: Columns, given: Given, keys: _Keys | None) -> None:
        self._check = row_check(columns, given)
        self._keys = keys
        self._vault = None if keys is None else Vault(lambda: keys.data)

    def ready(self, chunk: Chunk) -> _Ready:
        checked = [self._check(line, cells) for line, cells in chunk]
        good = [row for row in checked if isinstance(row, ContactRow)]
        return _Ready(
            numbers=[row.number for row in good],
            lines=[row.line for row in good],
            staged=staged(good, self._keys.person, self._vault) if self._keys and self._vault else [b""] * len(good),
            rejected=[row for row in checked if isinstance(row, RejectedRow)],
        )


class _Reading:
    """One file on its way through: what has been found so far."""

    def __init__(self, table: OpenTable, columns: Columns) -> None:
        self._table = table
        self._once = OncePerNumber(columns)
        self._accepted = 0
        self._rejected: list[RejectedRow] = []

    def outcome(self) -> Outcome:
        return Outcome(accepted=self._accepted, rejected=sorted(self._rejected, key=lambda row: row.line))

    async def parts(
        self, columns: Columns, given: Given, keys: _Keys | None, done: Callable[[float], object]
    ) -> AsyncIterator[bytes]:
        """Every chunk's rows that stand, as they are staged."""
        rows, count = iter(self._table), 0
        async with _workers(self._table.about, columns, given, keys) as (work, ahead):
            waiting: deque[asyncio.Future[_Ready]] = deque()
            try:
                is_more = True
                while is_more or waiting:
                    while is_more and len(waiting) < ahead:
                        chunk = await asyncio.to_thread(_next, rows)
                        is_more = bool(chunk)
                        if chunk:
                            waiting.append(asyncio.ensure_future(work(chunk)))
                    if waiting:
                        ready = await waiting.popleft()
                        count += len(ready.numbers) + len(ready.rejected)
                        yield self._standing(ready)
                        done(min(1.0, count / max(1, self._table.about)))
            finally:
                for left in waiting:
                    left.cancel()

    def _standing(self, ready: _Ready) -> bytes:
        self._rejected += ready.rejected
        kept = []
        for number, line, row in zip(ready.numbers, ready.lines, ready.staged, strict=True):
            again = self._once.again(number, line)
            if again is None:
                kept.append(row)
            else:
                self._rejected.append(again)
        self._accepted += len(kept)
        return b"".join(kept)


async def check_file(table: OpenTable, columns: Columns, given: Given, *, done: Share = lambda _share: None) -> Outcome:
    """Check every row of a file, and take nothing in.

    Args:
        done: Called now and then with the share that is done, in [0, 1].

    Raises:
        InputError: The file as a whole cannot be used.
    """
    reading = _Reading(table, columns)
    async for _ in reading.parts(columns, given, None, done):
        pass
    return reading.outcome()


async def take_file_in(
    database: Database,
    table: OpenTable,
    columns: Columns,
    given: Given,
    *,
    tenant: str,
    name: str,
    source: Source,
    done: Share = lambda _share: None,
) -> tuple[Outcome, int]:
    """Check every row of a file and put the good ones into a list, all or nothing.

    Returns:
        What became of the rows, and the import's id.

    Raises:
        InputError: The file as a whole cannot be used.
        LedgerError: The database cannot be reached.
    """
    reading = _Reading(table, columns)
    keys = _Keys(person=database.person_key, data=await asyncio.to_thread(database.vault.data_keys))

    def read() -> tuple[int, Sequence[RejectedRow]]:
        outcome = reading.outcome()
        return outcome.accepted, outcome.rejected

    import_id = await import_parts(
        database,
        tenant=tenant,
        name=name,
        source=source,
        parts=reading.parts(columns, given, keys, lambda share: done(_READING_SHARE * share)),
        read=read,
        done=lambda share: done(_READING_SHARE + (1 - _READING_SHARE) * share),
    )
    return reading.outcome(), import_id


def _next(rows: Iterator[tuple[int, tuple[str, ...]]]) -> Chunk:
    return list(islice(rows, _AT_ONCE))


@asynccontextmanager
async def _workers(
    about: int, columns: Columns, given: Given, keys: _Keys | None
) -> AsyncIterator[tuple[Callable[[Chunk], Awaitable[_Ready]], int]]:
    """Whoever checks chunks, and how many may be under way: a thread for a short list, processes for a long one."""
    if about < _WORTH_PROCESSES:
        here = _Preparing(columns, given, keys)
        yield lambda chunk: asyncio.to_thread(here.ready, chunk), 1
        return
    count = min(_MOST_PROCESSES, os.cpu_count() or 1)
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=(columns, given, keys)
    )
    loop = asyncio.get_running_loop()
    try:
        yield lambda chunk: loop.run_in_executor(pool, _ready, chunk), 2 * count
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


_here: list[_Preparing] = []
"""What a process prepares rows with: set once, when it begins."""


def _begin(columns: Columns, given: Given, keys: _Keys | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to answer, in one line
    _here.append(_Preparing(columns, given, keys))


def _ready(chunk: Chunk) -> _Ready:
    return _here[0].ready(chunk)
