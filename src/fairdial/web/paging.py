"""Pages read by key: `after` is the key of the last row of the page before, opaque to the reader."""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from fairdial.web.problems import Refused

Item = TypeVar("Item")

After = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
PageSize = Annotated[int, Query(ge=1, le=500, description="Rows a page.")]


class Page(BaseModel, Generic[Item]):
    """One page; `next` is null on the last."""

    items: list[Item]
    next: str | None = Field(default=None, description="Send it as `after` for the page that follows.")


def cursor(*key: str | int) -> str:
    """The key of a row, as it is sent."""
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode()


def key_of(after: str | None, *kinds: type) -> list[str | int] | None:
    """The key that was sent; None for the first page.

    Raises:
        Refused: Nobody was given this cursor.
    """
    if after is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise Refused(HTTPStatus.BAD_REQUEST, "cursor", "`after` is not the `next` of a page 翻页标记无效")
    return key
