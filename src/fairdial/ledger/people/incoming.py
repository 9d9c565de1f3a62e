"""A list's rows on their way in: sealed and written as COPY text, staged, and taken in by a few statements.

Whoever prepares rows needs no connection, so that other processes can (docs/why/scale.md). What is staged is found and
made in the order of the numbers' keys, as everybody does (`numbers.persons_of`); then the rows come in the list's order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import lru_cache

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.rows import ConsentRow, ContactRow
from fairdial.errors import LedgerError
from fairdial.ledger.protection.person_key import HASH_BYTES, PersonKey
from fairdial.ledger.protection.sealed import of_contact
from fairdial.ledger.protection.vault import Vault

_AT_ONCE = 20_000
"""Rows that one statement takes in: less than a second, after which it is told how far the import has come."""

_NULL = "\\N"
_NO_CONSENT = "\t".join([_NULL] * 9)


def staged(contacts: Sequence[ContactRow], person_key: PersonKey, vault: Vault) -> list[bytes]:
    """Rows as `take_in` reads them, one line of COPY text each: numbers hashed, what is personal sealed."""
    hashes = person_key.of_all([row.number for row in contacts]).hex()
    each = 2 * HASH_BYTES
    keys = [hashes[at : at + each] for at in range(0, each * len(contacts), each)]
    return [_line(row, key, vault) for row, key in zip(contacts, keys, strict=True)]


def _line(row: ContactRow, key: str, vault: Vault) -> bytes:
    personal = {
        "number": row.number, "name": row.name, "title": row.title, "attributes": row.attributes.by_name()
    }  # fmt: skip
    sealed = vault.seal(of_contact(key), personal).hex()
    known = _known(row.kind, row.country, row.region, row.zone, row.data_source, row.basis)
    consent = _NO_CONSENT if row.consent is None else _said(row.consent)
    return f"{row.line}\t{key}\t\\\\x{sealed}\t{known}\t{consent}\n".encode()


@lru_cache(maxsize=4096)
def _known(*values: str | None) -> str:
    return "\t".join([_copied(value) for value in values])


@lru_cache(maxsize=4096)
def _said(consent: ConsentRow) -> str:
    """A consent in the columns of `_STAGED`."""
    values = (
        f"{{{','.join(sorted(consent.purposes))}}}",
        f"{{{','.join(sorted(consent.channels))}}}",
        consent.obtained_at.isoformat(),
        _moment(consent.until),
        consent.evidence_file,
        consent.evidence_sha256,
        consent.form,
        str(consent.artificial_voice),
        str(consent.any_hour),
    )
    return "\t".join([_copied(value) for value in values])


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _copied(value: str | None) -> str:
    """A value as COPY's text format has it."""
    if value is None:
        return _NULL
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


async def stage(connection: AsyncConnection, parts: AsyncIterator[bytes]) -> None:
    """Write lines of `staged` where the statements of `take_in` find them, until the transaction ends.

    Raises:
        LedgerError: The database cannot be reached.
    """
    await connection.execute(text(_STAGED))
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    try:
        async with driver.cursor() as cursor, cursor.copy("COPY arriving FROM STDIN") as copy:
            async for part in parts:
                await copy.write(part)
    except psycopg.OperationalError as error:
        raise LedgerError("database cannot be reached: the connection was lost; import the list again") from error


async def take_in(
    connection: AsyncConnection, *, tenant: int, list_id: int, import_id: int, done: Callable[[float], object]
) -> None:
    """Make staged rows the list's contacts, with their persons and consents; the list's row is locked by the caller.

    Args:
        done: Called now and then with the share that is taken in, in [0, 1].
    """
    await connection.execute(text("CREATE TEMP TABLE called ON COMMIT DROP AS SELECT key FROM arriving ORDER BY key"))
    await connection.execute(text("ANALYZE arriving, called"))
    kept = await connection.execute(
        text("SELECT EXISTS (SELECT FROM contact WHERE list_id = :list)"), {"list": list_id}
    )
    contacts = _CONTACTS if not kept.scalar_one() else f"{_CONTACTS}{_BROUGHT_UP_TO_DATE}"
    agreed = await connection.execute(text("SELECT EXISTS (SELECT FROM arriving WHERE obtained_at IS NOT NULL)"))
    orders = [contacts, _CONSENTS] if agreed.scalar_one() else [contacts]
    about = {"tenant": tenant, "list": list_id, "import": import_id}
    async for span, share in _spans(connection, "called"):
        await connection.execute(text(_PERSONS), span)
        done(_PERSONS_SHARE * share)
    async for span, share in _spans(connection, "arriving"):
        for order in orders:
            await connection.execute(text(order), about | span)
        done(_PERSONS_SHARE + (1 - _PERSONS_SHARE) * share)


