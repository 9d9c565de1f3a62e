"""What a server answers instead of what was asked for.

FairdialError
├── RemoteProblem   the server refuses: its own code and sentence
└── Unreachable     nobody answers at that address, or not as a server of fairdial does (exit 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import httpx
from pydantic import BaseModel, ValidationError

from fairdial.errors import FairdialError

_TYPE = "urn:fairdial:problem:"


class RemoteProblem(FairdialError):
    """A problem document (RFC 9457) of the server.

    Attributes:
        code: As the server's: what `fairdial.errors` and docs/reference.md name.
        status: Of the HTTP answer.
        fields: Where the request is wrong, field by field.
    """

    def __init__(self, code: str, detail: str, *, status: int, fields: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail)
        self.code, self.status, self.fields = code, status, tuple(fields)
        self.is_permanent = status not in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
        self.exit_code = {400: 2, 422: 2, 503: 3}.get(status, 1)


class Unreachable(FairdialError):
    """Nobody answers there."""

    code = "unreachable"
    is_permanent = False
    exit_code = 3


class _Sent(BaseModel):
    type: str
    detail: str
    errors: list[dict[str, str]] | None = None


def problem_of(answer: httpx.Response) -> RemoteProblem | Unreachable:
    """The problem an answer that was read brings; `Unreachable` when it was not written by fairdial, as a proxy's."""
    try:
        sent = _Sent.model_validate_json(answer.content)
    except ValidationError:
        return Unreachable(f"{answer.url.host} answers {answer.status_code}, and not as fairdial does 服务器应答异常")
    code = sent.type.removeprefix(_TYPE)
    return RemoteProblem(code, sent.detail, status=answer.status_code, fields=sent.errors or ())
