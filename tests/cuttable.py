"""A network between a worker and PostgreSQL that can be cut: bytes stay on the way, connections stand, as with a cable pulled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue
from urllib.parse import parse_qs, urlsplit


@dataclass
class Cable:
    """`address` leads to the same database over the network."""

    address: str
    _loop: asyncio.AbstractEventLoop
    _flows: asyncio.Event
    _over: asyncio.Event

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.set)


@contextmanager
def cable(url: str) -> Iterator[Cable]:
    """A TCP way to a server that listens on a socket of this machine."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    made: Queue[Cable] = Queue()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        try:
            while data := await reader.read(65536):
                await flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # one end is gone
        finally:
            writer.close()

    async def serve() -> None:
        flows, over = asyncio.Event(), asyncio.Event()
        flows.set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                further, back = await asyncio.open_unix_connection(socket)
            except OSError:
                writer.close()
                return
            await asyncio.gather(pump(reader, back, flows), pump(further, writer, flows))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        address = f"postgresql://postgres@127.0.0.1:{port}{parts.path}"
        made.put(Cable(address, asyncio.get_running_loop(), flows, over))
        await over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    one = made.get(timeout=10)
    try:
        yield one
    finally:
        one._loop.call_soon_threadsafe(one._over.set)
        thread.join(10)
