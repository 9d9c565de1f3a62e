"""Reports: counted by the ledger, marked when they leave the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import RowMapping

from fairdial.app import App
from fairdial.core.comparison import Share
from fairdial.core.contacts.check import LIST_ZONE
from fairdial.core.reporting import GRADES, Compared, Figures, Grouping, Stage, Tried, compared
from fairdial.followup.day import Day, DayRow, Promise
from fairdial.followup.report_table import BY, Cell, Sheet
from fairdial.ledger.evidence import day_span
from fairdial.ledger.report_exports import note_report
from fairdial.ledger.views.reports import Counted, Promises, Row, counted, given_by, in_both, promises, tried
from fairdial.ledger.views.which_calls import Wanted

NARROWS = {
    Grouping.CAMPAIGN: "campaign",
    Grouping.SCRIPT_VERSION: "script",
    Grouping.HOUR: "hour",
    Grouping.REGION: "region",
    Grouping.LINE: "line",
    Grouping.GRADE: "grade",
}
"""By which filter the calls of a row are shown."""

GROUPED = {
    Grouping.CAMPAIGN: "外呼任务 campaign",
    Grouping.SCRIPT_VERSION: "话术版本 script version",
    Grouping.HOUR: "时段 hour",
    Grouping.REGION: "地区 region",
    Grouping.LINE: "线路 line",
    Grouping.GRADE: "意向等级 grade",
}
_STAGED = {
    Stage.DIALLED: "已拨打 dialled",
    Stage.ANSWERED: "已接通 answered",
    Stage.SPOKE: "对方开口 person spoke",
    Stage.FINISHED: "完整结束 finished",
    Stage.REFUSED: "拒绝 refused",
    Stage.COMPLAINED: "投诉 complaints",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One side of a comparison: what came of it, and through which campaigns and lists people were given it."""

    script: str
    tried: Tried
    given: Sequence[RowMapping]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of a script.

    Attributes:
        in_both: People who are counted on both sides.
        same_lists, same_days: Whether both were given to people of the same lists, and in overlapping spans of days.
    """

    a: Version
    b: Version
    measures: Sequence[Compared]
    in_both: int
    same_lists: bool
    same_days: bool


async def compare_versions(app: App, *, tenant: str, a: str, b: str, wanted: Wanted) -> Comparison:
    """Two script versions over the same filter. Which version somebody hears is the campaign's: it is never drawn by lot."""
    sides = [replace(wanted, script=script) for script in (a, b)]
    versions = [
        Version(
            script=str(side.script),
            tried=await tried(app.database, tenant=tenant, wanted=side),
            given=await given_by(app.database, tenant=tenant, wanted=side),
        )
        for side in sides
    ]
    left, right = versions
    lists = [{row["list"] for row in version.given} for version in versions]
    return Comparison(
        a=left,
        b=right,
        measures=compared(left.tried, right.tried),
        in_both=await in_both(app.database, tenant=tenant, a=sides[0], b=sides[1]),
        same_lists=lists[0] == lists[1],
        same_days=_overlap(left.given, right.given),
    )


def _overlap(a: Sequence[RowMapping], b: Sequence[RowMapping]) -> bool:
    if not a or not b:
        return False
    spans = sorted((min(row["first_at"] for row in rows), max(row["last_at"] for row in rows)) for rows in (a, b))
    return all(one[1].date() >= other[0].date() for one, other in pairwise(spans))


async def export_calls(app: App, *, tenant: str, by: Grouping, wanted: Wanted, who: str, file: str) -> Sheet:
    """The report as a table to hand out; that it was is an event, whose mark it carries.

    Args:
        who: Takes it.
        file: `csv` or `xlsx`, as the event tells.
    """
    found = await counted(app.database, tenant=tenant, by=by, wanted=wanted)
    narrowed = told(wanted)
    mark = await note_report(
        app.database,
        tenant=tenant,
        by=who,
        what={"report": "calls", "parted": by.value, "file": file, "filter": narrowed},
    )
    now = await app.database.now()
    return Sheet(
        title=f"{tenant} · 外呼报表 calls by {by.value}",
        about=[
            (BY, who),
            ("导出时间 at", _moment(now)),
            ("筛选 filter", "; ".join(f"{name}={value}" for name, value in narrowed.items())),
            ("说明 note", "接通率=接通/拨打,拒绝率=接通中拒绝/接通;区间为 95% Wilson 区间 rates with Wilson's 95 % interval"),
        ],
        header=[
            GROUPED[by], "询问许可的联系人 contacts asked", *_STAGED.values(), *(f"{grade} 级 grade {grade}" for grade in GRADES),
            "平均通话秒数 mean talk s", *_rate_header("接通率 answer rate"), *_rate_header("拒绝率 refusal rate"),
        ],
        rows=[_cells(row_name(row), row.figures) for row in found.rows] + [_cells("合计 all", found.whole)],
        trace=mark,
    )  # fmt: skip


