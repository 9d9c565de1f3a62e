"""The port of metrics and health: a thread that asks the loop, so that a loop which hangs is told of as that."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST

from fairdial.observe.health import Health, Told, failed

_LOOP_S = 5.0
"""A loop that does nothing for so long hangs."""

_ASKER_S = 10.0
"""Whoever asks says what within this time."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 16

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as the library would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up in the middle is no defect of ours, and is not logged."""


@contextmanager
def open_port(address: tuple[str, int], *, metrics: Callable[[], bytes], health: Health) -> Iterator[int]:
    """Answer `/metrics`, `/healthz` and `/readyz` until left; yields the port.

    Raises:
        OSError: The address is taken, or not ours.
    """
    loop = asyncio.get_running_loop()

    def on_loop(ask: Callable[[], Awaitable[Told]]) -> Told:
        async def asked() -> Told:
            return await ask()

        answer = asyncio.run_coroutine_threadsafe(asked(), loop)
        try:
            return answer.result(_LOOP_S)
        except TooLate:
            answer.cancel()
            return failed("loop")

    class Handler(BaseHTTPRequestHandler):
        timeout = _ASKER_S

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics())
                case "/healthz":
                    self._tell(on_loop(health.alive))
                case "/readyz":
                    self._tell(on_loop(health.ready))
                case _:
                    self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics /healthz /readyz\n")

        def _tell(self, told: Told) -> None:
            status = HTTPStatus.OK if told.is_ok else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", json.dumps(told.body).encode())

        def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # the library's name for it

    server = _Server(address, Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        # Not from the loop: a request under way may be waiting for it.
        Thread(target=_close, args=(server,), name="metrics-close", daemon=True).start()


def _close(server: _Server) -> None:
    server.shutdown()
    server.server_close()
