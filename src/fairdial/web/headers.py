"""Headers that keep a browser safe, on every answer."""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fairdial.web.problems import crashed

_log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline';"
        " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
"""Styles stand inline where Ant Design puts them; scripts never do."""


class SafeHeaders:
    """Adds them as an answer begins; a stream passes as it is. A defect is answered as a problem, as safely as the rest."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app, self._is_secure = app, is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def safely(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                self._add_to(MutableHeaders(scope=message), str(scope["path"]), int(message["status"]))
            await send(message)

        try:
            await self._app(scope, receive, safely)
        except ClientDisconnect:  # nobody is there to be answered
            if not has_begun:
                await Response(status_code=HTTPStatus.BAD_REQUEST)(scope, receive, safely)
        except Exception:
            _log.exception("%s %s", scope["method"], scope["route"].path if "route" in scope else "")
            if has_begun:
                raise
            await crashed()(scope, receive, safely)

    def _add_to(self, headers: MutableHeaders, path: str, status: int) -> None:
        headers.update(HEADERS)
        if self._is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        elif path.startswith("/assets/") and status == HTTPStatus.OK:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
