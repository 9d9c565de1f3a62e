"""Who read personal data, and what is removed when its time is over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.core.policy.pack import Standing
from fairdial.ledger.people.retention import plan_retention
from fairdial.ledger.views.readings import Wanted, readings_page, removals
from fairdial.retention import run_retention
from fairdial.tenant_law import law_of
from fairdial.web.asking import Opened, Recordings, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.shapes import Wanted as Only

router = APIRouter(tags=["personal data"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_COMPLIANCE))]
Removes = Annotated[Caller, Depends(needs(Permission.ERASE_PEOPLE))]


class ReadingShown(BaseModel):
    id: int
    at: datetime
    kind: str = Field(
        description="call.read, recording.read, person.read, follow_up.read, correction.read, list.export, evidence.export, read.refused.",
        examples=["call.read"],
    )
    by: str | None = Field(description="Who read, or asked to.")
    number: str | None = Field(description="Of whom, masked; null when it is about nobody alone, or they were erased.")
    reason: str | None = Field(description="Why, as they wrote it.")
    detail: dict[str, Any] = Field(description="The rest of the event.", examples=[{"call": 17}])


class DueShown(BaseModel):
    part: str = Field(examples=["recordings"])
    country: str | None = Field(description="Of the person; null when it is not known.")
    count: int
    ended_before: datetime
    duty: str
    days: float
    standing: Standing
    cite: str


class RemovalShown(BaseModel):
    id: int
    at: datetime
    by: str
    removed: dict[str, int] = Field(description="Rows by part.", examples=[{"turns": 12, "recordings": 3}])


class ToRemove(BaseModel):
    missing_are_gone: bool = Field(
        default=False, description="Recordings that are not found in the server's folder were removed by hand."
    )


class RemovedShown(BaseModel):
    removed: dict[str, int]
    not_found: int = Field(description="Recordings that are over and stay on record: their files are elsewhere.")


@router.get("/reads")
async def list_readings(
    who: Sees,
    app: Opened,
    after: After = None,
    limit: PageSize = 50,
    by: Only = None,
    kind: Only = None,
    call: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    since: Annotated[AwareDatetime | None, Query(description="Then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before.")] = None,
) -> Page[ReadingShown]:
    """A page of readings of personal data, and of those that were refused; the newest first."""
    key = key_of(after, int)
    wanted = Wanted(by=by, kind=kind, call=call, since=since, until=until)
    before = int(key[0]) if key else None
    rows = await readings_page(app.database, tenant=who.tenant, wanted=wanted, before=before, limit=limit)
    items = [
        ReadingShown.model_validate({**row, "number": masked(row["number"]) if row.get("number") else None})
        for row in rows
    ]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/retention/plan")
async def show_plan(who: Sees, app: Opened) -> list[DueShown]:
    """What a run would remove now, how much, and by which duty; nothing is changed."""
    law = await law_of(app.database, app.packs, tenant=who.tenant)
    plan = await plan_retention(app.database, law.packs, tenant=who.tenant)
    return [
        DueShown(
            part=due.part,
            country=due.cutoff.country,
            count=due.count,
            ended_before=due.cutoff.before,
            duty=due.cutoff.duty.id,
            days=due.cutoff.duty.days,
            standing=due.cutoff.duty.standing,
            cite=due.cutoff.duty.cite,
        )
        for due in plan.due
    ]


@router.get("/retention/runs")
async def list_removals(who: Sees, app: Opened, limit: PageSize = 50) -> list[RemovalShown]:
    """The newest runs: who, when, and how much of each part was removed."""
    return [
        RemovalShown.model_validate(dict(row)) for row in await removals(app.database, tenant=who.tenant, limit=limit)
    ]


@router.post("/retention/runs")
async def remove_what_is_over(asked: ToRemove, who: Removes, app: Opened, folder: Recordings) -> RemovedShown:
    """Remove what is over: recordings, words, consents that ended. It cannot be brought back; refusals stay."""
    law = await law_of(app.database, app.packs, tenant=who.tenant)
    removed = await run_retention(
        app.database,
        law.packs,
        tenant=who.tenant,
        recordings=folder,
        by=who.name,
        missing_are_gone=asked.missing_are_gone,
    )
    return RemovedShown(removed=dict(removed.counts), not_found=len(removed.not_found))
