"""All processes of a machine behind one port: the first holds it, the others tell it what they have counted.

A hand that never stands in the way: a port that cannot be had, or a holder that went, costs a warning and is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import generate_latest

from fairdial.observe.health import Health
from fairdial.observe.joined import Joined
from fairdial.observe.metrics import Meters
from fairdial.observe.port import open_port

_log = logging.getLogger(__name__)

TELL_S = 2.0
"""Seconds between two tellings: what a killed process had not told is lost, this much at most."""

_PATIENCE = 3
"""Tries in a row after which somebody is told that nothing is shown."""

_MOST_BYTES = 8 * 2**20
_LENGTH_BYTES = 4


class Together:
    """One process's part: `run` until cancelled; then it tells its last and leaves."""

    def __init__(self, address: tuple[str, int], home: Path, meters: Meters, joined: Joined, health: Health) -> None:
        self._address, self._meters, self._joined, self._health = address, meters, joined, health
        self._path = home / f"metrics-{address[1]}.sock"
        self._failed = 0
        self._tellers: set[StreamWriter] = set()
        self.port: int | None = None
        """The port, while this process holds it."""

    async def run(self) -> None:
        """Hold the port, or tell whoever does; takes it over when they are gone."""
        while True:
            try:
                await self._hold()
            except OSError:
                if await self._tell():
                    self._failed = 0
                else:
                    await self._wait()

    async def _wait(self) -> None:
        """Until the next try; a holder that is going leaves its port a moment after its socket."""
        self._failed += 1
        if self._failed == _PATIENCE:
            _log.warning(
                "FAIRDIAL_METRICS: %s:%d cannot be had, and no process of this installation answers at it; its metrics are"
                " not shown, everything else goes on 监控端口不可用,其余照常运行",
                *self._address,
            )
        await asyncio.sleep(TELL_S)

    async def _hold(self) -> None:
        """Hold the port for good.

        Raises:
            OSError: It is taken.
        """
        with ExitStack() as held:
            self.port = held.enter_context(open_port(self._address, metrics=self._joined.text, health=self._health))
            held.callback(setattr, self, "port", None)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()  # of a holder that was killed: who has the port has the socket
            mask = os.umask(0o077)
            try:
                server = await asyncio.start_unix_server(self._hear, self._path)
            except OSError as error:
                _log.warning(
                    "metrics of other processes are not shown: %s 其他进程的指标无法汇总", error.strerror or error
                )
                server = None
            finally:
                os.umask(mask)
            try:
                await asyncio.Event().wait()
            finally:
                if server is not None:
                    server.close()
                    for writer in self._tellers:
                        writer.close()  # one of them takes the port
                    with contextlib.suppress(FileNotFoundError):
                        self._path.unlink()

    async def _hear(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Take what another process tells, until it is gone."""
        who = object()
        self._tellers.add(writer)
        try:
            while length := int.from_bytes(await reader.readexactly(_LENGTH_BYTES)):
                if length > _MOST_BYTES:
                    return
                self._joined.take(who, (await reader.readexactly(length)).decode())
        except (asyncio.IncompleteReadError, ConnectionError, UnicodeDecodeError):
            pass
        finally:
            self._tellers.discard(writer)
            writer.close()
            await asyncio.to_thread(self._joined.leave, who)

    async def _tell(self) -> bool:
        """Tell the holder until it is gone; False when there is none."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            return False
        try:
            while True:
                # What the holder has not taken is not doubled: it is slow, or hangs.
                if not writer.transport.get_write_buffer_size():
                    writer.write(_framed(await asyncio.to_thread(generate_latest, self._meters.registry)))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), TELL_S)
                    return True  # it never says a word: this is its end
        except ConnectionError:
            return True
        except asyncio.CancelledError:
            writer.write(_framed(generate_latest(self._meters.registry)))
            raise
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), TELL_S)


def _framed(text: bytes) -> bytes:
    return len(text).to_bytes(_LENGTH_BYTES) + text


@asynccontextmanager
async def shown(together: Together) -> AsyncIterator[Together]:
    """Show what is counted inside the block; its last counts are told at its end."""
    task = asyncio.create_task(together.run(), name="metrics")
    try:
        yield together
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
