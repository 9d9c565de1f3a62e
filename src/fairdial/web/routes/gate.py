"""The law of a tenant as text, and the gate tried on any case: pure, permits nothing, calls nobody."""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from fairdial.cases import case_from_json, case_json
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.policy.decide import decide
from fairdial.core.policy.pack import PLATFORM, Brake, Confidence, Duty, Standing, Status
from fairdial.ledger.calls.permits import opinions_json
from fairdial.ledger.calls.runs import case_of
from fairdial.packs import calendar_of, example_case, with_calendars
from fairdial.rules_page import in_full
from fairdial.tenant_law import Law, adjusted_by, law_of
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import Id, OpinionShown

router = APIRouter(tags=["gate"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]
SeesPeople = Annotated[Caller, Depends(needs(Permission.SEE_PEOPLE))]

MOST_BYTES = 1 << 18
"""Of a case; one with a thousand earlier calls has 80 kB."""


class PackShown(BaseModel):
    jurisdiction: str = Field(description="Country, ISO 3166; `*` applies to every call.", examples=["CN"])
    version: str
    rules: int
    adjusted: int = Field(description="Rules that this enterprise has made stricter.")


class Words(BaseModel):
    zh: str
    en: str


class AdjustedBy(BaseModel):
    number: int
    by: str
    at: datetime


class AppliesTo(BaseModel):
    purposes: list[str]
    regions: list[str]
    topics: list[str]
    artificial_voice: bool | None


class ExampleShown(BaseModel):
    """Facts that depart from the pack's base case, and what this rule says then."""

    given: dict[str, Any]
    expect: str = Field(description="allow, wait, deny or silent.")
    until: datetime | None


class RuleInFull(BaseModel):
    id: str = Field(examples=["CN-HOURS"])
    kind: str
    applies_to: AppliesTo
    parameters: dict[str, Any] = Field(description="As this enterprise has them.")
    adjustable: str
    adjusted: AdjustedBy | None = Field(description="Who made it stricter; null when it is as shipped.")
    standing: Standing = Field(description="`law` is in force; `default` is ours or the industry's, never law.")
    status: Status
    confidence: Confidence = Field(description="How the cited text was seen: itself, reported, or not at all.")
    cite: str
    source: str
    effective_from: str | None
    effective_until: str | None
    reason: Words
    examples: list[ExampleShown]


class DutyShown(BaseModel):
    id: str
    kind: str
    days: float
    standing: Standing
    status: Status
    confidence: Confidence
    cite: str
    what: Words


class BrakeInFull(BaseModel):
    id: str
    signal: str
    within_days: float
    at_most: int | None
    at_most_ratio: float | None
    at_least: int
    standing: Standing
    cite: str
    reason: Words


class PackInFull(BaseModel):
    jurisdiction: str
    version: str
    rules: list[RuleInFull]
    duties: list[DutyShown]
    brakes: list[BrakeInFull]


class ExampleCase(BaseModel):
    jurisdiction: str
    case: dict[str, Any]


class Simulated(BaseModel):
    """The gate's answer to a case, with every rule that spoke."""

    outcome: str = Field(examples=["wait"])
    until: datetime | None
    opinions: list[OpinionShown]
    pack_versions: list[str]


class CaseFacts(BaseModel):
    case: dict[str, Any] = Field(description="docs/case.schema.json; holds no number and no name.")


@router.get("/packs")
async def list_packs(who: Sees, app: Opened) -> list[PackShown]:
    """The rule packs, that for every call first."""
    law = await law_of(app.database, app.packs, tenant=who.tenant)
    return [
        PackShown(
            jurisdiction=jurisdiction,
            version=law.packs[jurisdiction].version,
            rules=len(law.packs[jurisdiction].rules),
            adjusted=sum(rule.id in law.adjusted for rule in law.packs[jurisdiction].rules),
        )
        for jurisdiction in sorted(law.packs, key=lambda one: (one != PLATFORM, one != "CN", one))
    ]


@router.get("/packs/{name}")
async def show_pack(name: str, who: Sees, app: Opened) -> PackInFull:
    """One pack as this enterprise has it: every rule with its parameters, citation, confidence and worked examples."""
    law = await law_of(app.database, app.packs, tenant=who.tenant)
    if name not in law.packs:
        raise not_found("pack")
    pack = law.packs[name]
    return PackInFull(
        jurisdiction=name,
        version=pack.version,
        rules=[RuleInFull.model_validate(in_full(pack, rule, adjusted_by(law, rule.id))) for rule in pack.rules],
        duties=[_duty(duty) for duty in pack.duties],
        brakes=[_brake(brake) for brake in pack.brakes],
    )


@router.get("/packs/{name}/case")
async def show_example(name: str, who: Sees, app: Opened) -> ExampleCase:
    """A case in which every fact is known, to begin with in the simulator; a worked example's facts are laid over it."""
    if name not in app.packs:
        raise not_found("pack")
    return ExampleCase(jurisdiction=name, case=example_case(app.packs, name))


@router.get("/campaigns/{name}/contacts/{contact_id}/case")
async def show_case(name: str, contact_id: Id, who: SeesPeople, app: Opened) -> CaseFacts:
    """The facts of a contact as the gate would see them now; nobody is asked and nothing is written."""
    case = await case_of(app.database, tenant=who.tenant, campaign=name, contact_id=contact_id, calendar_of=calendar_of)
    if case is None:
        raise not_found("contact")
    return CaseFacts(case=case_json(case))


@router.post(
    "/gate/simulate",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": True,
                        "description": "docs/case.schema.json tells its fields.",
                    },
                    "example": {"now": "2026-11-25T09:40:00+08:00", "purpose": "service"},
                }
            },
        }
    },
    responses={413: {"model": Problem, "description": "No case is that long."}},
)
async def simulate(request: Request, who: Sees, app: Opened) -> Simulated:
    """Judge a case by the law of this enterprise, as `fairdial decide` does; a fact that is missing denies, as in earnest."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"a case has at most {MOST_BYTES >> 10} kB 案例过大"
            )
    case = case_from_json(bytes(content), name="case")
    law: Law = await law_of(app.database, app.packs, tenant=who.tenant)
    verdict = decide(with_calendars(case, law.packs), law.packs)
    return Simulated(
        outcome=verdict.outcome,
        until=verdict.until,
        opinions=[OpinionShown.model_validate(one) for one in json.loads(opinions_json(verdict))],
        pack_versions=list(verdict.pack_versions),
    )


def _duty(duty: Duty) -> DutyShown:
    return DutyShown(
        id=duty.id,
        kind=duty.kind,
        days=duty.days,
        standing=duty.standing,
        status=duty.status,
        confidence=duty.confidence,
        cite=duty.cite,
        what=Words(zh=duty.what.zh, en=duty.what.en),
    )


def _brake(brake: Brake) -> BrakeInFull:
    return BrakeInFull(
        id=brake.id,
        signal=brake.signal,
        within_days=brake.within_days,
        at_most=brake.at_most,
        at_most_ratio=brake.at_most_ratio,
        at_least=brake.at_least,
        standing=brake.standing,
        cite=brake.cite,
        reason=Words(zh=brake.reason.zh, en=brake.reason.en),
    )
