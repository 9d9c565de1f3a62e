"""Serving the API and the console until somebody stops it; `serve` and `demo` do it alike."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from fairdial.app import App
from fairdial.app.runs import RunWorker
from fairdial.errors import SettingsError
from fairdial.web.server import create_server

_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the server listens, and what it speaks TLS with."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: str | None = None
    key: str | None = None

    @property
    def address(self) -> str:
        """As a browser writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.certificate is None else 'https'}://{host}:{self.port}"


def free_door(port: int) -> Door:
    """The door of this port on this machine, or of any that is free."""
    for wanted in (port, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return Door(port=int(probe.getsockname()[1]))
    raise SettingsError("no port of this machine is free 没有空闲端口")


async def serve_until_stopped(
    opened: App,
    door: Door,
    *,
    recordings: Path,
    clips: Path | None,
    worker: RunWorker | None,
    ready: Callable[[], None],
) -> None:
    """Serve until a signal, and carry out runs if there is a worker; its living calls say goodbye first.

    `ready` is called once the server listens.
    """
    web = create_server(opened, is_secure=door.certificate is not None, recordings=recordings, clips=clips)
    config = uvicorn.Config(
        web,
        host=door.host,
        port=door.port,
        log_config=None,
        log_level="warning",
        ssl_certfile=door.certificate,
        ssl_keyfile=door.key,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)

    async def look_after() -> None:
        while not server.started:
            await asyncio.sleep(_LOOK_S)
        ready()
        while not server.should_exit:
            await asyncio.sleep(_LOOK_S)
        await web.state.live.close()  # streams never end by themselves

    looking = asyncio.create_task(look_after(), name="server")
    try:
        async with _carrying_out(worker):
            await server.serve()
    finally:
        looking.cancel()
        await web.state.desk.close()


@asynccontextmanager
async def _carrying_out(worker: RunWorker | None) -> AsyncIterator[None]:
    if worker is None:
        yield
        return
    task = asyncio.create_task(worker.work(), name="worker")
    try:
        yield
    finally:
        try:
            await worker.close()
        finally:
            task.cancel()


async def work_until_stopped(worker: RunWorker) -> None:
    """Carry out runs until a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with _carrying_out(worker):
        await stopped.wait()
