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
from fairdial.core.pacing.breaker import State
from fairdial.core.pacing.caller_use import CallerKind, Repute, Sign
from fairdial.core.pacing.set_up import Fault
from fairdial.core.policy.brake import share_shown
from fairdial.core.policy.case import LineKind, Purpose
from fairdial.core.policy.pack import PLATFORM, Signal
from fairdial.core.trunk import NumberFormat, Probe, Transport, Trunk
from fairdial.ledger.calls.suspensions import read_brakes
from fairdial.ledger.parties import (
    CallerTerms,
    LineEntry,
    add_caller_number,
    add_line,
    caller_etag,
    end_of,
    line_etag,
)
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


Regions = Annotated[list[Name], Field(max_length=400, examples=[["上海", "江苏省"]])]


class TrunkTerms(BaseModel):
    """How a line is reached and what it reaches; a login's password is set with `fairdial line set`, and never shown."""

    transport: Transport = Transport.UDP
    srtp: bool = Field(default=False, description="Media are encrypted (SDES).")
    login: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    registers: bool = Field(default=False, description="We register there under the login.")
    regions: Regions | None = Field(default=None, description="Regions it reaches; null for all.")
    unavailable: Regions = Field(default_factory=list, description="Regions it does not reach for now.")
    cost: Annotated[float, Field(ge=0, le=1e6)] | None = Field(
        default=None, description="Of a minute, to compare lines by."
    )
    number_format: NumberFormat = NumberFormat.E164
    probe: Probe = Field(default=Probe.OPTIONS, description="`calls` for a carrier that answers no OPTIONS.")
    calls_per_second: Annotated[float, Field(gt=0, le=1e4)] | None = None


class LineHealth(BaseModel):
    """How a line stands for every worker; docs/why/lines.md."""

    state: State
    faults: list[Fault] = Field(description="Why it is not in use, the weightiest first.")
    since: datetime | None
    next_probe: datetime | None = Field(description="When a line that is out is tried next.")
    fault_share: float = Field(description="Of its last twenty set-ups, in [0, 1].")


class LineShown(Standing):
    name: str = Field(examples=["trunk-1"])
    kind: LineKind
    address: str = Field(description="host:port", examples=["192.0.2.10:5060"])
    capacity: int = Field(description="Calls at once.", examples=[20])
    purposes: list[Purpose]
    trunk: TrunkTerms
    health: LineHealth


class UseTerms(BaseModel):
    """What a number is and how much it may be used."""

    kind: CallerKind | None = Field(default=None, description="Null is read off the number.")
    region: Name | None = Field(default=None, description="Where it is registered; null for the whole country.")
    lines: Annotated[list[Name], Field(max_length=100)] | None = Field(
        default=None, description="The only lines it may be shown on; null for any."
    )
    hourly_limit: Annotated[int, Field(ge=0, le=100_000)] | None = Field(default=None, description="Null: by its kind.")
    daily_limit: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="Null: by its kind."
    )


class CallerShown(Standing):
    number: str = Field(examples=["+861012345678"])
    is_own: bool = Field(description="Registered to this enterprise.")
    terms: UseTerms
    rests_until: datetime | None = Field(description="Its hour was full; its contacts wait until then.")
    repute: Repute | None = Field(description="How it is taken; `poor` halves its use. Null before it was looked at.")
    signs: list[Sign] = Field(description="What says so.", examples=[["short_calls", "declined"]])


LastDay = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1), description="Last day, in Beijing.")]


class Line(BaseModel):
    name: Name = Field(examples=["trunk-1"])
    kind: LineKind = LineKind.CARRIER
    address: Name = Field(description="host:port", examples=["192.0.2.10:5060"])
    capacity: int = Field(ge=1, le=100_000, description="Calls at once; one process carries 120.", examples=[20])
    purposes: list[Purpose] = Field(min_length=1, max_length=3, examples=[["service"]])
    documents_until: LastDay = Field(examples=["2027-12-31"])
    trunk: TrunkTerms | None = Field(default=None, description="Null leaves what is registered.")


class CallerNumber(BaseModel):
    number: Name = Field(description="As it is shown, digits with or without +.", examples=["+861012345678"])
    is_own: bool = Field(default=True, description="Registered to this enterprise.")
    documents_until: LastDay = Field(examples=["2027-12-31"])
    terms: UseTerms | None = Field(default=None, description="Null leaves what is registered.")


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
        trunk=None if asked.trunk is None else _trunk(asked.trunk),
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
        terms=None if asked.terms is None else _terms(asked.terms),
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


def _trunk(asked: TrunkTerms) -> Trunk:
    told = asked.model_dump()
    regions = None if asked.regions is None else frozenset(asked.regions)
    return Trunk(**told | {"regions": regions, "unavailable": frozenset(asked.unavailable)})


def _terms(asked: UseTerms) -> CallerTerms:
    lines = None if asked.lines is None else frozenset(asked.lines)
    return CallerTerms(**asked.model_dump() | {"lines": lines})


def _line(row: RowMapping) -> LineShown:
    purposes = row["purposes"] or []
    trunk = {name: row[name] for name in TrunkTerms.model_fields} | {"unavailable": row["unavailable"] or []}
    health = {
        "state": row["state"],
        "faults": row["faults"],
        "since": row["state_since"],
        "next_probe": row["state_until"] if row["state"] == State.OPEN else None,
        "fault_share": row["fault_share"],
    }
    told = {"purposes": purposes, "trunk": trunk, "health": health, "etag": line_etag(row)}
    return LineShown.model_validate(_standing(row) | told)


def _caller(row: RowMapping) -> CallerShown:
    terms = {name: row[name] for name in UseTerms.model_fields}
    told = {"terms": terms, "repute": row["standing"], "signs": row["signs"] or [], "etag": caller_etag(row)}
    return CallerShown.model_validate(_standing(row) | told)


def _standing(row: RowMapping) -> dict[str, Any]:
    return {**row, "documents": documents(row["documents_until"], now=row["now"])}
