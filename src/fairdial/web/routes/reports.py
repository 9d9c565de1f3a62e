"""Reports: what calls came to, two script versions side by side, a day on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from fairdial.app.reports import NARROWS, Comparison, Version, compare_versions, day_report, export_calls, row_name
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.comparison import Share
from fairdial.core.reporting import Compared, Figures, Grouping, Measure, Stage
from fairdial.followup.day_pdf import day_pdf
from fairdial.followup.report_table import csv_of, xlsx_of
from fairdial.ledger.views.reports import Row, counted, script_names
from fairdial.ledger.views.which_calls import WITHOUT, Wanted
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import not_found
from fairdial.web.shapes import Name
from fairdial.web.which_calls import Day, ReportedCalls, asked_as, of_days

router = APIRouter(tags=["reports"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_REPORTS))]
_Hash = Annotated[str, Query(pattern="^[0-9a-f]{64}$")]
Calls = Annotated[
    dict[str, str],
    Field(description="The query by which `GET /calls` shows the calls behind it.", examples=[{"stage": "answered"}]),
]


class FigureShown(BaseModel):
    count: int
    calls: Calls


class RateShown(BaseModel):
    """`hits` of `of`, with Wilson's 95 % interval; `share` is null of none."""

    hits: int
    of: int
    share: float | None = Field(examples=[0.42])
    low: float
    high: float


class FiguresShown(BaseModel):
    asked: int | None = Field(
        description="Contacts the gate was asked about in this time; null by grade, which only calls have."
    )
    stages: dict[Stage, FigureShown] = Field(description="Calls that came so far.")
    grades: dict[str, FigureShown] = Field(description="Calls by grade; empty in a row that is a grade itself.")
    talk_s: float | None = Field(description="Mean seconds from answer to end, of those answered.")
    answer_rate: RateShown = Field(description="Answered of dialled.")
    refusal_rate: RateShown = Field(description="Refused of answered.")


class RowShown(FiguresShown):
    key: str | int | None = Field(description="Null: calls without one.", examples=["renewals-december"])
    name: str


class ReportShown(BaseModel):
    by: Grouping
    since: datetime | None = Field(description="Null: from the beginning.")
    until: datetime | None = Field(description="Not included; null: until now.")
    rows: list[RowShown]
    whole: FiguresShown


class GivenShown(BaseModel):
    campaign: str
    list: str
    calls: int
    first_at: datetime
    last_at: datetime


class VersionTried(BaseModel):
    """People who heard one version, each counted by the latest of their calls."""

    hash: str
    name: str
    people: int
    answered: int
    given: list[GivenShown] = Field(description="Through which campaigns and lists they were given it.")
    calls: Calls


class ComparedShown(BaseModel):
    measure: Measure
    a: RateShown
    b: RateShown
    points: float | None = Field(description="Share of b less that of a, in [-1, 1]; null when one is of none.")
    low: float = Field(description="Newcombe's 95 % interval of the difference.")
    high: float
    is_clear: bool = Field(description="Whether the interval leaves out 0; if not, no difference is shown.")


class ComparisonShown(BaseModel):
    a: VersionTried
    b: VersionTried
    measures: list[ComparedShown]
    is_random: bool = Field(
        description="Whether chance gave people their version. A campaign has one version, so it never did; the arms of a"
        " script's split are drawn (`fairdial report splits`)."
    )
    in_both: int = Field(description="People who are counted on both sides.")
    same_lists: bool
    same_days: bool


class FileKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class ExportAsked(BaseModel):
    """Which report is to be handed out."""

    by: Grouping
    first: Annotated[Day, Field(description="In Beijing.", examples=["2026-11-01"])]
    last: Annotated[Day, Field(description="Included.", examples=["2026-11-30"])]
    campaign: Name | None = None
    script: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    line: Name | None = None
    region: Name | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    file: FileKind

    def wanted(self) -> Wanted:
        return of_days(
            self.first,
            self.last,
            campaign=self.campaign,
            script=self.script,
            line=self.line,
            region=self.region,
            hour=self.hour,
        )


class DayAsked(BaseModel):
    day: Annotated[Day, Field(description="In Beijing.", examples=["2026-11-30"])]


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv"
_PDF = "application/pdf"


def _file_of(*kinds: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds},
            "description": "The file, with the mark of its export.",
        }
    }


