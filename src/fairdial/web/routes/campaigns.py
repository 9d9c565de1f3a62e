"""Campaigns: what they are, how far they have come, and why not further."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.app.campaigns import Plan, preview
from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.why import ContactStands
from fairdial.core.pacing.limits import Limit
from fairdial.ledger.setup import create_campaign_of_version
from fairdial.ledger.views.campaigns import campaign_named, campaigns, funnel
from fairdial.ledger.views.why import verdicts_page
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import not_found
from fairdial.web.shapes import Name, OpinionShown, Wanted

router = APIRouter(tags=["campaigns"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]
Runs = Annotated[Caller, Depends(needs(Permission.RUN_CAMPAIGNS))]

_MOST_ASKED = 500
"""Contacts one page of a preview asks the gate about at most: some 100 ms, most of it the database's."""


class CampaignShown(BaseModel):
    name: str
    purpose: str
    list: str
    script: str
    script_hash: str
    line: str
    caller_number: str
    state: CampaignState
    contacts: int
    run: int | None = Field(description="Number of the newest run; null before the first.")
    started_at: datetime | None
    ended_at: datetime | None
    is_running: bool = Field(description="Whether a process runs it now; one that died does not.")
    held_by: Limit | None = Field(description="While it runs, the limit without which more calls would start.")


class FunnelShown(BaseModel):
    """How far the contacts have come, over all runs."""

    contacts: int
    asked: dict[str, int] = Field(description="By the gate's newest answer: allow, wait, deny.")
    rules: dict[str, int] = Field(description="Contacts not allowed now, by the rule that speaks against them.")
    dispositions: dict[str, int]
    grades: dict[str, int]
    refusals: int
    without_permit: int = Field(description="Calls without a permit: the promise is 0.")


class PlanAsked(BaseModel):
    """Whom to call, with what, from where."""

    list: Name = Field(examples=["renewals"])
    script_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="A version of a script.")]
    line: Name = Field(examples=["trunk-1"])
    caller_number: Name = Field(examples=["+862150001234"])

    def plan(self) -> Plan:
        return Plan(
            contact_list=self.list, script_hash=self.script_hash, line=self.line, caller_number=self.caller_number
        )


class NewCampaign(PlanAsked):
    name: Annotated[Name, Field(examples=["renewals-december"])]
    more_lines: Annotated[list[Name], Field(max_length=50, description="Besides `line`; the healthiest is used.")] = []
    more_caller_numbers: Annotated[
        list[Name],
        Field(max_length=1000, description="Besides `caller_number`; each contact is always shown the same one."),
    ] = []


class PreviewAsked(PlanAsked):
    after: Annotated[str | None, Field(max_length=400, description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=_MOST_ASKED, description="Contacts a page.")] = _MOST_ASKED


class Hour(BaseModel):
    begins: datetime
    contacts: int


class PreviewShown(BaseModel):
    """What the gate says now of one page of contacts: sum the pages. It permits nothing; every call is asked for anew."""

    contacts: int = Field(description="All there are, on all pages.")
    asked: int = Field(description="On this page.")
    now: int
    later: list[Hour] = Field(description="Those who wait, by the hour in which they may be called.")
    never: int
    waiting: dict[str, int] = Field(
        description="Those whom each rule makes wait, by its name.", examples=[{"CN-HOURS": 3}]
    )
    denying: dict[str, int] = Field(description="Those whom each rule denies.", examples=[{"CN-REFUSAL": 2}])
    next: str | None = Field(description="Send it as `after` for the page that follows; null on the last.")


class GateOutcome(StrEnum):
    """How the gate last answered; `none` when it was not asked yet."""

    ALLOW = "allow"
    WAIT = "wait"
    DENY = "deny"
    NONE = "none"


