"""What is suspended, and attempts whose end nobody knows: what people settle by hand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.call_record import Disposition
from fairdial.errors import InputError
from fairdial.ledger.calls.suspensions import lift, suspend, suspended
from fairdial.ledger.people.complaints import settle, unknown_attempts
from fairdial.ledger.views.calls import has_attempt
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import CallId, Name, Why

router = APIRouter(tags=["suspensions"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_LINES))]
SeesCalls = Annotated[Caller, Depends(needs(Permission.SEE_CALLS))]
Stops = Annotated[Caller, Depends(needs(Permission.TAKE_COMPLAINTS))]
Lifts = Annotated[Caller, Depends(needs(Permission.LIFT_SUSPENSIONS))]
Settles = Annotated[Caller, Depends(needs(Permission.RUN_CAMPAIGNS))]


class Resource(StrEnum):
    TENANT = "tenant"
    LINE = "line"
    CALLER = "caller"
    SCRIPT = "script"


class SuspensionShown(BaseModel):
    resource: Resource
    name: str = Field(description="Of the line, the caller number, the script's hash.", examples=["trunk-1"])
    reason: str
    since: datetime
    suspended_by: str | None = Field(description="Who did it, and does not lift it; null when a brake did.")


class Suspension(BaseModel):
    resource: Resource
    name: Name = Field(examples=["trunk-1"])
    reason: Why


class AttemptShown(BaseModel):
    id: int
    permit_id: UUID
    dialled_at: datetime | None
    line_no: int
    line: str
    caller_number: str


class Settlement(BaseModel):
    disposition: Disposition = Field(description="What the carrier's record says.")
    record: Name = Field(description="Which record.", examples=["cdr-17"])


@router.get("/suspensions")
async def list_suspensions(who: Sees, app: Opened) -> list[SuspensionShown]:
    """What is suspended now, and why; the oldest first."""
    return [SuspensionShown.model_validate(dict(row)) for row in await suspended(app.database, tenant=who.tenant)]


@router.post("/suspensions", status_code=HTTPStatus.NO_CONTENT)
async def suspend_by_hand(asked: Suspension, who: Stops, app: Opened) -> None:
    """Suspend a line, a caller number, a script or the tenant; somebody else lifts it."""
    await suspend(
        app.database,
        tenant=who.tenant,
        resource=asked.resource,
        name=asked.name,
        reason=asked.reason,
        by=who.name,
    )


@router.post("/suspensions/lift", status_code=HTTPStatus.NO_CONTENT)
async def lift_suspension(asked: Suspension, who: Lifts, app: Opened) -> None:
    """Lift a suspension that somebody else, or a brake, has made; who and why is kept."""
    await lift(
        app.database,
        tenant=who.tenant,
        resource=asked.resource,
        name=asked.name,
        by=who.name,
        reason=asked.reason,
    )


@router.get("/attempts/unknown")
async def list_unknown(who: SeesCalls, app: Opened) -> list[AttemptShown]:
    """Attempts whose worker died while dialling; they count as made."""
    return [AttemptShown.model_validate(dict(row)) for row in await unknown_attempts(app.database, tenant=who.tenant)]


@router.post(
    "/attempts/{call_id}/settle",
    status_code=HTTPStatus.NO_CONTENT,
    responses={409: {"model": Problem, "description": "Its end is known."}},
)
async def settle_attempt(call_id: CallId, asked: Settlement, who: Settles, app: Opened) -> None:
    """Settle an unknown attempt with a carrier's record; it goes on counting as made."""
    if not await has_attempt(app.database, tenant=who.tenant, call_id=call_id):
        raise not_found("attempt")
    try:
        await settle(
            app.database,
            tenant=who.tenant,
            attempt_id=call_id,
            disposition=asked.disposition,
            record=asked.record,
            by=who.name,
        )
    except InputError as error:
        raise Refused(
            HTTPStatus.CONFLICT, "not-unknown", f"the end of attempt {call_id} is known 该呼叫结果已知"
        ) from error
