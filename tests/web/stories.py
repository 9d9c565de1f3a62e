"""A server over a real database, and browsers that talk to it without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from fastapi import FastAPI

from fairdial.app import App
from fairdial.app.runs import Folders, Runs
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
    clips: Path | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Site]:
    """A server of an installation whose tenant is `TENANT`."""
    async with ledger(url) as database:
        app = App(settings=read_settings({"FAIRDIAL_TENANT": TENANT, **settings}), database=database, packs=PACKS)
        held = Runs(Folders(clips=clips, recordings=recordings))
        web = create_server(app, recordings=recordings, runs_held=held)
        yield Site(app=app, web=web)
        await web.state.desk.close()


def code_of(answer: httpx.Response) -> str:
    """The stable code of a problem."""
    problem: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code and problem["detail"]
    return str(problem["type"]).rpartition(":")[2]