class ContactVerdict(BaseModel):
    """Why a contact was called or was not."""

    contact_id: int
    line_no: int
    number: str = Field(description="Masked.", examples=["+86154****0001"])
    region: str | None
    kind: str
    done: str | None = Field(description="How the campaign ended for them; null while it goes on.")
    stands: ContactStands = Field(description="Being called, done, waiting, or never called as things stand.")
    waits_until: datetime | None
    why_en: str
    why_zh: str
    tries: int = Field(description="Calls dialled.")
    outcome: str | None = Field(description="Of the newest verdict.")
    until: datetime | None
    decided_at: datetime | None
    opinions: list[OpinionShown] = Field(description="Every rule that spoke, with its citation.")
    pack_versions: list[str]
    call: int | None = Field(description="The newest call.")
    disposition: str | None
    grade: str | None


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


@router.post("/campaigns", status_code=HTTPStatus.CREATED)
async def new_campaign(asked: NewCampaign, who: Runs, app: Opened) -> CampaignShown:
    """Create a campaign over a list; nobody is called by that alone."""
    await create_campaign_of_version(
        app.database,
        tenant=who.tenant,
        name=asked.name,
        contact_list=asked.list,
        script_hash=asked.script_hash,
        line=asked.line,
        caller_number=asked.caller_number,
        more_lines=asked.more_lines,
        more_caller_numbers=asked.more_caller_numbers,
        is_new=True,
    )
    return await show_campaign(asked.name, who, app)


@router.post("/campaigns/preview")
async def preview_plan(asked: PreviewAsked, who: Runs, app: Opened) -> PreviewShown:
    """Ask the gate whom it would let be called now, before the campaign exists; page by page."""
    return await _preview(app, who, asked.plan(), asked.script_hash, asked.after, asked.limit)


@router.get("/campaigns/{name}/preview")
async def preview_campaign(
    name: str, who: Sees, app: Opened, after: After = None, limit: PageSize = _MOST_ASKED
) -> PreviewShown:
    """Ask the gate whom it would let be called now; page by page."""
    row = await campaign_named(app.database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    return await _preview(app, who, name, row["script_hash"], after, limit)


@router.get("/campaigns/{name}/contacts")
async def list_verdicts(
    name: str,
    who: Sees,
    app: Opened,
    after: After = None,
    limit: PageSize = 50,
    outcome: GateOutcome | None = None,
    rule: Wanted = None,
) -> Page[ContactVerdict]:
    """A page of a campaign's contacts: why each was called or was not."""
    row = await campaign_named(app.database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    key = key_of(after, int)
    rows = await verdicts_page(
        app.database,
        campaign_id=row["id"],
        outcome=outcome,
        rule=rule,
        after=int(key[0]) if key else 0,
        limit=limit,
    )
    items = [
        ContactVerdict.model_validate(
            {
                **row,
                "contact_id": row["id"],
                "kind": row["number_kind"],
                "stands": row["why"].kind,
                "waits_until": row["why"].until,
                "why_en": row["why"].en,
                "why_zh": row["why"].zh,
                "number": masked(row.get("number", "")),
                "opinions": row["opinions"] or [],
                "pack_versions": row["pack_versions"] or [],
            }
        )
        for row in rows
    ]
    return Page(items=items, next=cursor(items[-1].contact_id) if len(items) == limit else None)


async def _preview(
    app: Opened, who: Caller, asked: Plan | str, script_hash: str, after: str | None, limit: int
) -> PreviewShown:
    key = key_of(after, int)
    page = await preview(
        app,
        tenant=who.tenant,
        asked=asked,
        script_hash=script_hash,
        after=int(key[0]) if key else 0,
        limit=limit,
    )
    counts = page.counts
    return PreviewShown(
        contacts=page.contacts,
        asked=page.asked,
        now=counts.now,
        later=[Hour(begins=begins, contacts=count) for begins, count in sorted(counts.later.items())],
        never=counts.never,
        waiting=counts.waiting,
        denying=counts.denying,
        next=None if page.last is None else cursor(page.last),
    )
