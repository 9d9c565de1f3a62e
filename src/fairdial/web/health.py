"""`/healthz` and `/readyz` of the API server, and what its requests are counted by.

Whoever asks need not be signed in, and is told names of checks with `ok` or `failed`; they are no part of the contract.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fairdial.app import App
from fairdial.app.readiness import checks_of
from fairdial.observe.health import Health, Told

_NOWHERE = "none"
"""The route of an address that has none: such addresses are as many as strangers try."""


def install(web: FastAPI, health: Health) -> None:
    """Answer both."""

    @web.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    async def alive() -> JSONResponse:
        return _answer(await health.alive())

    @web.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
    async def ready() -> JSONResponse:
        return _answer(await health.ready())


def _answer(told: Told) -> JSONResponse:
    status = HTTPStatus.OK if told.is_ok else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse(told.body, status, {"Cache-Control": "no-store"})


def health_of(opened: App, *, makes_calls_into: Path | None) -> Health:
    """The checks of a server; one that runs campaigns needs what calls need."""
    return Health(checks_of(opened, recordings=makes_calls_into))


class Counted:
    """Counts answers by route and times them until they begin: a stream has no other end than its reader."""

    def __init__(self, app: ASGIApp, *, opened: App) -> None:
        self._app, self._opened = app, opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", _NOWHERE)
                meters, method = self._opened.watch.meters, _method(scope)
                meters.http_answers.labels(method, route, str(message["status"])).inc()
                meters.http.labels(method, route).observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, counting)


def _method(scope: Scope) -> str:
    """One of HTTP's own; a stranger may send any word."""
    method = str(scope["method"])
    return method if method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS") else "other"
