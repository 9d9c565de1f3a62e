"""Personal data whose time is over: found, and removed with an event that counts it.

Never removed here: refusals (the row and the keyed hash stay, the words go), consents in force or within their time, events, seals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.policy.pack import Pack
from fairdial.core.policy.retention import Cutoff, Data, cutoffs
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id

_ONE_COUNTRY = (
    "(SELECT CASE WHEN count(DISTINCT coalesce(c.country, '')) = 1 THEN min(c.country) END FROM contact c"
    " WHERE c.person_id = x.person_id AND c.tenant_id = :tenant)"
)
"""The country of a person's numbers when they are all of one; otherwise it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Rows of one table: how they are found (id, country, since when their time runs) and what removes them."""

    data: Data
    name: str
    found: str
    removed: str


_PARTS = (
    _Part(
        data=Data.RECORDING,
        name="recordings",
        found="SELECT x.id, c.country, x.ended_at AS since FROM attempt x JOIN contact c ON c.id = x.contact_id"
        " WHERE x.tenant_id = :tenant AND x.recording IS NOT NULL",
        removed="UPDATE attempt SET recording = NULL WHERE recording = ANY(:files) AND id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.RECORDING,
        name="recording_keys",
        found="SELECT k.id, c.country, x.ended_at AS since FROM recording_key k JOIN attempt x ON x.id = k.attempt_id"
        " JOIN contact c ON c.id = x.contact_id WHERE x.tenant_id = :tenant AND x.recording IS NULL",
        removed="DELETE FROM recording_key WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="turns",
        found="SELECT t.id, c.country, x.ended_at AS since FROM turn t JOIN attempt x ON x.id = t.attempt_id"
        " JOIN contact c ON c.id = x.contact_id WHERE x.tenant_id = :tenant"
        " AND t.sealed IS NOT NULL",
        removed="UPDATE turn SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="corrections",
        found="SELECT e.id, c.country, x.ended_at AS since FROM correction e JOIN attempt x ON x.id = e.attempt_id"
        " JOIN contact c ON c.id = x.contact_id WHERE x.tenant_id = :tenant AND e.sealed IS NOT NULL",
        removed="UPDATE correction SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="conversations",
        found="SELECT v.id, c.country, x.ended_at AS since FROM conversation v JOIN attempt x ON x.id = v.attempt_id"
        " JOIN contact c ON c.id = x.contact_id WHERE x.tenant_id = :tenant",
        removed="DELETE FROM conversation WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="announcements",
        found="SELECT x.id, c.country, x.ended_at AS since FROM attempt x JOIN contact c ON c.id = x.contact_id"
        " WHERE x.tenant_id = :tenant AND x.announcement IS NOT NULL",
        removed="UPDATE attempt SET announcement = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="call_backs",
        found="SELECT x.id, c.country, x.not_before AS since FROM call_back x JOIN contact c ON c.id = x.contact_id"
        " WHERE x.tenant_id = :tenant AND x.sealed IS NOT NULL",
        removed="UPDATE call_back SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="follow_ups",
        found="SELECT u.id, c.country, coalesce(u.done_at, u.created_at) AS since FROM follow_up u"
        " JOIN attempt x ON x.id = u.attempt_id JOIN contact c ON c.id = x.contact_id"
        " WHERE x.tenant_id = :tenant AND u.sealed IS NOT NULL",
        removed="UPDATE follow_up SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="refusals",
        found=f"SELECT x.id, {_ONE_COUNTRY} AS country, x.understood_at AS since FROM refusal x"
        " WHERE x.tenant_id = :tenant AND x.sealed IS NOT NULL",
        removed="UPDATE refusal SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.WORDS,
        name="complaints",
        found=f"SELECT x.id, {_ONE_COUNTRY} AS country, coalesce(x.closed_at, x.close_by) AS since FROM complaint x"
        " WHERE x.tenant_id = :tenant AND x.sealed IS NOT NULL",
        removed="UPDATE complaint SET sealed = NULL WHERE id IN (SELECT id FROM over)",
    ),
    _Part(
        data=Data.CONSENT,
        name="consents",
        found=f"SELECT x.id, {_ONE_COUNTRY} AS country, greatest(x.obtained_at, least(x.valid_until, x.revoked_at),"
        " (SELECT max(a.dialled_at) FROM attempt a WHERE a.person_id = x.person_id AND a.tenant_id = :tenant)) AS since"
        " FROM consent x WHERE x.tenant_id = :tenant"
        " AND (x.revoked_at IS NOT NULL OR x.valid_until < (SELECT fairdial_now()))",
        removed="DELETE FROM consent WHERE id IN (SELECT id FROM over)",
    ),
)