_PERSONS_SHARE = 0.35


async def _spans(connection: AsyncConnection, table: str) -> AsyncIterator[tuple[dict[str, str], float]]:
    """A staged table in parts of its pages, which are read without an index; with the share that each ends at."""
    found = await connection.execute(
        text(
            f"SELECT (pg_relation_size('{table}') / current_setting('block_size')::int)::int AS pages,"
            f" (SELECT count(*) FROM {table})::int AS count"
        )
    )
    pages, count = found.one()
    step = max(1, pages * _AT_ONCE // max(1, count))
    for first in range(0, pages, step):
        yield {"first": f"({first},0)", "end": f"({first + step},0)"}, min(1.0, (first + step) / pages)


_STAGED = (
    "CREATE TEMP TABLE arriving (line int, key text, sealed bytea, kind text, country text, region text, zone text,"
    " source text, basis text, purposes text[], channels text[], obtained_at timestamptz, valid_until timestamptz,"
    " evidence_file text, evidence_sha256 text, form text, voice boolean, hours boolean) ON COMMIT DROP"
)
_PART = "{0}.ctid >= cast(cast(:first AS text) AS tid) AND {0}.ctid < cast(cast(:end AS text) AS tid)"
_PERSONS = (
    "WITH asked AS MATERIALIZED (SELECT a.key, n.person_id FROM called a LEFT JOIN LATERAL"
    " (SELECT person_id FROM person_number WHERE number_key = a.key FOR KEY SHARE) n ON true"
    f" WHERE {_PART.format('a')}),"
    " fresh AS (SELECT key, nextval('person_id_seq')::int AS id FROM asked WHERE person_id IS NULL ORDER BY key),"
    " made AS (INSERT INTO person (id, created_at) SELECT id, t.now FROM fresh, (SELECT fairdial_now() AS now) t)"
    " INSERT INTO person_number (number_key, person_id) SELECT key, id FROM fresh ORDER BY key"
    " ON CONFLICT (number_key) DO UPDATE SET number_key = excluded.number_key"
)
"""Numbers that are known stay their persons' until the transaction ends; each of the others gets a person of its own.

Nothing is joined: of what was staged the planner knows little, and two lists of 20,000 one by one are minutes.
"""

_FROM = (
    " FROM arriving a CROSS JOIN LATERAL (SELECT person_id FROM person_number WHERE number_key = a.key LIMIT 1) n"
    f" WHERE {_PART.format('a')}"
)
"""Looked up one by one by the index, whatever the planner thinks of two tables it knows nothing of."""

_CONTACTS = (
    "INSERT INTO contact (tenant_id, list_id, list_import_id, person_id, number_key, sealed, number_kind, country, region,"
    " zone, data_source, basis, line_no) SELECT :tenant, :list, :import, n.person_id, a.key, a.sealed, a.kind, a.country,"
    f" a.region, a.zone, a.source, a.basis, a.line{_FROM}"
)
_BROUGHT_UP_TO_DATE = (
    " ON CONFLICT (list_id, number_key) DO UPDATE SET sealed = excluded.sealed, country = excluded.country,"
    " region = excluded.region, zone = excluded.zone,"
    " data_source = excluded.data_source, basis = excluded.basis, line_no = excluded.line_no,"
    " list_import_id = excluded.list_import_id"
)
_CONSENTS = (
    "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, valid_until, evidence_file,"
    " evidence_sha256, form, artificial_voice, any_hour)"
    " SELECT DISTINCT ON (n.person_id, a.evidence_sha256, a.obtained_at) :tenant, n.person_id, a.purposes, a.channels,"
    f" a.obtained_at, a.valid_until, a.evidence_file, a.evidence_sha256, a.form, a.voice, a.hours{_FROM}"
    " AND a.obtained_at IS NOT NULL ORDER BY n.person_id, a.evidence_sha256, a.obtained_at, a.ctid DESC"
    " ON CONFLICT (tenant_id, person_id, evidence_sha256, obtained_at) DO UPDATE SET purposes = excluded.purposes,"
    " channels = excluded.channels, valid_until = excluded.valid_until, form = excluded.form,"
    " artificial_voice = excluded.artificial_voice, any_hour = excluded.any_hour"
)
"""Of two rows that tell one person's one consent, the later stands."""
