"""What is suspended: by a brake that what people do has pulled, or by hand. The gate denies what stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.access.persons import is_same
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.brake import SHORT_S, Heard, must_stop
from fairdial.core.policy.pack import Brake
from fairdial.errors import AccessError, InputError
from fairdial.ledger.access.behind import people_behind
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id

_RESOURCES = {
    "caller": ("caller_number", "number"),
    "line": ("line", "name"),
    "script": ("script_version", "hash"),
    "tenant": ("tenant", "id::text"),
}
"""The table and column that hold each kind of resource."""

_HEARD = text(
    "WITH clock AS MATERIALIZED (SELECT fairdial_now() AS now, (SELECT fairdial_now()) - cast(:longest AS interval) AS first),"
    " call AS MATERIALIZED (SELECT p.caller_number, p.line, p.script_hash, a.tenant_id, a.person_id, a.answered_at,"
    " a.id IN (SELECT attempt_id FROM refusal WHERE understood_at > (SELECT first FROM clock) AND attempt_id IS NOT NULL)"
    " AS opt_out,"
    " a.disposition = 'answered' AND a.goodbye_ended_at IS NULL AND a.ended_at <= a.answered_at + cast(:short AS interval)"
    " AS short_hang_up,"
    " EXISTS (SELECT 1 FROM turn t WHERE t.attempt_id = a.id AND t.meaning = :asks_who) AS asks_who"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id WHERE a.answered_at > (SELECT first FROM clock)"
    " AND a.disposition <> 'voicemail'),"
    " reached AS MATERIALIZED (SELECT caller_number, line, script_hash, tenant_id::text AS tenant, max(answered_at) AS answered,"
    " max(answered_at) FILTER (WHERE opt_out) AS opt_out, max(answered_at) FILTER (WHERE short_hang_up) AS short_hang_up,"
    " max(answered_at) FILTER (WHERE asks_who) AS asks_who FROM call GROUP BY 1, 2, 3, 4, person_id),"
    " resource AS (SELECT 'caller' AS resource, number AS name, tenant_id FROM caller_number"
    " UNION ALL SELECT 'line', name, tenant_id FROM line UNION ALL SELECT 'script', hash, tenant_id FROM script_version"
    " UNION ALL SELECT 'tenant', id::text, id FROM tenant),"
    " looked_at AS MATERIALIZED (SELECT resource, name, tenant_id, place, signal, greatest((SELECT now FROM clock) - span,"
    " (SELECT max(lifted_at) FROM suspension x WHERE x.resource = r.resource AND x.name = r.name)) AS since"
    " FROM resource r CROSS JOIN"
    " unnest(cast(:signals AS text[]), cast(:spans AS interval[])) WITH ORDINALITY AS b (signal, span, place)"
    " WHERE NOT EXISTS (SELECT 1 FROM suspension x WHERE x.resource = r.resource AND x.name = r.name"
    " AND x.lifted_at IS NULL)),"
    " screened AS MATERIALIZED (SELECT p.caller_number, p.line, p.script_hash, a.tenant_id::text AS tenant, max(a.ended_at) AS blocked"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id WHERE a.sip_status = 608 AND a.ended_at > (SELECT first FROM clock)"
    " GROUP BY 1, 2, 3, 4, a.person_id),"
    " heard AS (SELECT resource, name, answered, opt_out, short_hang_up, asks_who, cast(NULL AS timestamptz) AS complaint,"
    " cast(NULL AS int) AS complained_to, cast(NULL AS timestamptz) AS blocked"
    " FROM reached CROSS JOIN LATERAL (VALUES ('caller', caller_number), ('line', line), ('script', script_hash),"
    " ('tenant', tenant)) AS of (resource, name)"
    " UNION ALL SELECT resource, name, NULL, NULL, NULL, NULL, NULL, NULL, blocked FROM screened CROSS JOIN LATERAL"
    " (VALUES ('caller', caller_number), ('line', line), ('script', script_hash), ('tenant', tenant)) AS of (resource, name)"
    " UNION ALL SELECT resource, name, NULL, NULL, NULL, NULL, received_at, complaint.tenant_id, NULL FROM complaint"
    " CROSS JOIN LATERAL (VALUES ('caller', caller_number), ('line', line), ('script', script_hash),"
    " ('tenant', tenant_id::text)) AS of (resource, name) WHERE received_at > (SELECT first FROM clock))"
    " SELECT resource, name, tenant_id, place, count(answered) AS answered, count(CASE signal WHEN 'complaint' THEN complaint"
    " WHEN 'opt_out' THEN opt_out WHEN 'short_hang_up' THEN short_hang_up WHEN 'asks_who' THEN asks_who"
    " WHEN 'blocked' THEN blocked END) AS signals"
    " FROM looked_at JOIN heard USING (resource, name) WHERE coalesce(answered, complaint, blocked) > since"
    " AND coalesce(complained_to, tenant_id) = tenant_id"
    " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4"
)
"""Counts of every brake for every resource that is not suspended, in one statement: since the brake's days began or
somebody last lifted a suspension. It judges nothing. A machine is nobody; a person counts once for each caller number, line and script that
reached them; every complaint counts, against what belongs to the tenant it was made to."""


async def pull_brakes(database: Database, brakes: Sequence[Brake]) -> tuple[str, ...]:
    """Suspend whatever a brake stops, in the whole installation; returns `resource name: why` for each that is new."""
    async with database.transaction() as connection:
        return await stop_what_must(connection, brakes)


async def stop_what_must(
    connection: AsyncConnection, brakes: Sequence[Brake], owner: int | None = None
) -> tuple[str, ...]:
    """The same inside the caller's transaction; with `owner` only what is that tenant's is told, whatever stops."""
    stopped = []
    for row in await _heard(connection, brakes):
        reason = must_stop(brakes[row.place - 1], Heard(signals=row.signals, answered=row.answered))
        is_new = reason and await _suspend(connection, row.resource, row.name, reason)
        if is_new and owner in (None, row.tenant_id):
            stopped.append(f"{row.resource} {row.name[:12]}: {reason}")
        if is_new and row.resource == "caller":
            stopped += await _review_with(connection, row.name, reason or "")
    return tuple(stopped)


async def _review_with(connection: AsyncConnection, number: str, reason: str) -> list[str]:
    """Take the lines and scripts of a number that was stopped into review: its calls go on nowhere else."""
    used = await connection.execute(_USED_WITH, {"number": number})
    stopped = []
    for row in used:
        why = f"主叫号码被停用,一并审查 in review with a caller number that was stopped: {reason}"
        if await _suspend(connection, row.resource, row.name, why):
            stopped.append(f"{row.resource} {row.name[:12]}: {why}")
    return stopped


_USED_WITH = text(
    "SELECT DISTINCT resource, name FROM permit p CROSS JOIN LATERAL (VALUES ('line', p.line), ('script', p.script_hash))"
    " AS of (resource, name) WHERE p.caller_number = :number AND p.used_at IS NOT NULL"
    " AND p.issued_at > fairdial_now() - interval '1 day' ORDER BY 1, 2"
)


async def _heard(connection: AsyncConnection, brakes: Sequence[Brake]) -> Sequence[Row[Any]]:
    if not brakes:
        return ()
    spans = [timedelta(days=brake.within_days) for brake in brakes]
    rows = await connection.execute(
        _HEARD,
        {
            "signals": [brake.signal for brake in brakes],
            "spans": spans,
            "longest": max(spans),
            "short": timedelta(seconds=SHORT_S),
            "asks_who": Meaning.ASK_IDENTITY,
        },
    )
    return rows.all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one brake has heard about one resource that it has not stopped."""

    resource: str
    name: str
    brake: Brake
    heard: Heard


