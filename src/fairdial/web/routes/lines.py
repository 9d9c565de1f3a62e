"""Lines and caller numbers: what they may carry, how they stand, what they are used for, and how near a brake is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.line_health import Documents, documents
from fairdial.core.policy.brake import share_shown
from fairdial.core.policy.case import LineKind, Purpose
from fairdial.core.policy.pack import PLATFORM, Signal
from fairdial.ledger.calls.suspensions import read_brakes
from fairdial.ledger.parties import LineEntry, add_caller_number, add_line, caller_etag, end_of, line_etag
from fairdial.ledger.seen import Overtaken
from fairdial.ledger.views.lines import caller_numbers, lines, uses
from fairdial.web.asking import Opened, needs
from fairdial.web.preconditions import OVERTAKEN, IfMatch, IfNew, changed, seen
from fairdial.web.shapes import Name

router = APIRouter(tags=["lines"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_LINES))]
Changes = Annotated[Caller, Depends(needs(Permission.CHANGE_LINES))]


class Standing(BaseModel):
    """How a line or a number stands now."""

    documents_until: datetime | None
    documents: Documents = Field(description="`end_soon` within 30 days; `missing` and `over` let no call out.")
    living: int = Field(description="Calls over it now.")
    suspended_since: datetime | None
    suspended_because: str | None
    suspended_by: str | None = Field(description="Who suspended it, and does not lift it; null when a brake did.")
    etag: str = Field(description="Send it as `If-Match` when you change what is registered.")


class LineShown(Standing):
    name: str = Field(examples=["trunk-1"])
    kind: LineKind
    address: str = Field(description="host:port", examples=["192.0.2.10:5060"])
    capacity: int = Field(description="Calls at once.", examples=[20])
    purposes: list[Purpose]


class CallerShown(Standing):
    number: str = Field(examples=["+861012345678"])
    is_own: bool = Field(description="Registered to this enterprise.")


LastDay = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1), description="Last day, in Beijing.")]


class Line(BaseModel):
    name: Name = Field(examples=["trunk-1"])
    kind: LineKind = LineKind.CARRIER
    address: Name = Field(description="host:port", examples=["192.0.2.10:5060"])
    capacity: int = Field(ge=1, le=100_000, description="Calls at once; one process carries 120.", examples=[20])
    purposes: list[Purpose] = Field(min_length=1, max_length=3, examples=[["service"]])
    documents_until: LastDay = Field(examples=["2027-12-31"])


class CallerNumber(BaseModel):
    number: Name = Field(description="As it is shown, digits with or without +.", examples=["+861012345678"])
    is_own: bool = Field(default=True, description="Registered to this enterprise.")
    documents_until: LastDay = Field(examples=["2027-12-31"])


class DayCount(BaseModel):
    what: date
    dialled: int
    answered: int


class RegionCount(BaseModel):
    what: str | None = Field(description="Region of the people called; null when it is not known.", examples=["上海"])
    dialled: int
    answered: int


class UseShown(BaseModel):
    dialled: int
    answer_rate: float | None = Field(description="Of the calls that have ended, in [0, 1]; null when none has.")
    days: list[DayCount] = Field(description="The last seven, today last.")
    regions: list[RegionCount] = Field(description="The most called first.")


class UsesShown(BaseModel):
    lines: dict[str, UseShown] = Field(description="By name; one that was not used does not stand here.")
    callers: dict[str, UseShown] = Field(description="By number.")


class BrakeShown(BaseModel):
    """What one brake has heard about one resource, which it has not stopped."""

    resource: str = Field(description="line, caller, script or tenant.", examples=["line"])
    name: str = Field(examples=["trunk-1"])
    id: str = Field(examples=["BRAKE-OPT-OUT"])
    signal: Signal
    reason_zh: str
    reason_en: str
    within_days: float
    signals: int = Field(description="Persons who gave the signal, or complaints.")
    answered: int = Field(description="Persons who answered.")
    at_least: int = Field(description="A share is not judged before this many persons answered.")
    at_most: int | None = Field(description="More signals stop it; null where a share counts.")
    at_most_ratio: float | None = Field(description="A greater share stops it, in [0, 1].")
    share: float | None = Field(description="The share that is shown so far, surely; null before enough answered.")


@router.get("/lines")
async def list_lines(who: Sees, app: Opened) -> list[LineShown]:
    """Every line, by name."""
    rows = await lines(app.database, tenant=who.tenant)
    return [_line(row) for row in rows]


@router.put("/lines", status_code=HTTPStatus.NO_CONTENT, responses=OVERTAKEN)
async def set_line(
    asked: Line, who: Changes, app: Opened, if_match: IfMatch = None, if_none_match: IfNew = None
) -> None:
    """Add a line, or change the one of this name; who did is an event. A suspension stands until it is lifted."""
    entry = LineEntry(
        name=asked.name,
        kind=asked.kind,
        address=asked.address,
        capacity=asked.capacity,
        purposes=frozenset(asked.purposes),
        documents_until=end_of(asked.documents_until),
    )
    kept = await add_line(app.database, tenant=who.tenant, line=entry, by=who.name, seen=seen(if_match, if_none_match))
    if isinstance(kept, Overtaken):
        raise changed(next((one for one in await list_lines(who, app) if one.name == asked.name), None))


@router.get("/callers")
async def list_callers(who: Sees, app: Opened) -> list[CallerShown]:
    """Every number that is shown to the people called."""
    rows = await caller_numbers(app.database, tenant=who.tenant)
    return [_caller(row) for row in rows]


@router.put("/callers", status_code=HTTPStatus.NO_CONTENT, responses=OVERTAKEN)
async def set_caller(
    asked: CallerNumber, who: Changes, app: Opened, if_match: IfMatch = None, if_none_match: IfNew = None
) -> None:
    """Add a caller number, or change it; who did is an event."""
    kept = await add_caller_number(
        app.database,
        tenant=who.tenant,
        number=asked.number,
        is_own=asked.is_own,
        documents_until=end_of(asked.documents_until),
        by=who.name,
        seen=seen(if_match, if_none_match),
    )
    if isinstance(kept, Overtaken):
        raise changed(next((one for one in await list_callers(who, app) if one.number == asked.number), None))


@router.get("/lines/use")
async def show_uses(who: Sees, app: Opened) -> UsesShown:
    """What lines and numbers were used for within seven days: by day, by region, and how often somebody answered."""
    return UsesShown.model_validate(asdict(await uses(app.database, tenant=who.tenant)))


@router.get("/brakes")
async def list_brakes(who: Sees, app: Opened) -> list[BrakeShown]:
    """What the brakes have heard about lines, numbers, scripts and the tenant; what they stopped is a suspension."""
    found = await read_brakes(app.database, app.packs[PLATFORM].brakes, tenant=who.tenant)
    return [
        BrakeShown(
            resource=one.resource,
            name=one.name,
            id=one.brake.id,
            signal=one.brake.signal,
            reason_zh=one.brake.reason.zh,
            reason_en=one.brake.reason.en,
            within_days=one.brake.within_days,
            signals=one.heard.signals,
            answered=one.heard.answered,
            at_least=one.brake.at_least,
            at_most=one.brake.at_most,
            at_most_ratio=one.brake.at_most_ratio,
            share=share_shown(one.brake, one.heard),
        )
        for one in found
    ]


def _line(row: RowMapping) -> LineShown:
    purposes = row["purposes"] or []
    etag = line_etag(row["kind"], row["address"], row["capacity"], purposes, row["documents_until"])
    return LineShown.model_validate(_standing(row) | {"purposes": purposes, "etag": etag})


def _caller(row: RowMapping) -> CallerShown:
    return CallerShown.model_validate(_standing(row) | {"etag": caller_etag(row["is_own"], row["documents_until"])})


def _standing(row: RowMapping) -> dict[str, Any]:
    return {**row, "documents": documents(row["documents_until"], now=row["now"])}
