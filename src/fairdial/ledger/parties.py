"""Those who call: the tenant, its lines and caller numbers, and the registries it keeps copies of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.check import LIST_ZONE
from fairdial.core.pacing.caller_use import CallerKind
from fairdial.core.policy.case import LineKind, Purpose, Role
from fairdial.core.trunk import NumberFormat, Probe, Transport, Trunk
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.line_checks import check_line, check_login
from fairdial.ledger.protection.sealed import of_line_secret
from fairdial.ledger.seen import Overtaken, etag_of, is_overtaken

_SHOWN = re.compile(r"\+?[0-9]{3,15}")
"""A caller number as a carrier shows it."""


def end_of(day: date) -> datetime:
    """The last moment of a day that documents or a contract hold."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=LIST_ZONE)


async def tenant_id(connection: AsyncConnection, name: str) -> int:
    """The tenant's id; a tenant that is new is added.

    One that is known is only read: the upsert would wait for every open transaction that wrote a row of the tenant's.
    """
    found = await connection.execute(_TENANT, {"name": name})
    known: int | None = found.scalar_one_or_none()
    if known is None:
        await connection.execute(
            text("INSERT INTO tenant (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"), {"name": name}
        )
        known = (await connection.execute(_TENANT, {"name": name})).scalar_one()
    return known


_TENANT = text("SELECT id FROM tenant WHERE name = :name")


async def other_tenants(database: Database, name: str) -> int:
    """How many tenants there are besides this one."""
    async with database.transaction() as connection:
        rows = await connection.execute(text("SELECT count(*) FROM tenant WHERE name <> :name"), {"name": name})
        return int(rows.scalar_one())


async def stored_seat(database: Database, *, tenant: str) -> str | None:
    """The country a tenant sits in; None when it is not known."""
    async with database.transaction() as connection:
        row = await connection.execute(text("SELECT seat FROM tenant WHERE name = :name"), {"name": tenant})
        seat: str | None = row.scalar_one_or_none()
    return seat


