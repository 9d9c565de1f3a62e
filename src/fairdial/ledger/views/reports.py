"""What calls came to, counted by the database: by campaign, version, hour, region, line or grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.reporting import GRADES, Figures, Grouping, Measure, Stage, Tried
from fairdial.ledger.database import Database
from fairdial.ledger.views.which_calls import (
    ASKED,
    FROM_ASKED,
    FROM_CALLS,
    OF_TENANT,
    STAGES,
    Wanted,
    asked_conditions,
    conditions,
    hour_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group; `key` is None for calls without one. `name` is how it is called, where the key is no name."""

    key: str | int | None
    name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Groups, the hours in their order, others by calls; and all of them together."""

    rows: Sequence[Row]
    whole: Figures


async def counted(database: Database, *, tenant: str, by: Grouping, wanted: Wanted) -> Counted:
    """Calls that were dialled, and contacts the gate was asked about, in one snapshot."""
    found, values = conditions(wanted)
    calls = text(_CALLS.format(key=_KEYS[by], where=" AND ".join([_MADE, *found])))
    asked_found, asked_values = asked_conditions(wanted)
    asked_key = _KEYS[by]
    for column, instead in ASKED.items():
        asked_key = asked_key.replace(column, instead)
    asked_query = text(_ASKED.format(key=asked_key, where=" AND ".join([_ASKED_OWN, *asked_found])))
    async with database.engine.connect() as raw:
        connection = await raw.execution_options(isolation_level="REPEATABLE READ")
        rows = (await connection.execute(calls, values | {"tenant": tenant})).mappings().all()
        asked: dict[tuple[bool, object], int] = {}
        if by is not Grouping.GRADE:
            answers = await connection.execute(asked_query, asked_values | {"tenant": tenant})
            asked = {(bool(row.is_whole), row.key): row.contacts for row in answers}
        names = await _names(connection, tenant) if by is Grouping.SCRIPT_VERSION else {}
    made = {row["key"]: row for row in rows if not row["is_whole"]}
    keys = list(made) + [key for is_whole, key in asked if not is_whole and key not in made]
    if by in (Grouping.HOUR, Grouping.GRADE):
        keys.sort(key=lambda key: (key is None, key))
    whole = next(row for row in rows if row["is_whole"])
    is_parted = by is not Grouping.GRADE
    return Counted(
        rows=[
            Row(
                key=key,
                name=names.get(key),
                figures=_figures(made.get(key), asked.get((False, key), 0) if is_parted else None),
            )
            for key in keys
        ],
        whole=_figures(whole, asked.get((True, None), 0) if is_parted else None),
    )


async def tried(database: Database, *, tenant: str, wanted: Wanted) -> Tried:
    """People who were called so, each by the latest of these calls."""
    found, values = conditions(wanted)
    async with database.transaction() as connection:
        row = (
            (
                await connection.execute(
                    text(_TRIED.format(where=" AND ".join([_MADE, *found]))), values | {"tenant": tenant}
                )
            )
            .mappings()
            .one()
        )
    return Tried(
        people=row["people"], answered=row["answered"], hits={measure: row[measure.value] for measure in Measure}
    )


async def script_names(database: Database, *, tenant: str) -> dict[object, str]:
    """What the tenant's script versions are called, by their hash."""
    async with database.transaction() as connection:
        return await _names(connection, tenant)


async def given_by(database: Database, *, tenant: str, wanted: Wanted) -> Sequence[RowMapping]:
    """Through which campaigns and lists these calls were made, when, and how many."""
    found, values = conditions(wanted)
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT k.name AS campaign, l.name AS list, count(*) AS calls, min(a.dialled_at) AS first_at,"
                f" max(a.dialled_at) AS last_at {FROM_CALLS} JOIN list l ON l.id = k.list_id"
                f" WHERE {' AND '.join([_MADE, *found])} GROUP BY 1, 2 ORDER BY 4"
            ),
            values | {"tenant": tenant},
        )
        return rows.mappings().all()


