"""Requests to one server: the key on each, problems raised, and tries again where nothing can be done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, TypeAdapter

from fairdial.client.problems import Unreachable, problem_of
from fairdial.errors import SettingsError
from fairdial.settings import is_private_way

Model = TypeVar("Model")
Asked = Mapping[str, str | int | bool | datetime | None]
"""Of an address: what stands in its braces, or what follows the question mark; None is left out."""

PREFIX = "/api/v1"
_SAFE = frozenset({"GET", "HEAD"})
_TRIES = 4
_sleep = Event().wait
"""Nobody sets it: it lets the seconds pass."""
_LONGEST_WAIT_S = 30.0
_NOTHING: Asked = MappingProxyType({})


class Wire:
    """One server and one key.

    Args:
        wait: Lets seconds pass between two tries.

    Raises:
        SettingsError: The key would travel where others read along.
    """

    def __init__(
        self,
        server: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], object] = _sleep,
    ) -> None:
        if not is_private_way(server):
            raise SettingsError(
                "the server must begin with https://, or http:// to this machine or a private network 服务器地址须为 https"
            )
        self._wait = wait
        self._http = httpx.Client(
            base_url=server.rstrip("/") + PREFIX,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_s,
            transport=transport,
        )

    def close(self) -> None:
        self._http.close()

    def rest(self) -> None:
        """Before a stream is taken up again."""
        self._wait(1.0)

    def read(self, path: str, kind: type[Model], *, at: Asked = _NOTHING, query: Asked = _NOTHING) -> Model:
        """What stands at an address, as `kind`; `at` fills its braces.

        Raises:
            RemoteProblem, Unreachable: It was not answered.
        """
        return _as(kind, self._send("GET", _filled(path, at), params=_query(query)))

    def write(
        self,
        method: str,
        path: str,
        kind: type[Model],
        *,
        at: Asked = _NOTHING,
        body: BaseModel | None = None,
        repeat_key: str | None = None,
        if_match: str | None = None,
    ) -> Model:
        """Change something, once, however often it must be sent; `type(None)` for what answers nothing.

        Args:
            repeat_key: Your own name for this write (`Idempotency-Key`); a new one unless given.
            if_match: The etag of what was seen.

        Raises:
            RemoteProblem, Unreachable: As `read`.
        """
        headers = {"Idempotency-Key": repeat_key or str(uuid4())} | ({"If-Match": if_match} if if_match else {})
        content = None
        if body is not None:
            content, headers["Content-Type"] = body.model_dump_json(exclude_unset=True).encode(), "application/json"
        answer = self._send(method, _filled(path, at), content=content, headers=headers)
        return _as(kind, answer)

    @contextmanager
    def stream(self, path: str, *, at: Asked, last: str | None) -> Iterator[httpx.Response]:
        """An answer that goes on, from behind the event `last`.

        Raises:
            RemoteProblem, Unreachable: As `read`.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        with self._http.stream("GET", _filled(path, at), headers=headers) as answer:
            if not answer.is_success:
                answer.read()
                raise problem_of(answer)
            yield answer

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send it, and again where the server asks for it or was not there: reads, and writes that have a key."""
        may_repeat = method in _SAFE or "Idempotency-Key" in (headers or {})
        for left in range(_TRIES - 1 if may_repeat else 0, -1, -1):
            try:
                answer = self._http.request(method, path, params=params, content=content, headers=headers)
            except httpx.TransportError as error:
                if left == 0:
                    raise Unreachable(
                        f"{self._http.base_url.host} does not answer ({type(error).__name__}); is it running? 无法连接服务器"
                    ) from error
                self._wait(1.0)
                continue
            if answer.is_success:
                return answer
            wait_s = _asked_wait(answer)
            if left == 0 or wait_s is None:
                raise problem_of(answer)
            self._wait(wait_s)
        raise AssertionError("the last try returns or raises")


def _asked_wait(answer: httpx.Response) -> float | None:
    """Seconds after which the server wants to be asked again; None when it does not."""
    asked = answer.headers.get("Retry-After", "")
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or not asked.isdigit():
        return None
    return min(float(asked), _LONGEST_WAIT_S)


def _filled(path: str, at: Asked) -> str:
    return path.format_map({name: quote(str(value), safe="") for name, value in at.items()})


def _query(query: Asked) -> dict[str, str]:
    given = {name: value for name, value in query.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in given.items()}


def _as(kind: type[Model], answer: httpx.Response) -> Model:
    if kind is type(None):
        return None
    try:
        return TypeAdapter(kind).validate_json(answer.content)
    except ValueError as error:
        raise Unreachable(
            f"{answer.url.host} answers in another shape; are server and client of one version? 版本不一致"
        ) from error