async def set_tenant(
    database: Database, *, tenant: str, seat: str, role: Role, purposes: Iterable[Purpose], contract_until: datetime
) -> None:
    """Write who the tenant is and what its contract covers."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE tenant SET seat = :seat, role = :role, purposes = :purposes, contract_until = :until WHERE id = :id"
            ),
            {
                "id": await tenant_id(connection, tenant),
                "seat": seat,
                "role": role,
                "purposes": sorted(purposes),
                "until": contract_until,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEntry:
    """A trunk as the operator describes it; `address` is host:port."""

    name: str
    kind: LineKind
    address: str
    capacity: int
    purposes: frozenset[Purpose]
    documents_until: datetime
    trunk: Trunk | None = None
    """None leaves what is registered of it."""


async def add_line(
    database: Database,
    *,
    tenant: str,
    line: LineEntry,
    password: str | None = None,
    by: str | None = None,
    seen: str | None = None,
) -> Overtaken | None:
    """Add or change a line; what it is now is an event, with who said so if they are named.

    Args:
        password: Of the trunk's login; None leaves the one that is kept, which is sealed.
        seen: The `line_etag` of what is changed, or `NEW`; None of who does not care.

    Raises:
        InputError: Its address is none, the name is another tenant's, or a carrier line would join a rehearsal clock.
    """
    check_line(line.name, line.address, line.capacity, line.trunk)
    check_login(line.trunk, password)
    async with database.transaction() as connection:
        if line.kind is LineKind.CARRIER:
            shifted = await connection.execute(text("SELECT count(*) FROM installation WHERE key = 'clock_offset'"))
            if shifted.scalar_one():
                raise InputError(
                    "this database has a rehearsal clock; real lines need a database of their own 演练库中不能登记真实线路"
                )
        owner = await tenant_id(connection, tenant)
        if is_overtaken(seen, await _stands(connection, _LINE_ETAG, line_etag, owner, line.name)):
            return Overtaken()
        row = await connection.execute(
            text(
                "INSERT INTO line (name, tenant_id, kind, address, capacity, purposes, documents_until)"
                " VALUES (:name, :tenant, :kind, :address, :capacity, :purposes, :until)"
                " ON CONFLICT (name) DO UPDATE SET address = excluded.address, kind = excluded.kind,"
                " capacity = excluded.capacity, purposes = excluded.purposes, documents_until = excluded.documents_until"
                " WHERE line.tenant_id = excluded.tenant_id"
            ),
            {
                "name": line.name,
                "tenant": owner,
                "kind": line.kind,
                "address": line.address,
                "capacity": line.capacity,
                "purposes": sorted(line.purposes),
                "until": line.documents_until,
            },
        )
        if not row.rowcount:
            raise InputError(f"line {line.name!r} is another's in this installation; choose another name 名称已被占用")
        if line.trunk is not None:
            await connection.execute(_SET_TRUNK, {"name": line.name, **_trunk_values(line.trunk)})
        if password is not None:
            secret = database.vault.seal(of_line_secret(line.name), {"password": password})
            await connection.execute(_SET_SECRET, {"tenant": owner, "line": line.name, "sealed": secret})
        body = {"name": line.name, "kind": line.kind, "address": line.address, "capacity": line.capacity}
        until = {"purposes": sorted(line.purposes), "documents_until": line.documents_until.isoformat(), "by": by}
        trunk = {} if line.trunk is None else {"trunk": _trunk_values(line.trunk)}
        await note(connection, owner, "line.set", body | until | trunk)
    return None


_TRUNK = (
    "transport", "srtp", "login", "registers", "regions", "unavailable", "cost", "number_format", "probe",
    "calls_per_second",
)  # fmt: skip
_SET_TRUNK = text(f"UPDATE line SET {', '.join(f'{name} = :{name}' for name in _TRUNK)} WHERE name = :name")
_SET_SECRET = text(
    "INSERT INTO line_secret (tenant_id, line, sealed) VALUES (:tenant, :line, :sealed)"
    " ON CONFLICT (line) DO UPDATE SET sealed = excluded.sealed"
)


def _trunk_values(trunk: Trunk) -> dict[str, object]:
    regions = None if trunk.regions is None else sorted(trunk.regions)
    return {name: getattr(trunk, name) for name in _TRUNK} | {
        "regions": regions,
        "unavailable": sorted(trunk.unavailable) or None,
    }


def trunk_of(row: Any) -> Trunk:
    """What a row of `line` registers beyond the address."""
    return Trunk(
        transport=Transport(row.transport),
        srtp=row.srtp,
        login=row.login,
        registers=row.registers,
        regions=None if row.regions is None else frozenset(row.regions),
        unavailable=frozenset(row.unavailable or ()),
        cost=row.cost,
        number_format=NumberFormat(row.number_format),
        probe=Probe(row.probe),
        calls_per_second=row.calls_per_second,
    )


async def line_password(database: Database, name: str) -> str | None:
    """The password of a trunk's login, if one is kept."""
    async with database.transaction() as connection:
        row = await connection.execute(text("SELECT sealed FROM line_secret WHERE line = :line"), {"line": name})
        sealed = row.scalar_one_or_none()
    return database.vault.open(of_line_secret(name), sealed).get("password") if sealed else None


def line_etag(row: Any) -> str:
    """Names what is registered of a line; a row of `line`, by column."""
    return _etag(row, (*_PLAIN_LINE, *_TRUNK))


_PLAIN_LINE = ("kind", "address", "capacity", "purposes", "documents_until")
_TERMS = ("kind", "region", "lines", "hourly_limit", "daily_limit")


def _etag(row: Any, columns: Iterable[str]) -> str:
    """Lists are sets here, and what is missing is empty."""
    values = [row[name] for name in columns]
    return etag_of(*[sorted(one) if isinstance(one, list) else one for one in values])


async def stored_line(database: Database, name: str) -> LineEntry:
    """A line by its name.

    Raises:
        InputError: There is none.
    """
    async with database.transaction() as connection:
        row = (await connection.execute(text("SELECT * FROM line WHERE name = :name"), {"name": name})).one_or_none()
    if row is None:
        raise InputError(f"line {name!r} is not known; add it with `fairdial line add` 没有这条线路")
    return _entry(row)


