"""A campaign's life: its plan, what contradicts in it, and the moves an operator makes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field

from fairdial.app.campaigns import check_campaign, plan_campaign
from fairdial.campaign_plan import plan_as_plain, plan_from_plain
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.campaign.life import CampaignState, Move
from fairdial.core.campaign.plan import Holds
from fairdial.ledger.campaigns import move
from fairdial.ledger.views.campaigns import campaign_named
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import not_found

router = APIRouter(tags=["campaigns"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]
Runs = Annotated[Caller, Depends(needs(Permission.RUN_CAMPAIGNS))]


class CampaignFinding(BaseModel):
    code: str = Field(examples=["same-persons"])
    refuses: bool = Field(description="Whether it keeps the campaign from being started; else it deserves a look.")
    en: str
    zh: str


class CampaignStands(BaseModel):
    """How a campaign stands, and what a check finds in it."""

    state: CampaignState
    held_by: Holds | None = Field(description="What let nobody be asked for when somebody was due last.")
    held_until: datetime | None = Field(description="Null: until somebody changes it.")
    plan: dict[str, Any] = Field(description="docs/examples/campaign-plan.yaml tells its fields.")
    findings: list[CampaignFinding]


@router.get("/campaigns/{name}/check")
async def check(name: str, who: Sees, app: Opened) -> CampaignStands:
    """Check a campaign alone, with the law's hours, and beside the others that may still call."""
    await _known(app, who, name)
    found = await check_campaign(app, tenant=who.tenant, campaign=name)
    return CampaignStands(
        state=found.state,
        held_by=None if found.held is None else found.held.by,
        held_until=None if found.held is None else found.held.until,
        plan=plan_as_plain(found.plan),
        findings=[CampaignFinding(code=f.code, refuses=f.refuses, en=f.en, zh=f.zh) for f in found.findings],
    )


@router.put("/campaigns/{name}/plan")
async def put_plan(
    name: str,
    plan: Annotated[dict[str, Any], Body(description="docs/examples/campaign-plan.yaml tells its fields.")],
    who: Runs,
    app: Opened,
) -> CampaignStands:
    """Give a campaign its start and stop, hours, limits, priority and retries; what is left out is as if never set."""
    await _known(app, who, name)
    await plan_campaign(app, tenant=who.tenant, campaign=name, plan=plan_from_plain(plan), by=who.name)
    return await check(name, who, app)


@router.post("/campaigns/{name}/pause")
async def pause(name: str, who: Runs, app: Opened) -> CampaignStands:
    """Start no more calls, whoever runs it, from this answer on; living ones go on to their end."""
    return await _moved(name, Move.PAUSE, who, app)


@router.post("/campaigns/{name}/resume")
async def resume(name: str, who: Runs, app: Opened) -> CampaignStands:
    """Let a paused campaign call again; a run goes on with it."""
    return await _moved(name, Move.RESUME, who, app)


@router.post("/campaigns/{name}/finish")
async def finish(name: str, who: Runs, app: Opened) -> CampaignStands:
    """End a campaign for good."""
    return await _moved(name, Move.FINISH, who, app)


async def _moved(name: str, asked: Move, who: Caller, app: Opened) -> CampaignStands:
    await _known(app, who, name)
    await move(app.database, tenant=who.tenant, campaign=name, move=asked, by=who.name)
    return await check(name, who, app)


async def _known(app: Opened, who: Caller, name: str) -> None:
    if await campaign_named(app.database, tenant=who.tenant, name=name) is None:
        raise not_found("campaign")
