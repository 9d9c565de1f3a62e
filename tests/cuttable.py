"""A network between a worker and PostgreSQL that can be cut: bytes stay on the way, connections stand, as with a cable pulled."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass
class Cable:
    """`address` leads to the same database over the network."""

    address: str
    _loop: asyncio.AbstractEventLoop
    _flows: asyncio.Event

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.set)


@contextmanager
def cable(url: str) -> Iterator[Cable]:
    """A TCP way to a server that listens on a socket of this machine."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    loop, ready, flows = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    ports: list[int] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            further, back = await asyncio.open_unix_connection(socket)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, back), pump(further, writer), return_exceptions=True)

    async def serve() -> None:
        flows.set()
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve_forever()

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # stopped in the middle
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield Cable(f"postgresql://postgres@127.0.0.1:{ports[0]}{parts.path}", loop, flows)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
