"""Carries out the runs that are ordered in the ledger: each is the command `fairdial campaign run`, a process of its own.

One way to run a campaign, whoever starts it: what the command refuses is refused here, in its own words. A run ends with its
worker, politely: the end of its standard input says so, however the worker went.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from fairdial.app import App
from fairdial.app.work import worker_name
from fairdial.errors import LedgerError
from fairdial.ledger.calls.run_orders import Order, bells, end_order, take, to_stop, working

_log = logging.getLogger(__name__)

_LOOK_S = 2.0
"""Orders are looked for at least this often: a bell may be missed while the ledger is away."""

_GOODBYE_S = 20.0
"""Seconds that living calls get to say goodbye when the worker ends."""

_MOST_KEPT = 4000
"""Characters of what a run said last that are kept."""

_LONGEST_LINE = 1 << 20
"""Bytes of a line of a run's log; a longer one is broken."""

_WORKER_LEFT = "its worker was stopped; start it again to go on 服务已停止,可重新开始"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where runs find clips, by their content, and leave recordings."""

    clips: Path
    recordings: Path


class RunWorker:
    """Takes orders and runs them; `work` goes on until cancelled, `close` then stops what still runs."""

    def __init__(self, opened: App, folders: Folders) -> None:
        self._opened = opened
        self._folders = folders
        self.name = worker_name()
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._stopped: set[int] = set()
        self._watching: set[asyncio.Task[None]] = set()
        self._is_leaving = False

    async def work(self) -> None:
        """Take orders as they come; goes on when the ledger has been away."""
        while True:
            try:
                async with working(self._opened.database, worker=self.name):
                    async for _ in bells(self._opened.database, at_least_every_s=_LOOK_S):
                        await self._look()
            except LedgerError as error:
                _log.warning("orders cannot be read now: %s", error.code)
                await asyncio.sleep(_LOOK_S)

    async def close(self) -> None:
        """Stop every run politely, and wait for its goodbyes."""
        self._is_leaving = True
        for number, process in self._running.items():
            if number not in self._stopped:
                _send(process, signal.SIGINT)
        if self._watching:
            await asyncio.wait(self._watching, timeout=_GOODBYE_S)
        for process in self._running.values():
            _send(process, signal.SIGKILL)

    async def _look(self) -> None:
        database = self._opened.database
        for number in await to_stop(database, worker=self.name):
            if (process := self._running.get(number)) is not None and number not in self._stopped:
                self._stopped.add(number)
                _send(process, signal.SIGINT)  # a second one would end it at once
        while (order := await take(database, worker=self.name)) is not None:
            watching = asyncio.create_task(self._carry_out(order), name=f"run-{order.campaign}")
            self._watching.add(watching)
            watching.add_done_callback(self._watching.discard)

    async def _carry_out(self, order: Order) -> None:
        folders = ("--clips", str(self._folders.clips), "--recordings", str(self._folders.recordings))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairdial.cli.entry", "campaign", "run", order.campaign, *folders),
            "--ends-with-parent",
            env=os.environ | {"FAIRDIAL_HOME": str(self._opened.settings.home), "FAIRDIAL_TENANT": order.tenant},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._running[order.id] = process
        said = rest = b""
        assert process.stderr is not None, "asked for above"
        while chunk := await process.stderr.read(1024):
            said = (said + chunk)[-_MOST_KEPT:]
            rest = _passed_on(rest + chunk)
        words = _last_words(await process.wait(), said)
        del self._running[order.id]
        if self._is_leaving and words is None:
            words = _WORKER_LEFT
        with contextlib.suppress(LedgerError):  # whoever asks is told that the worker is gone
            await end_order(self._opened.database, order=order.id, last_words=words)


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)


def _passed_on(said: bytes) -> bytes:
    """Log what a run has said in whole lines, so that those of several runs stay apart; returns the rest."""
    lines, end, rest = said.rpartition(b"\n") if len(said) < _LONGEST_LINE else (said, b"\n", b"")
    sys.stderr.write((lines + end).decode(errors="replace"))
    return rest


def _last_words(status: int, said: bytes) -> str | None:
    """Why a run ended as it did, when it did not end well."""
    if status in (0, 130):
        return None
    told = [line for line in said.decode(errors="replace").strip().splitlines() if not line.startswith("{")]
    return told[-1] if told else f"the run ended with status {status} 运行异常结束"
