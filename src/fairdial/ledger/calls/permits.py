"""The only room that issues permits: ask the gate, and spend what it gave, once.

Asking and spending both lock the person's row, so that two workers, two
campaigns or two tenants never spend one allowance twice, and a refusal that is
written between the two wins.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.pacing.routing import CallerState
from fairdial.core.pacing.starts import Slots
from fairdial.core.permit import Claimed, Permit, SpentPermit
from fairdial.core.policy.decide import Verdict, decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.opinion import Opinion
from fairdial.core.policy.pack import Pack
from fairdial.errors import PermitError
from fairdial.ledger.calls.facts import CalendarOf, Task, read_cases
from fairdial.ledger.calls.leases import LEASE, PERMIT_LIFE
from fairdial.ledger.calls.limits import room_now
from fairdial.ledger.calls.places import take
from fairdial.ledger.campaigns import spending
from fairdial.ledger.database import Database
from fairdial.ledger.routes import within_use


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The gate's answer for one contact; `permit` is set exactly when the outcome is `allow`."""

    verdict: Verdict
    permit: Permit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseOf:
    """The caller number a task shows, with its limits, and the region of each contact."""

    caller: CallerState
    areas: Mapping[int, str | None]


async def ask(
    database: Database,
    claimed: Sequence[Claimed],
    task: Task,
    packs: Mapping[str, Pack],
    calendar_of: CalendarOf,
    *,
    worker: str,
    use: UseOf | None = None,
) -> dict[int, Answer]:
    """Ask the gate for contacts, in one transaction that serialises on their persons, then on their lines.

    Writes the verdict always, the permit and the reserved attempt on `allow`. Of contacts that are one person
    the first is asked, the others in a transaction after it, which sees what the first was given. Who would be allowed and
    for whom the line has no place is not asked: the claim goes back, the contact is due as before.

    Args:
        use: What the task's caller number may still be used for, counted while nobody else is given it; None does not count.

    Returns:
        The answers by contact; one whose claim was lost, which was asked for already, or for which its campaign, its line or the
        caller number has no room left, has none.
    """
    answers: dict[int, Answer] = {}
    waiting = list(claimed)
    while waiting:
        first = list({one.person_id: one for one in reversed(waiting)}.values())
        answers |= await _ask_once(database, first, task, packs, calendar_of, worker, use)
        waiting = [one for one in waiting if one not in first]
    return answers


async def _ask_once(
    database: Database,
    claimed: Sequence[Claimed],
    task: Task,
    packs: Mapping[str, Pack],
    calendar_of: CalendarOf,
    worker: str,
    use: UseOf | None,
) -> dict[int, Answer]:
    async with database.transaction() as connection:
        await _lock_persons(connection, [one.person_id for one in claimed])
        held = await _still_held(connection, claimed, task, worker)
        if not held:
            return {}
        asked = held[: await room_now(connection, task.campaign_id)]
        if use is not None and asked:
            asked = await within_use(connection, use.caller, use.areas, asked)
        answers: dict[int, Answer] = {}
        if asked:
            cases = await read_cases(connection, asked, task, calendar_of, database.vault)
            verdicts = {contact: decide(case, packs) for contact, case in cases.items()}
            now = next(iter(cases.values())).now
            allowed = [one.contact_id for one in asked if verdicts[one.contact_id].outcome is Outcome.ALLOW]
            places = (await take(connection, {task.line: len(allowed)}))[task.line]
            without = set(allowed[places.count :])
            asked = [one for one in asked if one.contact_id not in without]
            permits = await _write(connection, asked, task, verdicts, now, worker, places)
            answers = {
                contact: Answer(verdict=verdicts[contact], permit=permits.get(contact)) for contact in _ids(asked)
            }
        await _release(connection, task, set(_ids(held)) - set(answers))
    return answers


def _ids(contacts: Sequence[Claimed]) -> list[int]:
    return [one.contact_id for one in contacts]


async def redeem(database: Database, permit: Permit) -> SpentPermit:
    """Spend a permit: mark it used and the attempt as dialling, or raise.

    Raises:
        PermitError: The permit is used or expired, was altered, the person has refused since, or its campaign does not run.
    """
    async with database.transaction() as connection:
        await connection.execute(_LOCK_OF_PERMIT, {"id": permit.id})
        spent = await connection.execute(
            _SPEND,
            {
                "id": permit.id,
                "contact": permit.contact_id,
                "caller": permit.caller_number,
                "line": permit.line,
                "script": permit.script_hash,
                "person": permit.person_id,
                "attempt": permit.attempt_id,
                "number": database.person_key.of(permit.number),
            },
        )
        used_at = spent.scalar_one_or_none()
        if used_at is None:
            raise PermitError(f"permit {permit.id} cannot be spent: used, expired, altered, refused since or paused")
    return SpentPermit(permit=permit, dialled_at=used_at)


