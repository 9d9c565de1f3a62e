"""The supervisor of a run's workers: starts them, passes on what they tell, replaces those that die."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from fairdial.campaign.dialer import Watcher
from fairdial.campaign.messages import Asked, Ended, Failed, Finished, Message
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.workers import GiveUp, after_death
from fairdial.errors import FairdialError, LedgerError, WorkerError, of_code

_log = logging.getLogger(__name__)


class Worker(Protocol):
    """One worker process; see `fairdial.campaign.worker_process`."""

    @property
    def name(self) -> str:
        """The name under which the ledger knows its claims and attempts."""

    def messages(self) -> AsyncIterator[Message]:
        """What it tells, until it has nothing more to say or is dead."""

    def finish(self) -> None:
        """Ask it to start no more calls."""

    def stop(self) -> None:
        """Ask it to start no more calls and let the living ones say goodbye."""

    async def exit_status(self) -> int:
        """Wait for its end; negative for the signal that killed it."""

    async def end_now(self) -> None:
        """End it, hanging up, if it has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorHands:
    """What a supervisor needs of the other rooms: a worker with a share of the line's calls, the end of a dead one's."""

    start: Callable[[int], Awaitable[Worker]]
    settle: Callable[[str], Awaitable[object]]


class Supervisor:
    """Keeps one worker for each share until nobody is left to be asked; `stop` ends the run early and politely."""

    def __init__(self, hands: SupervisorHands, *, shares: Sequence[int], watcher: Watcher) -> None:
        self._hands = hands
        self._shares = shares
        self._watcher = watcher
        self._living: set[Worker] = set()
        self._ending = asyncio.Event()
        self._error: FairdialError | None = None
        self._deaths: list[float] = []
        self.was_stopped = False
        self.punctuality = Punctuality()
        """Of all workers that said a last word."""

    def stop(self) -> None:
        """Start no more calls; let the living ones say goodbye."""
        self.was_stopped = True
        self._ending.set()
        for worker in self._living:
            worker.stop()

    async def run(self) -> None:
        """Keep the workers until all have finished.

        Raises:
            WorkerError: Workers died again and again.
            FairdialError: What a worker failed with; the others have carried their calls to the end.
        """
        async with asyncio.TaskGroup() as group:
            for share in self._shares:
                group.create_task(self._keep(share))
        if self._error is not None:
            raise self._error

    async def _keep(self, share: int) -> None:
        """Have a worker of this share for as long as there is something to do."""
        while not self._ending.is_set():
            try:
                last = await self._accompany(await self._hands.start(share))
            except WorkerError as error:
                return self._finish_with(error)
            match last:
                case Finished(was_stopped=False):
                    return None
                case Finished():
                    continue  # somebody ended this worker, not the run
                case Failed():
                    return self._finish_with(of_code(last.code)(last.reason))
                case timedelta():
                    await self._pause(last)

    async def _accompany(self, worker: Worker) -> Finished | Failed | timedelta:
        """Pass on what a worker tells; its last word, or how long to wait before one that died is replaced."""
        self._living.add(worker)
        last: Finished | Failed | None = None
        try:
            self._catch_up(worker)
            async for message in worker.messages():
                last = self._take(message) or last
            status = await worker.exit_status()
        finally:
            self._living.discard(worker)
            await worker.end_now()
        return last or await self._bury(worker, _cause(status))

    def _catch_up(self, worker: Worker) -> None:
        """Tell a worker what the others were told while it was being started."""
        if self.was_stopped:
            worker.stop()
        elif self._ending.is_set():
            worker.finish()

    def _take(self, message: Message) -> Finished | Failed | None:
        """Pass one message on; a last word is returned."""
        match message:
            case Asked():
                self._watcher.asked(message.contact, message.outcome)
            case Ended():
                self._watcher.ended(message.contact, message.end)
            case Finished():
                self.punctuality = self.punctuality.joined(message.punctuality)
                return message
            case Failed():
                return message
        return None

    async def _bury(self, worker: Worker, cause: str) -> timedelta:
        """Settle what a dead worker left; how long to wait before it is replaced."""
        self._watcher.lost(cause)
        now = asyncio.get_running_loop().time()
        self._deaths.append(now)
        try:
            await self._hands.settle(worker.name)
        except LedgerError as error:
            _log.warning("what a dead worker left is not settled: %s; its leases will do it", error.code)
        decision = after_death([timedelta(seconds=now - at) for at in self._deaths])
        if isinstance(decision, GiveUp):
            self._finish_with(
                WorkerError(
                    f"{decision.deaths} workers died within {decision.within}, the last one: {cause}; the rest of the"
                    " list is left for later. 工作进程反复意外终止,其余客户留待以后"
                )
            )
            return timedelta(0)
        return decision.after

    def _finish_with(self, error: FairdialError) -> None:
        """End the run because of an error, the first that came; calls under way go on to their end."""
        self._error = self._error or error
        self._ending.set()
        for worker in self._living:
            worker.finish()

    async def _pause(self, length: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), length.total_seconds())


def _cause(status: int) -> str:
    """What an exit status says: the name of the signal, or the number."""
    if status >= 0:
        return f"exit status {status} 退出码 {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = str(-status)
    return f"killed by {name} 被信号 {name} 终止"
