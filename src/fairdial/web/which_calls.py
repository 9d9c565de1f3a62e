"""Which calls are asked for, by the same names in the list of calls and in reports; days and moments of a report."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime, BeforeValidator

from fairdial.core.call_record import Disposition
from fairdial.core.reporting import Stage
from fairdial.ledger.evidence import day_span
from fairdial.ledger.views.which_calls import Wanted
from fairdial.web.shapes import NO_NUL

_OR_NONE = "; `-` those without one."
_Text = Annotated[str | None, Query(min_length=1, max_length=200, pattern=NO_NUL)]
_Hash = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="Hash of the script version they spoke.")]
_Grade = Annotated[str | None, Query(pattern="^[A-F-]$", description=f"A to F{_OR_NONE}")]
_Region = Annotated[
    str | None, Query(min_length=1, max_length=200, pattern=NO_NUL, description=f"Of the number{_OR_NONE}")
]
_Outcome = Annotated[
    str | None, Query(min_length=1, max_length=200, pattern=NO_NUL, description=f"As the script names it{_OR_NONE}")
]
_Stage = Annotated[Stage | None, Query(description="Only calls that came this far.")]
_Hour = Annotated[
    int | None, Query(ge=0, le=23, description="Of the day on the person's own clock when they were dialled.")
]


def which_calls(
    campaign: _Text = None,
    script: _Hash = None,
    line: _Text = None,
    region: _Region = None,
    grade: _Grade = None,
    disposition: Disposition | None = None,
    outcome: _Outcome = None,
    stage: _Stage = None,
    hour: _Hour = None,
    since: Annotated[AwareDatetime | None, Query(description="Dialled then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Dialled before.")] = None,
) -> Wanted:
    """Only calls that meet all of these."""
    return Wanted(
        campaign=campaign,
        script=script,
        line=line,
        region=region,
        grade=grade,
        disposition=disposition,
        outcome=outcome,
        stage=stage,
        hour=hour,
        since=since,
        until=until,
    )


WhichCalls = Annotated[Wanted, Depends(which_calls)]


def _a_day(given: object) -> object:
    """ISO days only: a number of seconds is no day."""
    if not isinstance(given, str):
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(given)


Day = Annotated[
    date,
    BeforeValidator(_a_day),
    Query(ge=date(2000, 1, 1), lt=date(2200, 1, 1), description="In Beijing.", examples=["2026-11-30"]),
]


def reported_calls(
    first: Annotated[Day | None, Query(description="In Beijing; without it from the beginning.")] = None,
    last: Annotated[Day | None, Query(description="Included; without it until now.")] = None,
    campaign: _Text = None,
    script: _Hash = None,
    line: _Text = None,
    region: _Region = None,
    hour: _Hour = None,
) -> Wanted:
    """Calls of whole days."""
    return of_days(first, last, campaign=campaign, script=script, line=line, region=region, hour=hour)


def of_days(
    first: date | None,
    last: date | None,
    *,
    campaign: str | None = None,
    script: str | None = None,
    line: str | None = None,
    region: str | None = None,
    hour: int | None = None,
) -> Wanted:
    """Calls that were dialled on these days of Beijing, the last one included.

    Raises:
        InputError: The last day lies before the first.
    """
    since, until = day_span(first or last or date.min, last or first or date.max - timedelta(days=1))
    return Wanted(
        campaign=campaign,
        script=script,
        line=line,
        region=region,
        hour=hour,
        since=since if first else None,
        until=until if last else None,
    )


ReportedCalls = Annotated[Wanted, Depends(reported_calls)]


def asked_as(wanted: Wanted, **narrowed: object) -> dict[str, str]:
    """The query by which `GET /calls` shows exactly these calls."""
    values = {one.name: getattr(wanted, one.name) for one in fields(wanted)} | narrowed
    return {name: _written(value) for name, value in values.items() if value is not None}


def _written(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case Enum():
            return str(value.value)
        case _:
            return str(value)