async def in_both(database: Database, *, tenant: str, a: Wanted, b: Wanted) -> int:
    """How many people are among both."""
    (left, values), (right, others) = conditions(a), conditions(b, prefix="b_")
    people = [f"SELECT a.person_id {FROM_CALLS} WHERE {' AND '.join([_MADE, *one])}" for one in (left, right)]
    query = f"SELECT count(*) FROM ({' INTERSECT '.join(people)}) both_heard"
    async with database.transaction() as connection:
        found: int = (await connection.execute(text(query), values | others | {"tenant": tenant})).scalar_one()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What was promised, and whether it was kept, in a span of time.

    Attributes:
        without_permit: Calls without a permit that was valid when they were dialled.
        refusals: Heard or taken in; `not_durable` of those heard in a call were not yet written safely.
        despite_refusal: Calls to somebody who had refused them before, and has consented to nothing since.
        complaints: Received; `due` of all that are open at the end and due by then or within the next day; `overdue` of those.
    """

    calls: int
    without_permit: int
    refusals: int
    not_durable: int
    despite_refusal: int
    complaints: int
    open_complaints: int
    due: int
    overdue: int


async def promises(database: Database, *, tenant: str, since: datetime, until: datetime) -> Promises:
    """Counts over everything the tenant did between two moments, `until` not included."""
    async with database.transaction() as connection:
        row = (await connection.execute(_PROMISES, {"tenant": tenant, "since": since, "until": until})).mappings().one()
        return Promises(**row)


def _figures(row: RowMapping | None, asked: int | None) -> Figures:
    return Figures(
        asked=asked,
        stages={stage: row[stage.value] if row else 0 for stage in Stage},
        refused_of_answered=row["refused_of_answered"] if row else 0,
        grades={grade: row[f"grade_{grade}"] if row else 0 for grade in GRADES},
        talk_s=None if row is None or row["talk_s"] is None else float(row["talk_s"]),
    )


async def _names(connection: AsyncConnection, tenant: str) -> dict[object, str]:
    rows = await connection.execute(
        text(f"SELECT hash, name FROM script_version WHERE tenant_id = {OF_TENANT}"), {"tenant": tenant}
    )
    return {row.hash: row.name for row in rows}


_KEYS = {
    Grouping.CAMPAIGN: "k.name",
    Grouping.SCRIPT_VERSION: "p.script_hash",
    Grouping.HOUR: hour_of("a.dialled_at"),
    Grouping.REGION: "c.region",
    Grouping.LINE: "p.line",
    Grouping.GRADE: "a.grade",
}
_MADE = f"a.tenant_id = {OF_TENANT} AND a.dialled_at IS NOT NULL"
_ASKED_OWN = f"v.tenant_id = {OF_TENANT}"
_STAGES = ", ".join(f"{condition} AS {stage.value}" for stage, condition in STAGES.items())
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {stage.value}) AS {stage.value}" for stage in Stage)
_BY_GRADE = ", ".join(f"count(*) FILTER (WHERE grade = '{grade}') AS \"grade_{grade}\"" for grade in GRADES)
_OF_ANSWERED = ", ".join(
    f"count(*) FILTER (WHERE answered AND {one}) AS {one}" for one in ("spoke", "finished", "refused")
)
_CALLS = (
    "SELECT key, GROUPING(key) = 1 AS is_whole,"
    f" {_COUNTS}, count(*) FILTER (WHERE refused AND answered) AS refused_of_answered, {_BY_GRADE},"
    " avg(talk_s) FILTER (WHERE answered) AS talk_s"
    f" FROM (SELECT {{key}} AS key, a.grade, {_STAGES}, extract(epoch FROM a.ended_at - a.answered_at) AS talk_s"
    f" {FROM_CALLS} WHERE {{where}}) made GROUP BY GROUPING SETS ((key), ()) ORDER BY 2, dialled DESC, key"
)
_ASKED = (
    "SELECT key, GROUPING(key) = 1 AS is_whole, count(DISTINCT contact_id) AS contacts"
    f" FROM (SELECT {{key}} AS key, v.contact_id {FROM_ASKED} WHERE {{where}}) asked GROUP BY GROUPING SETS ((key), ())"
)
_TRIED = (
    "SELECT count(*) AS people, count(*) FILTER (WHERE answered) AS answered,"
    " count(*) FILTER (WHERE complained) AS complained,"
    f" {_OF_ANSWERED},"
    " count(*) FILTER (WHERE answered AND grade IN ('A', 'B')) AS grade_ab"
    f" FROM (SELECT DISTINCT ON (a.person_id) a.grade, {_STAGES} {FROM_CALLS} WHERE {{where}}"
    " ORDER BY a.person_id, a.dialled_at DESC, a.id DESC) latest"
)
_PROMISES = text(
    f"WITH made AS (SELECT a.*, p.issued_at, p.expires_at, p.used_at, k.purpose {FROM_CALLS}"
    f" WHERE {_MADE} AND a.dialled_at >= :since AND a.dialled_at < :until),"
    f" heard AS (SELECT * FROM refusal WHERE tenant_id = {OF_TENANT} AND understood_at >= :since AND understood_at < :until),"
    f" against AS (SELECT * FROM complaint WHERE tenant_id = {OF_TENANT} AND received_at < :until),"
    " still AS (SELECT * FROM against WHERE closed_at IS NULL OR closed_at >= :until)"
    " SELECT (SELECT count(*) FROM made) AS calls,"
    f" (SELECT count(*) FROM attempt a LEFT JOIN permit p ON p.id = a.permit_id WHERE {_MADE} AND a.dialled_at >= :since"
    " AND a.dialled_at < :until AND (p.id IS NULL OR p.used_at IS NULL OR p.used_at > p.expires_at)) AS without_permit,"
    " (SELECT count(*) FROM heard) AS refusals,"
    " (SELECT count(*) FROM heard WHERE attempt_id IS NOT NULL AND durable_at IS NULL) AS not_durable,"
    " (SELECT count(*) FROM made m WHERE EXISTS (SELECT FROM refusal f WHERE f.person_id = m.person_id"
    " AND f.recorded_at < m.dialled_at AND f.attempt_id IS DISTINCT FROM m.id AND (f.scope = 'platform' OR"
    " (f.tenant_id = m.tenant_id AND (f.scope = 'tenant' OR f.purpose IS NULL OR f.purpose = m.purpose)))"
    " AND NOT EXISTS (SELECT FROM consent n WHERE n.person_id = m.person_id AND n.tenant_id = m.tenant_id"
    " AND n.obtained_at > f.understood_at AND n.obtained_at <= m.dialled_at))) AS despite_refusal,"
    " (SELECT count(*) FROM against WHERE received_at >= :since) AS complaints,"
    " (SELECT count(*) FROM still) AS open_complaints,"
    " (SELECT count(*) FROM still WHERE close_by < cast(:until AS timestamptz) + interval '1 day') AS due,"
    " (SELECT count(*) FROM still WHERE close_by < :until) AS overdue"
)
