"""List files on their way in: where each stands, what was asked of it, how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.core.contacts.rows import RejectedRow
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.sealed import of_list_upload

SILENT = timedelta(seconds=30)
"""An upload whose worker says nothing for this long has lost it and can be begun anew."""

KEPT = timedelta(days=1)
"""After this a file that was not taken in is given up."""


class UploadState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file as it lies: `stored` is its name in the installation's folder, `key` opens it; `size` in bytes, in clear."""

    stored: str
    key: bytes = field(repr=False)
    file_name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a file is to be read: into which list, the place of each field in a row, and what holds for all rows."""

    list: str
    places: Mapping[str, int]
    same: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a check or an import found; `missing` are evidence files that were not shown, of `named`."""

    accepted: int
    rejected: Sequence[RejectedRow]
    named: int
    missing: Sequence[str]
    list_import_id: int | None = None


async def keep_upload(
    database: Database, *, tenant: str, by: str, file: StoredFile, encoding: str, header: Sequence[str]
) -> int:
    """Note a file that has arrived; returns the upload's id."""
    async with database.transaction() as connection:
        kept = await connection.execute(
            text(
                "INSERT INTO list_upload (tenant_id, stored, file_name, file_sha256, size, encoding, header, state,"
                " uploaded_by, sealed) VALUES (:tenant, :stored, :name, :sha, :size, :encoding, :header, 'uploaded', :by,"
                " :sealed) RETURNING id"
            ),
            {
                "tenant": await tenant_id(connection, tenant),
                "stored": file.stored,
                "name": file.file_name,
                "sha": file.sha256,
                "size": file.size,
                "encoding": encoding,
                "header": [name.replace("\0", "") for name in header],
                "by": by,
                "sealed": database.vault.seal(of_list_upload(file.stored), {"key": file.key.hex()}),
            },
        )
        upload_id: int = kept.scalar_one()
        return upload_id


async def upload_of(database: Database, *, tenant: str, upload: int) -> RowMapping | None:
    """One upload of a tenant, with everything but its rejected rows; None when there is none."""
    rows = await _select(database, " AND u.id = :upload", {"tenant": tenant, "upload": upload})
    return rows[0] if rows else None


async def uploads_page(database: Database, *, tenant: str, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Up to `limit` uploads of a tenant whose id is below `before`, the newest first."""
    narrowed = "" if before is None else " AND u.id < :before"
    about = {"tenant": tenant, "before": before, "limit": limit}
    return await _select(database, f"{narrowed} ORDER BY u.id DESC LIMIT :limit", about)


async def stored_file(database: Database, *, tenant: str, upload: int) -> StoredFile | None:
    """Where an upload's file lies and what opens it; None when there is no upload or its file is gone."""
    async with database.transaction() as connection:
        found = await connection.execute(
            text(
                "SELECT u.stored, u.file_name, u.file_sha256, u.size, u.sealed FROM list_upload u"
                " JOIN tenant t ON t.id = u.tenant_id WHERE t.name = :tenant AND u.id = :upload AND u.sealed IS NOT NULL"
            ),
            {"tenant": tenant, "upload": upload},
        )
        row = found.one_or_none()
    if row is None:
        return None
    key = database.vault.open(of_list_upload(row.stored), row.sealed)["key"]
    return StoredFile(
        stored=row.stored, key=bytes.fromhex(key), file_name=row.file_name, sha256=row.file_sha256, size=row.size
    )


async def header_of(database: Database, *, upload: int) -> Sequence[str]:
    """The column names of an upload."""
    async with database.transaction() as connection:
        found = await connection.execute(text("SELECT header FROM list_upload WHERE id = :upload"), {"upload": upload})
        header: list[str] = found.scalar_one()
        return header


async def begin(database: Database, *, upload: int, orders: Orders, state: UploadState) -> bool:
    """Take up an upload for one worker; False when another has it, or its file is gone."""
    async with database.transaction() as connection:
        taken = await connection.execute(
            text(
                "UPDATE list_upload SET state = :state, orders = cast(:orders AS jsonb), rows_done = 0, rows_total = NULL,"
                " problem = NULL, beat_at = fairdial_now() WHERE id = :upload AND sealed IS NOT NULL"
                " AND (state IN ('uploaded', 'checked', 'failed')"
                " OR state IN ('checking', 'importing') AND beat_at < fairdial_now() - cast(:silent AS interval))"
            ),
            {
                "state": state,
                "orders": json.dumps(asdict(orders), ensure_ascii=False),
                "upload": upload,
                "silent": SILENT,
            },
        )
        return taken.rowcount == 1


async def beat(database: Database, *, upload: int, done: int, total: int | None) -> bool:
    """Tell how far it has come; False when it was given up meanwhile."""
    async with database.transaction() as connection:
        told = await connection.execute(
            text(
                "UPDATE list_upload SET rows_done = :done, rows_total = :total, beat_at = fairdial_now()"
                " WHERE id = :upload AND state IN ('checking', 'importing')"
            ),
            {"upload": upload, "done": done, "total": total},
        )
        return told.rowcount == 1


async def finish(database: Database, *, upload: int, state: UploadState, told: Told) -> None:
    """Keep what was found; an upload that was given up stays given up. What is imported needs no file any more."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE list_upload SET state = :state, accepted = :accepted, rejected = cast(:rejected AS jsonb),"
                " evidence_named = :named, evidence_missing = :missing, list_import_id = :import, rows_done = :accepted,"
                " ended_at = CASE WHEN :state = 'imported' THEN fairdial_now() END,"
                " sealed = CASE WHEN :state = 'imported' THEN NULL ELSE sealed END"
                " WHERE id = :upload AND state IN ('checking', 'importing')"
            ),
            {
                "upload": upload,
                "state": state,
                "accepted": told.accepted,
                "rejected": json.dumps([asdict(row) for row in told.rejected], ensure_ascii=False),
                "named": told.named,
                "missing": list(told.missing),
                "import": told.list_import_id,
            },
        )


async def fail(database: Database, *, upload: int, problem: str) -> None:
    """Keep why it cannot be read; it can be tried anew."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE list_upload SET state = 'failed', problem = :problem"
                " WHERE id = :upload AND state IN ('checking', 'importing')"
            ),
            {"upload": upload, "problem": problem},
        )


