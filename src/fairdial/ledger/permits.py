"""The only room that issues permits: ask the gate, and spend what it gave, once.

Asking and spending both lock the person's row, so that two workers, two
campaigns or two tenants never spend one allowance twice, and a refusal that is
written between the two wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.permit import Claimed, Permit, SpentPermit
from fairdial.core.policy.decide import Verdict, decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.opinion import Opinion
from fairdial.core.policy.pack import Pack
from fairdial.errors import PermitError
from fairdial.ledger.database import Database
from fairdial.ledger.facts import CalendarOf, Task, read_case

PERMIT_LIFE = timedelta(seconds=20)
"""A permit not spent within this time is void; the contact is asked for anew."""

LEASE = timedelta(seconds=15)
"""A worker that is silent for this long is dead; see `attempts.settle_dead`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The gate's answer for one contact; `permit` is set exactly when the outcome is `allow`."""

    verdict: Verdict
    permit: Permit | None


async def ask(
    database: Database,
    claimed: Claimed,
    task: Task,
    packs: Mapping[str, Pack],
    calendar_of: CalendarOf,
    *,
    worker: str,
) -> Answer:
    """Ask the gate for one contact, in one transaction that serialises on the person.

    Writes the verdict always, the permit and the reserved attempt on `allow`.
    """
    async with database.transaction() as connection:
        await _lock_person(connection, claimed.person_id)
        case = await read_case(connection, claimed, task, calendar_of)
        verdict = decide(case, packs)
        permit = await _write(connection, claimed, task, verdict, case.now, worker)
        return Answer(verdict=verdict, permit=permit)


async def redeem(database: Database, permit: Permit) -> SpentPermit:
    """Spend a permit: mark it used and the attempt as dialling, or raise.

    Raises:
        PermitError: The permit is used or expired, was altered, or the person has refused since.
    """
    async with database.transaction() as connection:
        await _lock_person(connection, permit.person_id)
        spent = await connection.execute(
            text(
                "UPDATE permit SET used_at = fairdial_now()"
                " WHERE id = :id AND used_at IS NULL AND expires_at > fairdial_now()"
                " AND contact_id = :contact AND caller_number = :caller AND line = :line AND script_hash = :script"
                " AND EXISTS (SELECT 1 FROM attempt WHERE permit_id = :id AND state = 'reserved')"
                " AND NOT EXISTS (SELECT 1 FROM refusal WHERE person_id = :person AND recorded_at > issued_at)"
                " RETURNING used_at"
            ),
            {
                "id": permit.id,
                "contact": permit.contact_id,
                "caller": permit.caller_number,
                "line": permit.line,
                "script": permit.script_hash,
                "person": permit.person_id,
            },
        )
        used_at = spent.scalar_one_or_none()
        if used_at is None:
            raise PermitError(f"permit {permit.id} cannot be spent: used, expired, altered or refused since")
        await connection.execute(
            text("UPDATE attempt SET state = 'dialing', dialled_at = :at WHERE id = :id"),
            {"at": used_at, "id": permit.attempt_id},
        )
    return SpentPermit(permit=permit, dialled_at=used_at)


async def _lock_person(connection: AsyncConnection, person_id: int) -> None:
    await connection.execute(text("SELECT id FROM person WHERE id = :id FOR UPDATE"), {"id": person_id})


_WRITE = text(
    "WITH v AS (INSERT INTO verdict (tenant_id, run_id, contact_id, decided_at, outcome, until, opinions, pack_versions)"
    " VALUES (:tenant, :run, :contact, :at, :outcome, :until, cast(:opinions AS jsonb), :packs) RETURNING id),"
    " p AS (INSERT INTO permit (id, tenant_id, verdict_id, contact_id, caller_number, line, script_hash, issued_at,"
    " expires_at) SELECT cast(:permit AS uuid), :tenant, v.id, :contact, cast(:caller AS text), cast(:line AS text),"
    " cast(:script AS text), cast(:at AS timestamptz), cast(:expires AS timestamptz) FROM v"
    " WHERE cast(:permit AS uuid) IS NOT NULL RETURNING id),"
    " a AS (INSERT INTO attempt (tenant_id, permit_id, run_id, contact_id, person_id, state, worker, lease_until)"
    " SELECT :tenant, p.id, :run, :contact, cast(:person AS int), 'reserved', cast(:worker AS text),"
    " fairdial_now() + cast(:lease AS interval) FROM p RETURNING id),"
    " c AS (UPDATE campaign_contact SET asked_run = :number,"
    " lease_until = CASE WHEN cast(:permit AS uuid) IS NOT NULL THEN lease_until END,"
    " worker = CASE WHEN cast(:permit AS uuid) IS NOT NULL THEN worker END"
    " WHERE campaign_id = :campaign AND contact_id = :contact RETURNING id)"
    " SELECT (SELECT id FROM a) AS attempt_id FROM v, c"
)
"""Verdict, and on `allow` permit and reserved attempt, in one statement; the contact is asked once a run, and a claim
that may not be dialled is given back at once."""


async def _write(
    connection: AsyncConnection, claimed: Claimed, task: Task, verdict: Verdict, now: datetime, worker: str
) -> Permit | None:
    permit_id = uuid4() if verdict.outcome is Outcome.ALLOW else None
    expires_at = now + PERMIT_LIFE
    row = await connection.execute(
        _WRITE,
        {
            "tenant": task.tenant_id,
            "run": task.run_id,
            "number": task.run_number,
            "campaign": task.campaign_id,
            "contact": claimed.contact_id,
            "person": claimed.person_id,
            "at": now,
            "outcome": verdict.outcome,
            "until": verdict.until,
            "opinions": opinions_json(verdict),
            "packs": list(verdict.pack_versions),
            "permit": permit_id,
            "caller": task.caller_number,
            "line": task.line,
            "script": task.script_hash,
            "expires": expires_at,
            "worker": worker,
            "lease": LEASE,
        },
    )
    attempt_id = row.scalar_one()
    if permit_id is None:
        return None
    return Permit(
        id=permit_id,
        attempt_id=attempt_id,
        contact_id=claimed.contact_id,
        person_id=claimed.person_id,
        number=claimed.number,
        caller_number=task.caller_number,
        line=task.line,
        script_hash=task.script_hash,
        expires_at=expires_at,
    )


def opinions_json(verdict: Verdict) -> str:
    """The opinions of a verdict as stored and reported: a JSON array, one object a rule; instants in UTC."""
    return f"[{', '.join([_opinion_json(o[:-1], tuple(o.facts.items())) for o in verdict.opinions])}]"


@lru_cache(maxsize=8192)
def _opinion_json(said: tuple[object, ...], facts: tuple[tuple[str, object], ...]) -> str:
    """One opinion; most of what rules say repeats from contact to contact of a campaign."""
    return _ENCODER.encode(Opinion._make((*said, dict(facts)))._asdict())


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
