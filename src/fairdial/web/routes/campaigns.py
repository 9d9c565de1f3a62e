"""Campaigns: what they are, how far they have come, and why not further."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.ledger.views.campaigns import campaign_named, campaigns, funnel
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import not_found

router = APIRouter(tags=["campaigns"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]


class CampaignShown(BaseModel):
    name: str
    purpose: str
    list: str
    script: str
    script_hash: str
    line: str
    caller_number: str
    contacts: int
    run: int | None = Field(description="Number of the newest run; null before the first.")
    started_at: datetime | None
    ended_at: datetime | None
    is_running: bool = Field(description="Whether a process runs it now; one that died does not.")


class FunnelShown(BaseModel):
    """How far the contacts have come, over all runs."""

    contacts: int
    asked: dict[str, int] = Field(description="By the gate's newest answer: allow, wait, deny.")
    rules: dict[str, int] = Field(description="Contacts not allowed now, by the rule that speaks against them.")
    dispositions: dict[str, int]
    grades: dict[str, int]
    refusals: int
    without_permit: int = Field(description="Calls without a permit: the promise is 0.")


@router.get("/campaigns")
async def list_campaigns(who: Sees, app: Opened) -> list[CampaignShown]:
    """Every campaign, the newest first."""
    return [CampaignShown.model_validate(dict(row)) for row in await campaigns(app.database, tenant=who.tenant)]


@router.get("/campaigns/{name}")
async def show_campaign(name: str, who: Sees, app: Opened) -> CampaignShown:
    """One campaign."""
    row = await campaign_named(app.database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    return CampaignShown.model_validate(dict(row))


@router.get("/campaigns/{name}/funnel")
async def show_funnel(name: str, who: Sees, app: Opened) -> FunnelShown:
    """How many were asked, why not, how calls ended."""
    row = await campaign_named(app.database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    return FunnelShown.model_validate(asdict(await funnel(app.database, campaign_id=row["id"])))