async def _still_held(
    connection: AsyncConnection, claimed: Sequence[Claimed], task: Task, worker: str
) -> list[Claimed]:
    """Those of whom this worker's claim stands and the gate has not been asked since; their rows stay locked."""
    rows = await connection.execute(
        text(
            "SELECT contact_id FROM campaign_contact WHERE campaign_id = :campaign AND contact_id = ANY(:contacts)"
            " AND worker = :worker AND due_at IS NOT NULL ORDER BY id FOR UPDATE"
        ),
        {
            "campaign": task.campaign_id,
            "contacts": [one.contact_id for one in claimed],
            "worker": worker,
        },
    )
    held = {row.contact_id for row in rows}
    return [one for one in claimed if one.contact_id in held]


async def _release(connection: AsyncConnection, task: Task, contacts: Collection[int]) -> None:
    """Give back the claims of those for whom campaign, line or number has no room now; they stay due."""
    if not contacts:
        return
    await connection.execute(
        text(
            "UPDATE campaign_contact SET worker = NULL, lease_until = NULL WHERE campaign_id = :campaign"
            " AND contact_id = ANY(:contacts)"
        ),
        {"campaign": task.campaign_id, "contacts": sorted(contacts)},
    )


_LOCK_OF_PERMIT = text(
    f"SELECT p.id, pg_advisory_xact_lock_shared({spending('r.campaign_id')}) FROM person p JOIN attempt a ON a.person_id = p.id"
    " JOIN run r ON r.id = a.run_id WHERE a.permit_id = :id FOR NO KEY UPDATE OF p"
)
"""The person against refusals and other campaigns; the campaign, which all its calls share, against its pause."""

_SPEND = text(
    "WITH spent AS (UPDATE permit SET used_at = fairdial_now()"
    " WHERE id = :id AND used_at IS NULL AND expires_at > fairdial_now()"
    " AND contact_id = :contact AND caller_number = :caller AND line = :line AND script_hash = :script"
    " AND EXISTS (SELECT 1 FROM attempt a JOIN contact c ON c.id = a.contact_id WHERE a.permit_id = permit.id"
    " AND a.id = :attempt AND a.state = 'reserved' AND a.person_id = :person AND c.number_key = :number"
    " AND NOT EXISTS (SELECT 1 FROM refusal f WHERE f.person_id = a.person_id AND f.recorded_at > permit.issued_at)"
    " AND EXISTS (SELECT 1 FROM run r JOIN campaign k ON k.id = r.campaign_id WHERE r.id = a.run_id AND k.state = 'running'"
    " AND (k.stops_at IS NULL OR k.stops_at > fairdial_now())))"
    " RETURNING id, used_at),"
    " counted AS (UPDATE campaign k SET dialled_total = dialled_total + 1,"
    " dialled_today = CASE WHEN dialled_on = today.day THEN dialled_today ELSE 0 END + 1, dialled_on = today.day"
    " FROM spent JOIN attempt a ON a.permit_id = spent.id JOIN run r ON r.id = a.run_id,"
    " LATERAL (SELECT cast(spent.used_at AT TIME ZONE z.zone AS date) AS day FROM campaign z WHERE z.id = r.campaign_id) today"
    " WHERE k.id = r.campaign_id AND (k.daily_limit IS NOT NULL OR k.total_limit IS NOT NULL))"
    " UPDATE attempt SET state = 'dialing', dialled_at = spent.used_at FROM spent WHERE permit_id = spent.id"
    " RETURNING dialled_at"
)


async def _lock_persons(connection: AsyncConnection, persons: Sequence[int]) -> None:
    """Lock in one order for everybody, so that nobody waits for each other; rows that refer to a person may come meanwhile,
    so that an import of a million people holds nobody up.

    The commit need not wait for the disk: no permit is spent but by `redeem`, whose commit comes after this one and waits.
    """
    await connection.execute(
        text(
            "SELECT id, set_config('synchronous_commit', 'off', true) FROM person WHERE id = ANY(:ids) ORDER BY id"
            " FOR NO KEY UPDATE"
        ),
        {"ids": list(persons)},
    )


