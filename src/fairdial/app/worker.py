"""`python -m fairdial.app.worker`: a process that carries its share of a run's calls, as its supervisor tells it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import StreamReader
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from pydantic import TypeAdapter

from fairdial.app import open_app
from fairdial.app.observed import observed
from fairdial.app.work import Job, follow_law, work
from fairdial.campaign.dialer import Dialer, Watcher
from fairdial.campaign.messages import Asked, Ended, Failed, Finished, Message, to_line
from fairdial.campaign.worker_process import FINISH, WorkerProcess
from fairdial.errors import FairdialError
from fairdial.observe.log import open_log
from fairdial.tenant_law import LivingLaw, law_of
from fairdial.upkeep import upkeep

_JOBS = TypeAdapter(Job)

Tell = Callable[[Message], None]


async def start(job: Job) -> WorkerProcess:
    """Start a worker and tell it its job.

    Raises:
        WorkerError: The system starts no more processes.
    """
    return await WorkerProcess.start(job.worker, "fairdial.app.worker", _JOBS.dump_json(job))


def main() -> None:
    """Read the job from standard input, carry it out; standard output carries messages and nothing else."""
    open_log("%(levelname)s %(name)s[%(process)d]: %(message)s")
    messages = os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whose shell put it in the background would be deaf to it
    try:
        asyncio.run(_obey(messages))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is leaving already


async def _obey(messages: int) -> None:
    orders = StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    if not (line := await orders.readline()):  # the supervisor is gone already
        return
    async with _telling(messages) as tell:
        try:
            tell(await _carry_out(_JOBS.validate_json(line), orders, tell))
        except FairdialError as error:
            tell(Failed(code=error.code, reason=str(error)))


async def _carry_out(job: Job, orders: StreamReader, tell: Tell) -> Finished:
    watcher = Watcher(
        asked=lambda contact, outcome: tell(Asked(contact=contact, outcome=outcome)),
        ended=lambda contact, end: tell(Ended(contact=contact, end=end)),
    )
    async with open_app() as app:
        tenant = app.settings.tenant
        now = await law_of(app.database, app.packs, tenant=tenant)
        law = LivingLaw(app.database, app.packs, tenant=tenant, law=now)
        async with observed(app, "worker", recordings=job.recordings), upkeep(app.watch.chores([follow_law(law)])):
            worked = await work(app, job, law, ordered=partial(_ordered, orders), watcher=watcher)
    return Finished(was_stopped=worked.was_stopped, punctuality=worked.punctuality)


@contextmanager
def _ordered(orders: StreamReader, dialer: Dialer) -> Iterator[None]:
    """Bring the supervisor's orders to the dialer; service managers send SIGTERM to every process.

    SIGINT ends at once: it cancels every call, which hangs up, and not the dialer alone, which would wait for them.
    """

    async def obey() -> None:
        while line := await orders.readline():
            if line == FINISH:
                dialer.finish()
        dialer.stop()

    task = asyncio.create_task(obey(), name="orders")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, dialer.stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        task.cancel()


class _Gone(asyncio.BaseProtocol):
    """Knows when a pipe has been emptied and closed."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        self.event.set()


@asynccontextmanager
async def _telling(messages: int) -> AsyncIterator[Tell]:
    """Tell the supervisor things without ever waiting for it: sound must not stop because it is busy or gone."""
    pipe, gone = await asyncio.get_running_loop().connect_write_pipe(_Gone, os.fdopen(messages, "wb", 0))

    def tell(message: Message) -> None:
        if not pipe.is_closing():
            pipe.write(to_line(message))

    try:
        yield tell
    finally:
        pipe.close()
        await gone.event.wait()


if __name__ == "__main__":
    main()
