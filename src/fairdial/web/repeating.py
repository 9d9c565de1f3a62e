"""Writes that can be repeated: with an `Idempotency-Key`, what was done once is answered again and not done again.

One place for the whole API: a write passes here before its route. The answer of what was done is kept for a day, sealed;
an error did nothing, so that the same key may try again. Nothing is answered to somebody who is not signed in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fairdial.errors import FairdialError
from fairdial.ledger.access.repeated import Another, Answered, Begun, Unfinished, begin, finish, forget
from fairdial.web.asking import caller_of, opened
from fairdial.web.problems import Problem, Refused, answer_to

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_KEPT = (
    *("/session", "/people/show", "/people/find", "/people/export"),
    *("/evidence", "/gate", "/campaigns/preview", "/reports"),
    *("/scripts/check", "/scripts/rehearse", "/scripts/talk", "/scripts/hear"),
)
"""Sign-in, which has its own rules, and reads that are a POST only to keep numbers out of addresses, or because what they read
is long: nothing they say is kept."""

_KEY = re.compile(r"[!-~]{1,200}")
_MOST = 1 << 20
"""Bytes of a body that can be repeated; longer ones are files, which are known by their hash."""


def is_kept(method: str, path: str) -> bool:
    """Whether the answer to this is kept; `path` is what follows the prefix."""
    return method in WRITES and not any(path == one or path.startswith(f"{one}/") for one in NOT_KEPT)


def install(web: FastAPI, *, prefix: str) -> None:
    """Let every write be repeated, and say so in the contract."""
    web.add_middleware(_Repeating, prefix=prefix)
    plain = web.openapi

    def described() -> dict[str, Any]:
        if web.openapi_schema is None:
            _describe(plain()["paths"], prefix)
        return plain()

    web.openapi = described  # type: ignore[method-assign]  # the way FastAPI names for adding to a contract


def _describe(paths: Mapping[str, Mapping[str, dict[str, Any]]], prefix: str) -> None:
    header = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": f"^{_KEY.pattern}$"},
        "description": "Your own name for this write: asked again with the same, it is answered and not done again.",
    }
    problem = {"application/json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    for path, operations in paths.items():
        for method, operation in operations.items():
            if is_kept(method.upper(), path.removeprefix(prefix)):
                operation.setdefault("parameters", []).append(header)
                operation["responses"].setdefault(
                    "409", {"description": "Its state does not allow it now.", "content": problem}
                )


class _Repeating:
    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        path = str(scope.get("path", ""))
        is_ours = path.startswith(f"{self._prefix}/") and is_kept(
            str(scope.get("method")), path.removeprefix(self._prefix)
        )
        if key is None or not is_ours:
            await self._app(scope, receive, send)
            return
        try:
            response = await self._once(Request(scope, receive), key)
        except (Refused, FairdialError) as error:
            response = answer_to(error)
        await response(scope, receive, send)

    async def _once(self, request: Request, key: str) -> Response:
        if not _KEY.fullmatch(key):
            raise Refused(HTTPStatus.BAD_REQUEST, "idempotency-key", f"{HEADER} has 1 to 200 visible ASCII characters")
        who, database = await caller_of(request), opened(request).database
        body = await _whole(request.receive)
        may = ",".join(sorted(who.permissions))  # who has lost one since is not answered with what it gave
        about = f"{may}\n{request.method} {request.url.path}?{request.url.query}\n".encode()
        asked_hash = hashlib.sha256(about + body).digest()
        match await begin(database, tenant=who.tenant, caller=who.name, key=key, asked_hash=asked_hash):
            case Another():
                raise Refused(
                    HTTPStatus.CONFLICT, "repeated", f"this {HEADER} was used for another write; take a new one"
                )
            case Unfinished():
                raise Refused(
                    HTTPStatus.CONFLICT,
                    "unfinished",
                    "the first try is being worked on; ask again, and if it stays so, look whether it was done",
                )
            case Answered() as answer:
                again = Response(answer.body, answer.status, media_type=answer.media_type)
                again.headers[REPLAYED] = "true"
                return again
            case Begun() as begun:
                try:
                    response = await _answer(self._app, request, body)
                except Exception:
                    await forget(database, begun)
                    raise
                if 200 <= response.status_code < 300:
                    await finish(database, begun, _kept(response))
                else:
                    await forget(database, begun)
                return response


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > _MOST:
            raise Refused(
                HTTPStatus.BAD_REQUEST, "idempotency-key", f"a write of more than {_MOST} bytes takes no {HEADER}"
            )
        if not message.get("more_body", False):
            return bytes(body)


async def _answer(app: ASGIApp, request: Request, body: bytes) -> Response:
    """What the route answers, held back until it is kept."""
    response, parts = Response(), bytearray()
    once = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(once, None) or await request.receive()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status_code, response.raw_headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            parts.extend(message.get("body", b""))

    await app(request.scope, receive, send)
    response.body = bytes(parts)
    return response


def _kept(response: Response) -> Answered:
    return Answered(
        status=response.status_code,
        body=bytes(response.body),
        media_type=response.headers.get("content-type"),
    )
