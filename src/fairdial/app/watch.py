"""What a process counts and times of its own, whatever it does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from fairdial.core.call_trace import Took
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.database import MOST_CONNECTIONS
from fairdial.observe.metrics import Meters
from fairdial.observe.traces import Tracer, traced_nowhere
from fairdial.upkeep import Chore

_Result = TypeVar("_Result")


class Watch:
    """What one process counts, from its beginning to its end; see `fairdial.observe.metrics`."""

    def __init__(self) -> None:
        self.meters = Meters()
        self.trace: Tracer = traced_nowhere

    def engine(self, engine: AsyncEngine) -> None:
        """Show the pool, and count connections that fail or break."""
        pool = engine.pool
        if isinstance(pool, QueuePool):
            self.meters.pool.labels("used").set_function(pool.checkedout)
            self.meters.pool.labels("idle").set_function(pool.checkedin)
            self.meters.pool.labels("most").set(MOST_CONNECTIONS)

        def away(context: ExceptionContext) -> None:
            if context.is_disconnect or context.connection is None:
                self.meters.ledger_away.inc()

        event.listen(engine.sync_engine, "handle_error", away)

    def chores(self, chores: Sequence[Chore]) -> list[Chore]:
        """Note when each was last done."""
        return [self._chore(chore) for chore in chores]

    def _chore(self, chore: Chore) -> Chore:
        def noting(work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
            async def noted() -> None:
                await work()
                self.meters.chore.labels(chore.name).set_to_current_time()

            return noted

        return replace(chore, work=noting(chore.work), last=noting(chore.last) if chore.last is not None else None)

    async def timed(self, operation: str, work: Awaitable[_Result]) -> tuple[_Result, Took]:
        """Time one transaction, and count it when the ledger does not take it."""
        begun, at = time.perf_counter(), time.time()
        try:
            done = await work
        except PermitError:
            raise
        except LedgerError:
            self.meters.ledger_failures.labels(operation).inc()
            raise
        took = time.perf_counter() - begun
        self.meters.ledger.labels(operation).observe(took)
        return done, Took(begun=at, ended=at + took)
