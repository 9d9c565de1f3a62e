"""Problems as RFC 9457 documents, one for every error of fairdial."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from fairdial.errors import AccessError, FairdialError, InputError, MissingError, ReviewError, SettingsError

TYPE = "urn:fairdial:problem:"
MEDIA_TYPE = "application/problem+json"

_TRY_AGAIN_S = 2
"""What passes by itself, as a database that starts anew, is asked for again after so long."""


class Problem(BaseModel):
    """What went wrong and what to do (RFC 9457)."""

    type: str = Field(description="Ends in the error's stable code.", examples=[f"{TYPE}input"])
    title: str = Field(examples=["Bad Request"])
    status: int = Field(examples=[400])
    detail: str = Field(description="A sentence with the remedy, English and Chinese.")
    errors: list[dict[str, str]] | None = Field(default=None, description="Where the request is wrong, field by field.")
    retry_after_s: int | None = None


class Refused(Exception):
    """Ends a request with a problem.

    Attributes:
        code: Stable, `kebab-case`.
        members: What this kind of problem tells besides (RFC 9457, section 3.2), as JSON values.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after_s = status, code, detail, retry_after_s
        self.headers, self.members = headers or {}, members or {}


def not_found(what: str) -> Refused:
    """It is not there; also when it is another tenant's."""
    return Refused(HTTPStatus.NOT_FOUND, "not-found", f"there is no such {what} 没有这个对象")


_STATUS: dict[type[FairdialError], HTTPStatus] = {  # the first that fits
    MissingError: HTTPStatus.NOT_FOUND,
    InputError: HTTPStatus.BAD_REQUEST,
    SettingsError: HTTPStatus.BAD_REQUEST,
    ReviewError: HTTPStatus.CONFLICT,
    AccessError: HTTPStatus.FORBIDDEN,
}


def tell(web: FastAPI) -> None:
    """Say in the contract of which type problems are; FastAPI gives them the type of the route's own answer."""
    written = web.openapi

    def openapi() -> dict[str, Any]:
        contract = written()
        for operations in contract["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if status >= "400" and "content" in answer:
                        answer["content"] = {MEDIA_TYPE: next(iter(answer["content"].values()))}
        return contract

    web.openapi = openapi  # type: ignore[method-assign]  # the place that FastAPI names for it


def answer_to(error: Refused | FairdialError) -> JSONResponse:
    """The problem document of an error."""
    if isinstance(error, Refused):
        answer = _answer(
            error.status, error.code, error.detail, retry_after_s=error.retry_after_s, members=error.members
        )
        answer.headers.update(error.headers)
        return answer
    status = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        status = HTTPStatus.INTERNAL_SERVER_ERROR if error.is_permanent else HTTPStatus.SERVICE_UNAVAILABLE
    again_s = _TRY_AGAIN_S if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return _answer(status, error.code, str(error), retry_after_s=again_s)


def crashed() -> JSONResponse:
    """The problem of a defect of ours; what it was stands in the log and is told to nobody."""
    detail = (
        "something went wrong here, and nothing was done; the server's log tells what 服务器内部错误,详情见服务器日志"
    )
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", detail)


def install(web: FastAPI) -> None:
    """Answer every error of a request with a problem document."""

    @web.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> JSONResponse:
        return answer_to(error)

    @web.exception_handler(FairdialError)
    async def ours(_request: Request, error: FairdialError) -> JSONResponse:
        return answer_to(error)

    @web.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        where = [
            {"field": ".".join(str(part) for part in one["loc"]), "detail": str(one["msg"])} for one in error.errors()
        ]
        detail = "the request does not have the shape that /api/docs describes 请求格式不正确"
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "shape", detail, errors=where)

    @web.exception_handler(DataError)
    async def unkeepable(_request: Request, _error: DataError) -> JSONResponse:
        """Whatever shape let it through: PostgreSQL keeps no NUL in a text, and no number beyond its columns."""
        detail = (
            "a value holds a control character, or is a number too large to be kept 内容含控制字符或数值过大,无法保存"
        )
        return _answer(HTTPStatus.BAD_REQUEST, "input", detail)

    @web.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        answer = _answer(status, status.phrase.lower().replace(" ", "-"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def _answer(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    retry_after_s: int | None = None,
    members: Mapping[str, Any] = MappingProxyType({}),
) -> JSONResponse:
    problem = Problem(
        type=TYPE + code, title=status.phrase, status=status, detail=detail, errors=errors, retry_after_s=retry_after_s
    )
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return JSONResponse(problem.model_dump(exclude_none=True) | dict(members), status, headers, media_type=MEDIA_TYPE)
