"""The console as people have it: a real server, a real browser, a real database."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from fairdial.core.access.roles import Role
from fairdial.ledger.access.users import add_user, make_link
from fairdial.ledger.script_drafts import save_draft
from tests.ledger.stories import TENANT
from tests.web.stories import Site, site

Answer = TypeVar("Answer")
EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Served:
    """A server on a port of its own; what touches the database is done on the server's loop."""

    base: str
    there: Site
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Answer], *, within_s: float = 60) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=within_s)

    def keep_script(self, name: str) -> None:
        """The text of an example, as somebody has saved it."""
        text = (EXAMPLES / name / "script.yaml").read_text(encoding="utf-8")
        self.do(save_draft(self.there.app.database, tenant=TENANT, name=name, written=text, by="li", seen=None))

    def link_for(self, name: str, roles: Sequence[Role]) -> str:
        """The link by which somebody new signs in."""

        async def made() -> str:
            database = self.there.app.database
            await add_user(database, tenant=TENANT, name=name, roles=roles, by="王经理")
            return await make_link(database, tenant=TENANT, name=name)

        return f"{self.base}/sign-in#{self.do(made())}"


@contextmanager
def served(
    url: str, *, home: Path = Path("/nonexistent"), settings: Callable[[str], Mapping[str, str]] = lambda _base: {}
) -> Iterator[Served]:
    """Serves the console over a database until left; the signing key lies in `home`; `settings` are told where it is."""
    door = socket.create_server(("127.0.0.1", 0))
    opened: list[Served] = []
    is_open = threading.Event()
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        base = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with site(url, home=home, settings=settings(base)) as there:
            server = uvicorn.Server(uvicorn.Config(there.web, log_level="warning", timeout_graceful_shutdown=2))
            servers.append(server)
            opened.append(Served(base=base, there=there, loop=asyncio.get_running_loop()))
            is_open.set()
            await server.serve(sockets=[door])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert is_open.wait(60), "the server did not start"
    try:
        yield opened[0]
    finally:
        servers[0].should_exit = True
        thread.join(30)
