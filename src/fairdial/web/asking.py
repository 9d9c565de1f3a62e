"""What a route needs of its request: the installation, and who asks with which permission."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from fairdial.app import App
from fairdial.app.script_desk import ScriptDesk
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.access.signing_in import address_class
from fairdial.ledger.access.sessions import caller_of_key, caller_of_session
from fairdial.web.problems import Refused

COOKIE = "fairdial_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="A person's session, from POST /api/v1/session.")
_bearer = HTTPBearer(auto_error=False, description="A program's key.")


def opened(request: Request) -> App:
    """The installation that this server serves."""
    app: App = request.app.state.opened
    return app


def recordings_folder(request: Request) -> Path:
    """Where recordings lie."""
    folder: Path = request.app.state.recordings
    return folder


def clips_folder(request: Request) -> Path | None:
    """Where clips lie; None when the server was started without."""
    folder: Path | None = request.app.state.clips
    return folder


def script_desk(request: Request) -> ScriptDesk:
    """Who works on texts of scripts."""
    desk: ScriptDesk = request.app.state.desk
    return desk


def address_of(request: Request) -> str:
    """The address the request came from, as the server knows it."""
    return request.client.host if request.client else ""


async def caller(
    request: Request,
    token: Annotated[str | None, Depends(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Who asks.

    Raises:
        Refused: Nobody who is known, or a write without its CSRF token.
    """
    database = opened(request).database
    if bearer is not None:
        found = await caller_of_key(database, bearer.credentials)
    elif token is not None:
        found = await caller_of_session(database, token, address_class=address_class(address_of(request)))
    else:
        found = None
    if found is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "sign-in", "sign in first 请先登录")
    sent = request.headers.get(CSRF_HEADER, "")
    if (
        found.csrf is not None
        and request.method not in _SAFE
        and not secrets.compare_digest(sent.encode(), found.csrf.encode())
    ):
        raise Refused(
            HTTPStatus.FORBIDDEN, "csrf", f"a write carries the {CSRF_HEADER} of its session; reload the page"
        )
    return found


async def caller_of(request: Request) -> Caller:
    """The same for a request that no route has taken yet.

    Raises:
        Refused: As `caller`.
    """
    return await caller(request, await _cookie(request), await _bearer(request))


def needs(permission: Permission) -> Callable[[Caller], Caller]:
    """A dependency that lets through who may; the permission is shown in the contract."""

    def check(who: Annotated[Caller, Depends(caller)]) -> Caller:
        if not who.may(permission):
            raise Refused(
                HTTPStatus.FORBIDDEN, "permission", f"this needs {permission}; an administrator gives it 没有权限"
            )
        return who

    check.permission = permission  # type: ignore[attr-defined]  # read by the test that walks all routes
    return check


Opened = Annotated[App, Depends(opened)]
Recordings = Annotated[Path, Depends(recordings_folder)]
Clips = Annotated[Path | None, Depends(clips_folder)]
Desk = Annotated[ScriptDesk, Depends(script_desk)]
Anybody = Annotated[Caller, Depends(caller)]
