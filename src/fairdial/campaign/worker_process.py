"""A worker as a process of its own: orders go down one pipe, messages come up another.

The end of the pipe of orders means *stop politely*, so that a worker whose supervisor was killed stops too. It has a
session of its own: Ctrl-C in a terminal reaches the supervisor alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

from fairdial.campaign.messages import Message, from_line
from fairdial.errors import WorkerError

FINISH = b"finish\n"
"""The order to start no more calls."""

_LEAVE_S = 10.0
"""Seconds a worker has to be gone after its last word, or after it was told to end at once."""


class WorkerProcess:
    """See `fairdial.campaign.supervisor.Worker`."""

    def __init__(self, name: str, process: Process) -> None:
        self._name = name
        self._process = process
        assert process.stdin is not None and process.stdout is not None
        self._orders, self._told = process.stdin, process.stdout

    @classmethod
    async def start(cls, name: str, module: str, job: bytes) -> WorkerProcess:
        """Start `python -m module` in a new interpreter and tell it its job, one line.

        The folder the operator stands in is not searched for modules; a crash in native code says where it was.

        Raises:
            WorkerError: The system starts no more processes.
        """
        command = (sys.executable, "-P", "-X", "faulthandler", "-m", module)
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        except OSError as error:
            raise WorkerError(
                f"a worker cannot be started: {error.strerror}; is there memory left? 无法启动工作进程"
            ) from error
        worker = cls(name, process)
        worker._orders.write(job + b"\n")
        return worker

    @property
    def name(self) -> str:
        return self._name

    async def messages(self) -> AsyncIterator[Message]:
        while (line := await self._told.readline()).endswith(b"\n"):  # a killed worker leaves half a line
            yield from_line(line)

    def finish(self) -> None:
        if not self._orders.is_closing():
            self._orders.write(FINISH)

    def stop(self) -> None:
        self._orders.close()

    async def exit_status(self) -> int:
        try:
            return await asyncio.wait_for(self._process.wait(), _LEAVE_S)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            return await self._process.wait()

    async def end_now(self) -> None:
        self._orders.close()
        self._signal(signal.SIGINT)
        await self.exit_status()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
