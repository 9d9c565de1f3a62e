"""What goes on beside a run: chores done again and again, each in a task of its own, and once more when the run ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fairdial.errors import LedgerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Work that may be repeated at any time; `last` is what is left to do when the run has ended."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]
    last: Callable[[], Awaitable[object]] | None = None


@asynccontextmanager
async def upkeep(chores: Sequence[Chore]) -> AsyncIterator[None]:
    """Do chores beside the block; a ledger that is away for a while delays them, and says so in the log."""
    tasks = [asyncio.create_task(_repeat(chore), name=chore.name) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for defect in (end for end in ended if isinstance(end, Exception)):
            raise defect
        for chore in chores:
            if chore.last is not None:
                await chore.last()


async def _repeat(chore: Chore) -> None:
    while True:
        await asyncio.sleep(chore.every_s)
        try:
            await chore.work()
        except LedgerError as error:
            logging.getLogger(__name__).warning("%s not done: %s; it is tried again", chore.name, error.code)