_OVER = (
    "WITH over AS (SELECT f.id, f.country FROM ({found}) f JOIN unnest(cast(:countries AS text[]),"
    " cast(:befores AS timestamptz[])) AS c (country, before) ON c.country IS NOT DISTINCT FROM f.country"
    " WHERE f.since < c.before) {then}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Rows of one table and country whose time is over, and the cutoff that says so."""

    part: str
    count: int
    cutoff: Cutoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be removed now, and the files of its recordings by name."""

    due: tuple[Due, ...]
    recordings: tuple[str, ...]


async def plan_retention(database: Database, packs: Mapping[str, Pack], *, tenant: str) -> Plan:
    """What a run would remove of this tenant's, by the tenant's law; changes nothing."""
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        limits = await _cutoffs(connection, packs, owner)
        due: list[Due] = []
        for part in _PARTS:
            mine = {limit.country: limit for limit in limits if limit.data is part.data}
            counted = await _each(
                connection, part, mine, owner, "SELECT country, count(*) AS n FROM over GROUP BY 1 ORDER BY 1"
            )
            due += [Due(part=part.name, count=row.n, cutoff=mine[row.country]) for row in counted]
        recordings = _PARTS[0]
        mine = {limit.country: limit for limit in limits if limit.data is recordings.data}
        named = "SELECT recording FROM attempt WHERE id IN (SELECT id FROM over) ORDER BY id"
        files = [row.recording for row in await _each(connection, recordings, mine, owner, named)]
    return Plan(due=tuple(due), recordings=tuple(files))


async def remove(
    database: Database, packs: Mapping[str, Pack], *, tenant: str, files_gone: Sequence[str], by: str
) -> Mapping[str, int]:
    """Remove what is over, in one transaction, with an event that counts it; returns the counts by part.

    Args:
        files_gone: Names of recordings whose files no longer exist; other recordings stay on record, to be found later.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        limits = await _cutoffs(connection, packs, owner)
        counts = {}
        for part in _PARTS:
            mine = {limit.country: limit for limit in limits if limit.data is part.data}
            files = list(files_gone)
            done = await _each(connection, part, mine, owner, f"{part.removed} RETURNING id", files=files)
            counts[part.name] = len(done)
        body = {"by": by, "removed": counts, "duties": sorted({limit.duty.id for limit in limits})}
        await note(connection, owner, "retention.run", body)
    return counts


async def _cutoffs(connection: AsyncConnection, packs: Mapping[str, Pack], owner: int) -> tuple[Cutoff, ...]:
    found = await connection.execute(
        text(
            "SELECT fairdial_now() AS now, seat, array(SELECT DISTINCT country FROM contact WHERE tenant_id = t.id) AS countries"
            " FROM tenant t WHERE id = :tenant"
        ),
        {"tenant": owner},
    )
    row = found.one()
    return cutoffs(packs, countries=frozenset({None, *row.countries}), seat=row.seat, now=row.now)


async def _each(
    connection: AsyncConnection, part: _Part, mine: Mapping[str | None, Cutoff], owner: int, then: str, **more: object
) -> Sequence[Row[Any]]:
    about = {"tenant": owner, "countries": list(mine), "befores": [limit.before for limit in mine.values()]}
    rows = await connection.execute(
        text(_OVER.format(found=part.found, then=then)), about | (more if ":files" in then else {})
    )
    return rows.all()
