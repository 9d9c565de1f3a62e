"""Lines and caller numbers of a tenant: what they may carry, what they carry now, and what their days came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import RowMapping, TextClause, text

from fairdial.core.contacts.check import LIST_ZONE
from fairdial.core.line_health import Made, Use, use_of
from fairdial.ledger.database import Database

DAYS = 7
"""Days of use that are counted, today included."""

_STATE = (
    "coalesce(st.state, 'closed') AS state, st.since AS state_since, st.until AS state_until, coalesce(st.faults, '{}') AS faults,"
    " coalesce(st.fault_share, 0) AS fault_share, st.probed_at"
)
_TRUNK = (
    "line.transport, line.srtp, line.login, line.registers, line.regions, line.unavailable, line.cost, line.number_format,"
    " line.probe, line.calls_per_second"
)
_STOPPED = (
    " LEFT JOIN suspension x ON x.resource = :resource AND x.name = {name} AND x.lifted_at IS NULL"
    " WHERE {table}.tenant_id = (SELECT id FROM tenant WHERE name = :tenant) ORDER BY {name}"
)
_LIVING = (
    "(SELECT count(*) FROM attempt a JOIN permit p ON p.id = a.permit_id"
    " WHERE a.tenant_id = {table}.tenant_id AND a.state = 'dialing' AND {used})"
)
_SEEN = "fairdial_now() AS now, x.since AS suspended_since, x.reason AS suspended_because, x.suspended_by"
_LINES = text(
    "SELECT line.name, line.kind, line.address, line.capacity, line.purposes, line.documents_until,"
    f" {_LIVING.format(table='line', used='p.line = line.name')} AS living, {_SEEN}, {_STATE}, {_TRUNK} FROM line"
    " LEFT JOIN line_state st ON st.line = line.name"
    f"{_STOPPED.format(table='line', name='line.name')}"
)
_CALLERS = text(
    "SELECT caller_number.number, caller_number.is_own, caller_number.documents_until, caller_number.kind, caller_number.region,"
    " caller_number.lines, caller_number.hourly_limit, caller_number.daily_limit, caller_number.rests_until,"
    " caller_number.standing, caller_number.signs,"
    f" {_LIVING.format(table='caller_number', used='p.caller_number = caller_number.number')} AS living, {_SEEN}"
    f" FROM caller_number{_STOPPED.format(table='caller_number', name='caller_number.number')}"
)


async def lines(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Every line with its living calls and its suspension, by name."""
    return await _rows(database, _LINES, tenant, "line")


async def caller_numbers(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Every caller number with its living calls and its suspension."""
    return await _rows(database, _CALLERS, tenant, "caller")


async def _rows(database: Database, query: TextClause, tenant: str, resource: str) -> Sequence[RowMapping]:
    async with database.transaction() as connection:
        found = await connection.execute(query, {"tenant": tenant, "resource": resource})
        rows: Sequence[RowMapping] = found.mappings().all()
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What was used within the last days, by the name of the line and by caller number."""

    days: tuple[date, ...]
    lines: Mapping[str, Use]
    callers: Mapping[str, Use]


_MADE = text(
    "SELECT (a.dialled_at AT TIME ZONE :zone)::date AS day, p.line, p.caller_number AS caller, c.region, count(*) AS dialled,"
    " count(*) FILTER (WHERE a.state = 'ended') AS ended, count(*) FILTER (WHERE a.disposition = 'answered') AS answered"
    " FROM attempt a JOIN permit p ON p.id = a.permit_id JOIN contact c ON c.id = a.contact_id"
    " WHERE a.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)"
    " AND a.dialled_at >= (cast(:first AS date)::timestamp AT TIME ZONE :zone) GROUP BY 1, 2, 3, 4"
)


async def uses(database: Database, *, tenant: str) -> Uses:
    """How often each line and caller number was used on each of the last days, where to, and how often somebody answered."""
    today = (await database.now()).astimezone(LIST_ZONE).date()
    days = tuple(today - timedelta(days=back) for back in reversed(range(DAYS)))
    async with database.transaction() as connection:
        rows = await connection.execute(_MADE, {"tenant": tenant, "zone": str(LIST_ZONE), "first": days[0]})
        made = [Made(**row) for row in rows.mappings()]
    return Uses(
        days=days,
        lines={name: use_of([m for m in made if m.line == name], days=days) for name in {m.line for m in made}},
        callers={name: use_of([m for m in made if m.caller == name], days=days) for name in {m.caller for m in made}},
    )
