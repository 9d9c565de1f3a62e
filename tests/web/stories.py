"""A server over a real database, and browsers that talk to it without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import httpx
from fastapi import FastAPI

from fairdial.app import App
from fairdial.core.access.roles import Role
from fairdial.ledger.access.users import add_user, make_link
from fairdial.settings import read_settings
from fairdial.web.asking import CSRF_HEADER
from fairdial.web.server import create_server
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, ledger

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Site:
    """The server, and the installation behind it."""

    app: App
    web: FastAPI

    def browser(self, *, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A browser at an address, signed in to nothing."""
        transport = httpx.ASGITransport(self.web, client=(address, 1234))
        return httpx.AsyncClient(transport=transport, base_url="http://console")

    async def signed_in(
        self, name: str, roles: Sequence[Role], *, tenant: str = TENANT, address: str = "127.0.0.1"
    ) -> httpx.AsyncClient:
        """A browser of somebody new, signed in by their link; its writes carry what they must."""
        await add_user(self.app.database, tenant=tenant, name=name, roles=roles, by="王经理")
        token = await make_link(self.app.database, tenant=tenant, name=name)
        browser = self.browser(address=address)
        answer = await browser.post("/api/v1/session/link", json={"token": token})
        assert answer.status_code == 200, answer.text
        browser.headers[CSRF_HEADER] = answer.json()["csrf"]
        return browser


@asynccontextmanager
async def site(
    url: str,
    *,
    recordings: Path = Path("/nonexistent"),
    home: Path | None = None,
    clips: Path | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Site]:
    """A server of an installation whose tenant is `TENANT`; its keys and uploads lie in `home`, or in a folder that goes."""
    async with ledger(url) as database:
        with TemporaryDirectory() as own:
            given = {"FAIRDIAL_TENANT": TENANT, "FAIRDIAL_HOME": str(home or own), "FAIRDIAL_MOST_LIST_MB": "2"}
            app = App(settings=read_settings({**given, **settings}), database=database, packs=PACKS)
            web = create_server(app, recordings=recordings, clips=clips)
            yield Site(app=app, web=web)
            await web.state.desk.close()


def code_of(answer: httpx.Response) -> str:
    """The stable code of a problem."""
    problem: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code and problem["detail"]
    return str(problem["type"]).rpartition(":")[2]
