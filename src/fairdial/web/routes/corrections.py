"""What people say of calls afterwards: what a sentence meant, which grade was due."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.dialogue.meaning import Meaning
from fairdial.ledger.calls.corrections import correct_grade, correct_turn, corrections_page
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import not_found
from fairdial.web.shapes import CallId, Sentence, Why

router = APIRouter(tags=["calls"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CALLS))]
Corrects = Annotated[Caller, Depends(needs(Permission.CORRECT_CALLS))]
Grade = Annotated[str, Field(pattern="^[A-F]$", examples=["B"])]
Position = Annotated[int, Path(ge=0, le=2**31 - 1)]


class TurnMeant(BaseModel):
    meaning: Meaning = Field(
        description="What they meant. refuse_hard and wrong_number are refusals, and take effect at once.",
        examples=["busy"],
    )
    heard: Sentence | None = Field(
        default=None, description="What they said, if it was heard wrong; kept sealed.", examples=["我在开车"]
    )


class GradeDue(BaseModel):
    grade: Grade
    reason: Why = Field(description="Kept sealed, for it may quote the person.", examples=["asked for a quote twice"])


class CorrectionListed(BaseModel):
    id: int
    call: int = Field(examples=[17])
    position: int | None = Field(description="Of the turn; null when it is about the call's grade.")
    meaning: str | None = Field(examples=["busy"])
    meaning_found: str | None = Field(description="What the machine understood.", examples=["refuse_soft"])
    grade: str | None
    grade_found: str | None = Field(description="The grade the machine gave.")
    by: str
    at: datetime


@router.put("/calls/{call_id}/turns/{position}/correction", status_code=HTTPStatus.NO_CONTENT)
async def correct_a_turn(call_id: CallId, position: Position, asked: TurnMeant, who: Corrects, app: Opened) -> None:
    """Say what a person meant with a sentence. What the machine understood stays beside it; the newest correction stands."""
    if not await correct_turn(
        app.database,
        tenant=who.tenant,
        call_id=call_id,
        position=position,
        meaning=asked.meaning,
        heard=asked.heard,
        by=who.name,
    ):
        raise not_found("turn")


@router.put("/calls/{call_id}/grade/correction", status_code=HTTPStatus.NO_CONTENT)
async def correct_a_grade(call_id: CallId, asked: GradeDue, who: Corrects, app: Opened) -> None:
    """Say which grade a call should have had, and why. The grade that was given stays beside it."""
    if not await correct_grade(
        app.database, tenant=who.tenant, call_id=call_id, grade=asked.grade, reason=asked.reason, by=who.name
    ):
        raise not_found("call")


@router.get("/corrections")
async def list_corrections(who: Sees, app: Opened, after: After = None, limit: PageSize = 50) -> Page[CorrectionListed]:
    """A page of corrections, the newest first, without anybody's words; a call shows those."""
    key = key_of(after, int)
    rows = await corrections_page(app.database, tenant=who.tenant, before=int(key[0]) if key else None, limit=limit)
    items = [CorrectionListed.model_validate(dict(row)) for row in rows]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)