async def read_brakes(database: Database, brakes: Sequence[Brake], *, tenant: str) -> tuple[Reading, ...]:
    """What the brakes have heard about a tenant's lines, numbers, scripts and itself; changes nothing."""
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        return tuple(
            Reading(
                resource=row.resource,
                name=row.name,
                brake=brakes[row.place - 1],
                heard=Heard(signals=row.signals, answered=row.answered),
            )
            for row in await _heard(connection, brakes)
            if row.tenant_id == owner and row.signals
        )


async def _suspend(
    connection: AsyncConnection,
    resource: str,
    name: str,
    reason: str,
    *,
    owner: int | None = None,
    by: str | None = None,
) -> bool:
    """Suspend a resource, of `owner` if it is given; False when it is suspended already or not known here."""
    table, column = _RESOURCES[resource]
    belongs_to = "id" if table == "tenant" else "tenant_id"
    done = await connection.execute(
        text(
            "INSERT INTO suspension (tenant_id, resource, name, reason, suspended_by)"
            f" SELECT {belongs_to}, :resource, :name, :reason, :by FROM {table} WHERE {column} = :name"
            f" AND (cast(:owner AS int) IS NULL OR {belongs_to} = :owner)"
            " ON CONFLICT (resource, name) WHERE lifted_at IS NULL DO NOTHING"
        ),
        {"owner": owner, "resource": resource, "name": name, "reason": reason, "by": by},
    )
    if done.rowcount:
        await connection.execute(_VOID, {"resource": resource, "name": name})
    return bool(done.rowcount)


_VOID = text(
    "UPDATE attempt a SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now() FROM permit p"
    " WHERE p.id = a.permit_id AND a.state = 'reserved' AND :name = CASE :resource WHEN 'line' THEN p.line"
    " WHEN 'caller' THEN p.caller_number WHEN 'script' THEN p.script_hash ELSE a.tenant_id::text END"
)
"""What was permitted over a resource that is now suspended and has not been dialled is not dialled."""


async def suspend(database: Database, *, tenant: str, resource: str, name: str, reason: str, by: str) -> None:
    """Suspend a resource by hand; who did does not lift it.

    Raises:
        InputError: It is not known or suspended already.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        if not await _suspend(connection, resource, name, reason, owner=owner, by=by):
            raise InputError(f"{resource} {name!r} is not known, or is suspended already")


async def lift(database: Database, *, tenant: str, resource: str, name: str, by: str, reason: str) -> None:
    """Lift a suspension; somebody named does it, for a reason that is kept, and not who suspended it.

    Raises:
        InputError: Nothing of that name is suspended.
        AccessError: `by` suspended it.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        lifted = await connection.execute(
            text(
                "UPDATE suspension SET lifted_at = fairdial_now(), lifted_by = :by, lift_reason = :reason"
                " WHERE resource = :resource AND name = :name AND tenant_id = :tenant AND lifted_at IS NULL"
                " RETURNING suspended_by"
            ),
            {
                "resource": resource,
                "name": name,
                "by": by,
                "reason": reason,
                "tenant": owner,
            },
        )
        row = lifted.one_or_none()
        if row is None:
            raise InputError(f"{resource} {name!r} is not suspended; `fairdial suspension list` shows what is")
        behind = () if row.suspended_by is None else await people_behind(connection, owner, row.suspended_by)
        if any(is_same(one, by) for one in behind):
            raise AccessError(f"{by} suspended it: somebody else lifts it 停用人不能自己解除,须由他人解除")


async def suspended(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """What is suspended now, oldest first."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT resource, name, reason, since, suspended_by FROM suspension WHERE tenant_id = :tenant AND lifted_at IS NULL"
                " ORDER BY since"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()
