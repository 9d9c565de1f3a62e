"""How large a request may be that is read as a whole: before its route, and before anybody knows who sends it.

A route that takes a file reads it part by part and bounds it itself; every other body is read by the framework into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from fairdial.web.problems import Problem, Refused, answer_to

MOST_BYTES = 2 << 20
"""A script of 256 KB whose every character is escaped takes 0.6 MB."""


def install(web: FastAPI, routes: Iterable[BaseRoute], *, prefix: str) -> None:
    """Refuse what is too large by its length alone.

    Args:
        routes: All there are, in the order in which they are tried, without the prefix.
    """
    web.add_middleware(_Bounded, routes=[one for one in routes if isinstance(one, APIRoute)], prefix=prefix)
    plain = web.openapi

    def described() -> dict[str, Any]:
        if web.openapi_schema is None:
            _describe(plain()["paths"])
        return plain()

    web.openapi = described  # type: ignore[method-assign]  # the way FastAPI names for adding to a contract


def _describe(paths: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
    problem = {"application/json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    for operation in (one for operations in paths.values() for one in operations.values()):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            for status, words in ((411, "It does not say how long it is."), (413, "It is too large.")):
                operation["responses"].setdefault(str(status), {"description": words, "content": problem})


class _Bounded:
    def __init__(self, app: ASGIApp, *, routes: Sequence[APIRoute], prefix: str) -> None:
        self._app, self._routes, self._prefix = app, routes, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrong = self._wrong(scope) if scope["type"] == "http" else None
        if wrong is None:
            await self._app(scope, receive, send)
        else:
            await answer_to(wrong)(scope, receive, send)

    def _wrong(self, scope: Scope) -> Refused | None:
        headers = Headers(scope=scope)
        length, is_chunked = headers.get("content-length"), "transfer-encoding" in headers
        if not is_chunked and (length is None or (length.isdigit() and int(length) <= MOST_BYTES)):
            return None
        if not self._is_read_whole(scope):
            return None
        if is_chunked:
            return Refused(HTTPStatus.LENGTH_REQUIRED, "length", "send Content-Length 请给出内容长度")
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-large",
            f"a request has {MOST_BYTES >> 20} MiB at most; files are imported as files 内容过大,请用文件导入",
            headers={"Connection": "close"},
        )

    def _is_read_whole(self, scope: Scope) -> bool:
        """Whether the framework reads the body for the route."""
        path = str(scope["path"])
        asked = {**scope, "path": path.removeprefix(self._prefix)}
        if asked["path"] == path:
            return False
        fits = (route for route in self._routes if route.matches(asked)[0] is Match.FULL)
        return (route := next(fits, None)) is not None and route.body_field is not None
