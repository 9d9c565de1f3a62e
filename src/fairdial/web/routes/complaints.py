"""Complaints, with the times they are due."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.complaint_intake import Complained, receive_complaint
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.errors import InputError
from fairdial.given_number import require_number
from fairdial.ledger.people.complaints import close_complaint
from fairdial.ledger.views.against_us import complaints_page, has_complaint
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import Id, Name, PhoneNumber, Words

router = APIRouter(tags=["complaints"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_COMPLIANCE))]
Takes = Annotated[Caller, Depends(needs(Permission.TAKE_COMPLAINTS))]


class ComplaintShown(BaseModel):
    id: int = Field(examples=[7])
    category: str = Field(examples=["nuisance"])
    source: str = Field(examples=["12321"])
    caller_number: str | None = Field(description="Ours, as they named it.", examples=["+8615499990001"])
    line: str | None
    received_at: datetime
    acknowledge_by: datetime
    close_by: datetime
    closed_at: datetime | None


class NewComplaint(BaseModel):
    number: PhoneNumber
    category: Name = Field(description="nuisance, fraud, after_refusal, hours, other.", examples=["nuisance"])
    source: Name = Field(description="Who passed it on: person, carrier, 12321, regulator.", examples=["12321"])
    caller_number: Name | None = Field(
        default=None, description="The number that called, if it was named.", examples=["+8615499990001"]
    )
    words: Words = Field(default="", description="What was said; kept sealed.")


class ComplaintTaken(BaseModel):
    id: int
    acknowledge_by: datetime
    close_by: datetime
    stopped: list[str] = Field(description="What it suspended, and why.")


@router.get("/complaints")
async def list_complaints(who: Sees, app: Opened, after: After = None, limit: PageSize = 50) -> Page[ComplaintShown]:
    """A page of complaints, those that are open first, by when they are due."""
    rows = await complaints_page(app.database, tenant=who.tenant, after=_place(after), limit=limit)
    items = [ComplaintShown.model_validate(dict(row)) for row in rows]
    if len(items) < limit:
        return Page(items=items)
    last = items[-1]
    return Page(items=items, next=cursor(int(last.closed_at is not None), last.close_by.isoformat(), last.id))


def _place(after: str | None) -> tuple[bool, datetime, int] | None:
    key = key_of(after, int, str, int)
    if key is None:
        return None
    try:
        due = datetime.fromisoformat(str(key[1]))
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "cursor", "`after` is not the `next` of a page 翻页标记无效") from error
    return bool(key[0]), due, int(key[2])


@router.post("/complaints", status_code=HTTPStatus.CREATED)
async def take_complaint(asked: NewComplaint, who: Takes, app: Opened) -> ComplaintTaken:
    """Take a complaint in: it is a refusal too, and may suspend what it is about."""
    complained = Complained(
        number=require_number(asked.number, app.packs),
        caller_number=asked.caller_number,
        category=asked.category,
        source=asked.source,
        words=asked.words,
    )
    taken = await receive_complaint(app.database, app.packs, tenant=who.tenant, complained=complained, by=who.name)
    return ComplaintTaken(
        id=taken.id, acknowledge_by=taken.acknowledge_by, close_by=taken.close_by, stopped=list(taken.stopped)
    )


@router.post(
    "/complaints/{complaint}/close",
    status_code=HTTPStatus.NO_CONTENT,
    responses={409: {"model": Problem, "description": "It is closed already."}},
)
async def close(complaint: Id, who: Takes, app: Opened) -> None:
    """Say that a complaint has been answered."""
    if not await has_complaint(app.database, tenant=who.tenant, complaint=complaint):
        raise not_found("complaint")
    try:
        await close_complaint(app.database, tenant=who.tenant, complaint=complaint, by=who.name)
    except InputError as error:
        raise Refused(HTTPStatus.CONFLICT, "not-open", f"complaint {complaint} is closed already 已办结") from error
