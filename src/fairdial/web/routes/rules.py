"""The rules this installation knows, as words: what is shown beside a rule's name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.policy.pack import Standing
from fairdial.web.asking import Opened, needs

router = APIRouter(tags=["rules"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]


class RuleShown(BaseModel):
    """As shipped; what a tenant adjusts is stricter, and about the same thing."""

    id: str = Field(examples=["CN-REFUSAL"])
    pack: str = Field(description="Jurisdiction.", examples=["CN"])
    standing: Standing = Field(description="`law` is in force; `default` is ours or the industry's, never law.")
    cite: str
    reason_zh: str = Field(description="Why it speaks against a call.", examples=["本人已明确拒绝"])
    reason_en: str = Field(examples=["the person has refused"])


@router.get("/rules")
async def list_rules(who: Sees, app: Opened) -> list[RuleShown]:
    """Every rule of every pack."""
    return [
        RuleShown(
            id=rule.id,
            pack=pack.jurisdiction,
            standing=rule.standing,
            cite=rule.cite,
            reason_zh=rule.reason.zh,
            reason_en=rule.reason.en,
        )
        for pack in app.packs.values()
        for rule in pack.rules
    ]