_WRITE = text(
    "WITH r AS (SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb))"
    " AS x(contact int, person int, outcome text, until timestamptz, opinions jsonb, packs text[], permit uuid)),"
    " v AS (INSERT INTO verdict (tenant_id, run_id, contact_id, decided_at, outcome, until, opinions, pack_versions)"
    " SELECT :tenant, :run, contact, :at, outcome, until, opinions, packs FROM r RETURNING id, contact_id),"
    " p AS (INSERT INTO permit (id, tenant_id, verdict_id, contact_id, caller_number, line, script_hash, issued_at,"
    " expires_at) SELECT r.permit, :tenant, v.id, r.contact, :caller, :line, :script, :at, :expires"
    " FROM r JOIN v ON v.contact_id = r.contact WHERE r.permit IS NOT NULL RETURNING id, contact_id),"
    " a AS (INSERT INTO attempt (tenant_id, permit_id, run_id, contact_id, person_id, state, worker, lease_until)"
    " SELECT :tenant, p.id, :run, r.contact, r.person, 'reserved', :worker, fairdial_now() + cast(:lease AS interval)"
    " FROM r JOIN p ON p.contact_id = r.contact RETURNING id, contact_id),"
    " c AS (UPDATE campaign_contact cc SET asked_run = :number, due_at = CASE WHEN r.outcome = 'wait' THEN r.until END,"
    " lease_until = CASE WHEN r.permit IS NOT NULL THEN cc.lease_until END,"
    " worker = CASE WHEN r.permit IS NOT NULL THEN cc.worker END"
    " FROM r WHERE cc.campaign_id = :campaign AND cc.contact_id = r.contact)"
    " SELECT id, contact_id FROM a"
)
"""Verdicts, and on `allow` permits and reserved attempts, in one statement; who waits is due when the wait is over, and a
claim that may not be dialled is given back at once."""


async def _write(
    connection: AsyncConnection,
    claimed: Sequence[Claimed],
    task: Task,
    verdicts: Mapping[int, Verdict],
    now: datetime,
    worker: str,
    places: Slots,
) -> dict[int, Permit]:
    """Write verdicts, permits and reservations; returns the permits by contact."""
    allowed = [one.contact_id for one in claimed if verdicts[one.contact_id].outcome is Outcome.ALLOW]
    permit_ids = {contact: uuid4() for contact in allowed}
    wait_s = {contact: places.wait_s(index) for index, contact in enumerate(allowed)}
    expires_at = now + PERMIT_LIFE
    rows = [_row(one, verdicts[one.contact_id], permit_ids.get(one.contact_id)) for one in claimed]
    reserved = await connection.execute(
        _WRITE,
        {
            "rows": f"[{','.join(rows)}]",
            "tenant": task.tenant_id,
            "run": task.run_id,
            "number": task.run_number,
            "campaign": task.campaign_id,
            "at": now,
            "caller": task.caller_number,
            "line": task.line,
            "script": task.script_hash,
            "expires": expires_at,
            "worker": worker,
            "lease": LEASE,
        },
    )
    attempts = {row.contact_id: row.id for row in reserved}
    return {
        one.contact_id: Permit(
            id=permit_ids[one.contact_id],
            attempt_id=attempts[one.contact_id],
            contact_id=one.contact_id,
            person_id=one.person_id,
            number=one.number,
            caller_number=task.caller_number,
            line=task.line,
            script_hash=task.script_hash,
            expires_at=expires_at,
            wait_s=wait_s[one.contact_id],
        )
        for one in claimed
        if one.contact_id in permit_ids
    }


def _row(one: Claimed, verdict: Verdict, permit: UUID | None) -> str:
    """One verdict for `_WRITE`, as JSON; its opinions are JSON already."""
    plain = {
        "contact": one.contact_id,
        "person": one.person_id,
        "outcome": verdict.outcome,
        "until": verdict.until.isoformat() if verdict.until else None,
        "packs": verdict.pack_versions,
        "permit": str(permit) if permit else None,
    }
    return f'{json.dumps(plain)[:-1]}, "opinions": {opinions_json(verdict)}}}'


def opinions_json(verdict: Verdict) -> str:
    """The opinions of a verdict as stored and reported: a JSON array, one object a rule; instants in UTC.

    What is empty is left out: a rule that allows has neither reason nor instant.
    """
    return f"[{', '.join([_opinion_json(o[:-1], tuple(o.facts.items())) for o in verdict.opinions])}]"


@lru_cache(maxsize=8192)
def _opinion_json(said: tuple[object, ...], facts: tuple[tuple[str, object], ...]) -> str:
    """One opinion; most of what rules say repeats from contact to contact of a campaign."""
    opinion = Opinion._make((*said, dict(facts)))._asdict()
    return _ENCODER.encode({name: value for name, value in opinion.items() if value not in ("", None)})


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