@router.get("/reports/calls")
async def report_calls(who: Sees, app: Opened, wanted: ReportedCalls, by: Grouping = Grouping.CAMPAIGN) -> ReportShown:
    """What calls came to, parted; each figure with the calls behind it."""
    found = await counted(app.database, tenant=who.tenant, by=by, wanted=wanted)
    return ReportShown(
        by=by,
        since=wanted.since,
        until=wanted.until,
        rows=[_row(row, by, wanted) for row in found.rows],
        whole=FiguresShown.model_validate(_figures(found.whole, wanted, {})),
    )


@router.post("/reports/calls/export", response_class=Response, responses=_file_of(_XLSX, _CSV))
async def export_report(asked: ExportAsked, who: Sees, app: Opened) -> Response:
    """The same as a file; that it was taken is an event, whose mark stands in every row."""
    sheet = await export_calls(
        app, tenant=who.tenant, by=asked.by, wanted=asked.wanted(), who=who.name, file=asked.file.value
    )
    write, kind = (csv_of, _CSV) if asked.file is FileKind.CSV else (xlsx_of, _XLSX)
    name = f"calls-by-{asked.by}-{asked.first}-{asked.last}-{sheet.trace}.{asked.file}"
    return _attached(await run_in_threadpool(write, sheet), name, kind)


@router.post("/reports/day", response_class=Response, responses=_file_of(_PDF))
async def report_day(asked: DayAsked, who: Sees, app: Opened) -> Response:
    """A day on paper: the promises and whether they were kept, by hour and by campaign. That it was taken is an event."""
    report = await day_report(app, tenant=who.tenant, day=asked.day, who=who.name)
    return _attached(await run_in_threadpool(day_pdf, report), f"day-{asked.day}-{report.trace}.pdf", _PDF)


@router.get("/reports/ab")
async def compare_scripts(who: Sees, app: Opened, wanted: ReportedCalls, a: _Hash, b: _Hash) -> ComparisonShown:
    """Two script versions by what came of them; says when no difference is shown, and how people were given theirs."""
    names = await script_names(app.database, tenant=who.tenant)
    if a not in names or b not in names:
        raise not_found("script version")
    found = await compare_versions(app, tenant=who.tenant, a=a, b=b, wanted=wanted)
    return _comparison(found, names, wanted)


def _attached(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _row(row: Row, by: Grouping, wanted: Wanted) -> RowShown:
    own = {NARROWS[by]: WITHOUT if row.key is None else row.key}
    return RowShown.model_validate({"key": row.key, "name": row_name(row), **_figures(row.figures, wanted, own)})


def _figures(figures: Figures, wanted: Wanted, own: Mapping[str, object]) -> dict[str, Any]:
    def behind(count: int, **narrowed: object) -> dict[str, Any]:
        return {"count": count, "calls": asked_as(wanted, **{**own, **narrowed})}

    return {
        "asked": figures.asked,
        "stages": {stage: behind(figures.stages[stage], stage=stage) for stage in Stage},
        "grades": {
            grade: behind(count, stage=Stage.DIALLED, grade=grade)
            for grade, count in figures.grades.items()
            if "grade" not in own
        },
        "talk_s": figures.talk_s,
        "answer_rate": _rate(figures.answer_rate),
        "refusal_rate": _rate(figures.refusal_rate),
    }


def _rate(found: Share) -> RateShown:
    return RateShown(hits=found.hits, of=found.of, share=found.share, low=found.low, high=found.high)


def _comparison(found: Comparison, names: Mapping[object, str], wanted: Wanted) -> ComparisonShown:
    return ComparisonShown(
        a=_version(found.a, names, wanted),
        b=_version(found.b, names, wanted),
        measures=[_compared(one) for one in found.measures],
        is_random=False,
        in_both=found.in_both,
        same_lists=found.same_lists,
        same_days=found.same_days,
    )


def _version(version: Version, names: Mapping[object, str], wanted: Wanted) -> VersionTried:
    return VersionTried(
        hash=version.script,
        name=names[version.script],
        people=version.tried.people,
        answered=version.tried.answered,
        given=[GivenShown.model_validate(dict(row)) for row in version.given],
        calls=asked_as(wanted, script=version.script, stage=Stage.DIALLED),
    )


def _compared(one: Compared) -> ComparedShown:
    found = one.difference
    return ComparedShown(
        measure=one.measure,
        a=_rate(one.a),
        b=_rate(one.b),
        points=found.points,
        low=found.low,
        high=found.high,
        is_clear=found.is_clear,
    )