async def stored_lines(database: Database) -> list[tuple[str, LineEntry]]:
    """Every line of the installation, with the name of the enterprise it is of."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT l.*, t.name AS tenant FROM line l JOIN tenant t ON t.id = l.tenant_id ORDER BY l.name")
        )
        return [(row.tenant, _entry(row)) for row in rows]


def _entry(row: Row[Any]) -> LineEntry:
    return LineEntry(
        name=row.name,
        kind=LineKind(row.kind),
        address=row.address,
        capacity=row.capacity,
        purposes=frozenset(Purpose(p) for p in row.purposes or ()),
        documents_until=row.documents_until,
        trunk=trunk_of(row),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerTerms:
    """What a caller number is and may be used for; `kind` None is read off the number, limits None are those of its kind.

    `lines` None may be shown on any; `region` None is of the whole country.
    """

    kind: CallerKind | None = None
    region: str | None = None
    lines: frozenset[str] | None = None
    hourly_limit: int | None = None
    daily_limit: int | None = None


async def add_caller_number(
    database: Database,
    *,
    tenant: str,
    number: str,
    is_own: bool,
    documents_until: datetime,
    terms: CallerTerms | None = None,
    by: str | None = None,
    seen: str | None = None,
) -> Overtaken | None:
    """Add or change a number the tenant shows; what it is now is an event, with who said so if they are named.

    Args:
        terms: None leaves what is registered of them.
        seen: The `caller_etag` of what is changed, or `NEW`; None of who does not care.

    Raises:
        InputError: It is no number, or another tenant's of this installation.
    """
    if not _SHOWN.fullmatch(number):
        raise InputError(
            f"{number}: write the number as it is shown, digits with or without +, for example +861012345678"
            " 请按显示的样子填写号码"
        )
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        if is_overtaken(seen, await _stands(connection, _CALLER_ETAG, caller_etag, owner, number)):
            return Overtaken()
        row = await connection.execute(
            text(
                "INSERT INTO caller_number (number, tenant_id, is_own, documents_until) VALUES (:number, :tenant, :own, :until)"
                " ON CONFLICT (number) DO UPDATE SET is_own = excluded.is_own, documents_until = excluded.documents_until"
                " WHERE caller_number.tenant_id = excluded.tenant_id"
            ),
            {
                "number": number,
                "tenant": owner,
                "own": is_own,
                "until": documents_until,
            },
        )
        if not row.rowcount:
            raise InputError("this caller number is another's in this installation 该号码属于其他企业")
        if terms is not None:
            lines = None if terms.lines is None else sorted(terms.lines)
            await connection.execute(_SET_TERMS, {"number": number, **asdict(terms), "lines": lines})
        body = {"number": number, "is_own": is_own, "documents_until": documents_until.isoformat(), "by": by}
        await note(connection, owner, "caller.set", body)
    return None


_SET_TERMS = text(
    "UPDATE caller_number SET kind = :kind, region = :region, lines = :lines, hourly_limit = :hourly_limit,"
    " daily_limit = :daily_limit WHERE number = :number"
)


def caller_etag(row: Any) -> str:
    """Names what is registered of a caller number; a row of `caller_number`, by column."""
    return _etag(row, ("is_own", "documents_until", *_TERMS))


_LINE_ETAG = text("SELECT * FROM line WHERE tenant_id = :tenant AND name = :name FOR UPDATE")
_CALLER_ETAG = text("SELECT * FROM caller_number WHERE tenant_id = :tenant AND number = :name FOR UPDATE")


async def _stands(
    connection: AsyncConnection, query: TextClause, named: Callable[..., str], owner: int, name: str
) -> str | None:
    """The etag of what stands there, held until the transaction ends; None for nothing."""
    row = (await connection.execute(query, {"tenant": owner, "name": name})).mappings().one_or_none()
    return None if row is None else named(row)


async def replace_registry(
    database: Database, *, name: str, copied_at: datetime, entries: Iterable[tuple[str, datetime | None]]
) -> int:
    """Put a fresh copy of a do-not-call registry in the place of the old one; returns how many numbers it holds."""
    rows = [{"name": name, "key": database.person_key.of(number), "since": since} for number, since in entries]
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO registry_copy (name, copied_at) VALUES (:name, :at)"
                " ON CONFLICT (name) DO UPDATE SET copied_at = excluded.copied_at"
            ),
            {"name": name, "at": copied_at},
        )
        await connection.execute(text("DELETE FROM registry_entry WHERE registry = :name"), {"name": name})
        if rows:
            await connection.execute(
                text(
                    "INSERT INTO registry_entry (registry, number_key, listed_since) VALUES (:name, :key, :since)"
                    " ON CONFLICT DO NOTHING"
                ),
                rows,
            )
        await connection.execute(_VOID_LISTED, {"name": name})
    return len(rows)


_VOID_LISTED = text(
    "UPDATE attempt a SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now()"
    " WHERE a.state = 'reserved' AND a.person_id IN (SELECT n.person_id FROM person_number n"
    " JOIN registry_entry e USING (number_key) WHERE e.registry = :name)"
)
"""Whoever is listed is asked for anew before anybody dials them."""