def told(wanted: Wanted) -> dict[str, str]:
    """A filter in words an event may hold."""
    named = {name: getattr(wanted, name) for name in ("since", "until", "campaign", "script", "line", "region", "hour")}
    return {
        name: _moment(value) if isinstance(value, datetime) else str(value)
        for name, value in named.items()
        if value is not None
    }


def row_name(row: Row) -> str:
    """What a row is called; a version by its script's name and the beginning of its hash."""
    if row.name is not None:
        return f"{row.name} {str(row.key)[:12]}"
    return "—" if row.key is None else f"{row.key:02d}:00" if isinstance(row.key, int) else row.key


def _cells(name: str, figures: Figures) -> list[Cell]:
    return [
        name,
        figures.asked,
        *(figures.stages[stage] for stage in Stage),
        *(figures.grades[grade] for grade in GRADES),
        None if figures.talk_s is None else round(figures.talk_s, 1),
        *_rate(figures.answer_rate),
        *_rate(figures.refusal_rate),
    ]


def _rate_header(name: str) -> list[str]:
    return [f"{name} %", f"{name} 下限 low %", f"{name} 上限 high %"]


def _rate(found: Share) -> list[Cell]:
    return [None, None, None] if found.share is None else [found.share, found.low, found.high]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LIST_ZONE):%Y-%m-%d %H:%M} 北京时间"


async def day_report(app: App, *, tenant: str, day: date, who: str) -> Day:
    """One day of Beijing; that it was taken is an event, whose mark it carries."""
    since, until = day_span(day, day)
    wanted = Wanted(since=since, until=until)
    now = await app.database.now()
    return Day(
        tenant=tenant,
        day=day,
        promises=_promises(await promises(app.database, tenant=tenant, since=since, until=until)),
        by_hour=_day_rows(await counted(app.database, tenant=tenant, by=Grouping.HOUR, wanted=wanted)),
        by_campaign=_day_rows(await counted(app.database, tenant=tenant, by=Grouping.CAMPAIGN, wanted=wanted)),
        taken_by=who,
        taken_at=_moment(now),
        is_over=now >= until,
        trace=await note_report(
            app.database,
            tenant=tenant,
            by=who,
            what={"report": "day", "file": "pdf", "filter": {"day": day.isoformat()}},
        ),
    )


def _promises(found: Promises) -> list[Promise]:
    def promise(name: str, count: int) -> Promise:
        return Promise(name=name, count=count, is_kept=count == 0, kept="遵守 kept" if count == 0 else "违反 broken")

    def number(name: str, count: int) -> Promise:
        return Promise(name=name, count=count, is_kept=None, kept="")

    return [
        number("拨打 calls dialled", found.calls),
        promise("没有许可的呼叫 calls without a permit", found.without_permit),
        number("听到或登记的拒绝 refusals heard or taken in", found.refusals),
        promise("拒绝后仍被拨打(之后未再同意) calls to people who had refused", found.despite_refusal),
        promise("通话中听到而未落盘的拒绝 refusals heard and not written", found.not_durable),
        number("当日收到的投诉 complaints received", found.complaints),
        number("当日结束时未办结的投诉 complaints open at the end", found.open_complaints),
        number("其中次日内到期 of those due within the next day", found.due),
        promise("其中已超期 of those overdue", found.overdue),
    ]


def _day_rows(found: Counted) -> list[DayRow]:
    named = [(row_name(row), row.figures) for row in found.rows] + [("合计 all", found.whole)]
    shown = (Stage.DIALLED, Stage.ANSWERED, Stage.SPOKE, Stage.REFUSED, Stage.COMPLAINED)
    return [
        DayRow(
            name=name,
            counts=[figures.stages[stage] for stage in shown],
            answer_rate=figures.answer_rate,
            refusal_rate=figures.refusal_rate,
        )
        for name, figures in named
    ]
