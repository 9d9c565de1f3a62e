"""`If-Match` and `If-None-Match` on things that two administrators may change at once (RFC 9110, section 13)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel

from fairdial.ledger.seen import NEW
from fairdial.web.problems import Problem, Refused

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="The `etag` of what you saw, in quotes; 412 when it has changed."
    ),
]
IfNew = Annotated[
    str | None, Header(alias="If-None-Match", max_length=200, description="`*`: 412 when there is one already.")
]


class Overtaken(Problem):
    """Somebody else was faster; `current` is what stands there now."""

    current: dict[str, Any] | None = None


OVERTAKEN: dict[int | str, dict[str, Any]] = {
    412: {"model": Overtaken, "description": "Somebody else has changed it since; look at `current` and try again."}
}


def seen(if_match: str | None, if_none_match: str | None = None) -> str | None:
    """What the ledger is told that was seen."""
    if if_match is not None:
        return if_match.strip().removeprefix("W/").strip('"') or "-"
    return NEW if if_none_match == "*" else None


def changed(current: BaseModel | None) -> Refused:
    """The problem of who was overtaken."""
    return Refused(
        HTTPStatus.PRECONDITION_FAILED,
        "changed",
        "somebody changed it meanwhile; look at what stands there now and save again 内容已被他人修改,请核对后再保存",
        members={"current": None if current is None else current.model_dump(mode="json")},
    )