async def give_up(database: Database, *, tenant: str, upload: int) -> bool:
    """Give an upload up, which nobody can open any more; False when it was over already."""
    async with database.transaction() as connection:
        given = await connection.execute(
            text(
                "UPDATE list_upload SET state = 'cancelled', sealed = NULL, ended_at = fairdial_now()"
                " WHERE id = :upload AND tenant_id = (SELECT id FROM tenant WHERE name = :tenant) AND ended_at IS NULL"
            ),
            {"tenant": tenant, "upload": upload},
        )
        return given.rowcount == 1


async def expire(database: Database) -> Sequence[str]:
    """Give up what is older than `KEPT`; returns what files of uploads that are over are called."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE list_upload SET state = 'expired', sealed = NULL, ended_at = fairdial_now()"
                " WHERE ended_at IS NULL AND uploaded_at < fairdial_now() - cast(:kept AS interval)"
                " AND (beat_at IS NULL OR beat_at < fairdial_now() - cast(:silent AS interval))"
            ),
            {"kept": KEPT, "silent": SILENT},
        )
        over = await connection.execute(
            text("SELECT stored FROM list_upload WHERE ended_at > fairdial_now() - 2 * cast(:kept AS interval)"),
            {"kept": KEPT},
        )
        return over.scalars().all()


async def show_evidence(database: Database, *, tenant: str, upload: int, file_name: str, sha256: str) -> None:
    """Note an evidence file that was shown for an upload; shown again, the newest counts."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO list_upload_evidence (tenant_id, upload_id, file_name, sha256)"
                " VALUES (:tenant, :upload, :name, :sha)"
                " ON CONFLICT (upload_id, file_name) DO UPDATE SET sha256 = excluded.sha256"
            ),
            {"tenant": await tenant_id(connection, tenant), "upload": upload, "name": file_name, "sha": sha256},
        )


async def evidence_shown(database: Database, *, upload: int) -> dict[str, str]:
    """The SHA-256 of every evidence file shown for an upload, by its name."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT file_name, sha256 FROM list_upload_evidence WHERE upload_id = :upload"), {"upload": upload}
        )
        return {row.file_name: row.sha256 for row in rows}


async def rejected_page(database: Database, *, upload: int, after: int, limit: int | None) -> list[dict[str, Any]]:
    """Up to `limit` rejected rows behind the first `after`, in the order of their lines."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT r.row FROM list_upload u, jsonb_array_elements(u.rejected) WITH ORDINALITY AS r (row, place)"
                " WHERE u.id = :upload AND r.place > :after ORDER BY r.place LIMIT :limit"
            ),
            {"upload": upload, "after": after, "limit": limit},
        )
        return list(rows.scalars())


async def _select(database: Database, narrowed: str, about: Mapping[str, object]) -> Sequence[RowMapping]:
    async with database.transaction() as connection:
        rows = await connection.execute(text(f"{_UPLOAD}{narrowed}"), {**about, "silent": SILENT})
        return rows.mappings().all()


_UPLOAD = (
    "SELECT u.id, u.file_name, u.file_sha256, u.size, u.encoding, u.header, u.state, u.orders, u.rows_done, u.rows_total,"
    " u.accepted, jsonb_array_length(u.rejected) AS rejected, u.evidence_named, u.evidence_missing, u.problem, u.uploaded_by,"
    " u.uploaded_at, u.ended_at, u.state IN ('checking', 'importing')"
    " AND u.beat_at < fairdial_now() - cast(:silent AS interval) AS was_lost,"
    " (SELECT count(*) FROM list_upload_evidence e WHERE e.upload_id = u.id) AS evidence_shown"
    " FROM list_upload u JOIN tenant t ON t.id = u.tenant_id WHERE t.name = :tenant"
)
