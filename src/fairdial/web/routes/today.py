"""Today: what runs, what waits for somebody, and the one promise as a number."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.ledger.views.today import today
from fairdial.web.asking import Opened, needs
from fairdial.web.routes.suspensions import SuspensionShown

router = APIRouter(tags=["today"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]


class RunningCampaign(BaseModel):
    campaign: str = Field(examples=["renewal"])
    run: int
    started_at: datetime
    contacts: int
    asked: int = Field(description="Contacts the gate was asked about in this run.")
    living: int = Field(description="Calls that are being made.")


class WaitingCampaign(BaseModel):
    campaign: str = Field(examples=["renewal"])
    contacts: int
    not_before: datetime | None = Field(description="When the first may be called.")


class AwaitedReview(BaseModel):
    name: str = Field(examples=["insurance-renewal"])
    hash: str
    by: str = Field(description="Who submitted it, and does not decide about it.")
    at: datetime


class DueComplaint(BaseModel):
    id: int
    category: str = Field(examples=["nuisance"])
    received_at: datetime
    acknowledge_by: datetime
    close_by: datetime


class OwedFollowUps(BaseModel):
    kind: str = Field(examples=["hand_over"])
    number: int
    since: datetime


class TodayShown(BaseModel):
    """Lists hold twenty at most, and are null to whoever may not see what is in them."""

    since: datetime = Field(description="From when calls are counted: a day ago.")
    calls: int
    answered: int
    without_permit: int = Field(description="The promise is 0.")
    refusals: int
    unknown: int = Field(description="Calls whose end nobody knows; somebody settles them by the carrier's record.")
    running: list[RunningCampaign]
    waiting: list[WaitingCampaign]
    reviews: list[AwaitedReview] | None = Field(description="Script versions that wait for a second person.")
    complaints: list[DueComplaint] | None
    suspensions: list[SuspensionShown] | None
    call_backs: list[WaitingCampaign] | None = Field(description="Calls that people asked for, not made yet.")
    follow_ups: list[OwedFollowUps] | None = Field(description="Messages and hand-overs that were promised.")


_SEEN_WITH = {
    "reviews": Permission.SEE_SCRIPTS,
    "complaints": Permission.SEE_COMPLIANCE,
    "suspensions": Permission.SEE_LINES,
    "call_backs": Permission.SEE_CALLS,
    "follow_ups": Permission.SEE_CALLS,
}


@router.get("/today")
async def show_today(who: Sees, app: Opened) -> TodayShown:
    """What runs now, what waits for whoever asks, and how many calls had no permit."""
    found = await today(app.database, tenant=who.tenant)
    hidden = {name: None for name, permission in _SEEN_WITH.items() if not who.may(permission)}
    return TodayShown.model_validate({field.name: getattr(found, field.name) for field in fields(found)} | hidden)
