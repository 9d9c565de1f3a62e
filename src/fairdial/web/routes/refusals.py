"""Refusals: who must not be called, and those that came by another way than a call."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, model_validator

from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.given_number import require_number
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from fairdial.ledger.views.against_us import refusals_page
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.shapes import Name, PhoneNumber, Sentence, Wanted

router = APIRouter(tags=["refusals"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_COMPLIANCE))]
Takes = Annotated[Caller, Depends(needs(Permission.TAKE_REFUSALS))]


class Scope(StrEnum):
    """What a tenant may say of itself; for the whole platform the installation's operator speaks, on its command line."""

    PURPOSE = "purpose"
    TENANT = "tenant"


class RefusalShown(BaseModel):
    id: int
    number: str | None = Field(description="Masked; null when no list holds it.", examples=["+86154****0001"])
    scope: str = Field(examples=["tenant"])
    purpose: str | None
    source: str = Field(examples=["call"])
    kind: str = Field(examples=["hard"])
    call: int | None = Field(description="The call it was said in.")
    understood_at: datetime
    durable_at: datetime | None = Field(description="When its commit had returned.")


class NewRefusal(BaseModel):
    number: PhoneNumber
    source: Name = Field(description="How it came: sms, portal, letter, registry.", examples=["sms"])
    evidence: Sentence = Field(description="Where it can be read.", examples=["TD 2026-11-20 14:02"])
    scope: Scope = Scope.TENANT
    purpose: Purpose | None = Field(default=None, description="With the scope `purpose`, and with no other.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.scope is Scope.PURPOSE) != (self.purpose is not None):
            raise ValueError("`purpose` belongs to the scope `purpose`, and to no other")
        return self


class RefusalTaken(BaseModel):
    durable_at: datetime = Field(description="From then on nobody is called whom it binds.")


@router.get("/refusals")
async def list_refusals(
    who: Sees, app: Opened, after: After = None, limit: PageSize = 50, source: Wanted = None
) -> Page[RefusalShown]:
    """A page of refusals, the newest first."""
    key = key_of(after, int)
    before = int(key[0]) if key else None
    rows = await refusals_page(app.database, tenant=who.tenant, source=source, before=before, limit=limit)
    items = [_shown(row) for row in rows]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.post("/refusals", status_code=HTTPStatus.CREATED)
async def take_refusal(asked: NewRefusal, who: Takes, app: Opened) -> RefusalTaken:
    """Record a refusal that came by another way than a call; it takes effect at once."""
    notice = RefusalNotice(
        number=require_number(asked.number, app.packs).e164,
        source=asked.source,
        evidence=asked.evidence,
        scope=RefusalScope(asked.scope),
        purpose=asked.purpose,
    )
    return RefusalTaken(durable_at=await add_refusal(app.database, tenant=who.tenant, notice=notice, by=who.name))


def _shown(row: dict[str, Any]) -> RefusalShown:
    return RefusalShown.model_validate({**row, "number": masked(row["number"]) if row.get("number") else None})
