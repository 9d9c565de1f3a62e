"""Texts of scripts that people edit: one draft a name, written over only by somebody who has seen what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The text of a script as it stands now; `is_edited` unless it is the newest version's own."""

    name: str
    text: str
    edited_by: str | None
    edited_at: datetime
    is_edited: bool

    @property
    def etag(self) -> str:
        """Names the text: the same text has the same."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """Somebody else has written since; nothing was kept. None where there is nothing any more."""

    current: Draft | None


async def drafts(database: Database, *, tenant: str) -> list[Draft]:
    """Every text that somebody has edited, by name."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT d.name, d.text, d.edited_by, d.edited_at, d.text IS DISTINCT FROM (SELECT source FROM script_version s"
                " WHERE s.tenant_id = d.tenant_id AND s.name = d.name ORDER BY stored_at DESC, hash LIMIT 1) AS is_edited"
                " FROM script_draft d JOIN tenant t ON t.id = d.tenant_id WHERE t.name = :tenant ORDER BY d.name"
            ),
            {"tenant": tenant},
        )
        return [Draft(**row) for row in rows.mappings()]


async def draft_of(database: Database, *, tenant: str, name: str) -> Draft | None:
    """The text of one script: the draft, or that of its newest version where nobody has edited it; None without either."""
    async with database.transaction() as connection:
        return await _current(connection, await tenant_id(connection, tenant), name)


async def save_draft(
    database: Database, *, tenant: str, name: str, written: str, by: str, seen: str | None
) -> Draft | Overtaken:
    """Keep a text in the place of the one that was seen.

    Two who write at once are taken one after the other.

    Args:
        seen: The `etag` of the text that this one was made from; None for a script that is new.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"draft/{owner}/{name}"}
        )
        current = await _current(connection, owner, name)
        if seen != (current.etag if current else None):
            return Overtaken(current=current)
        await connection.execute(
            text(
                "INSERT INTO script_draft (tenant_id, name, text, edited_by) VALUES (:tenant, :name, :text, :by)"
                " ON CONFLICT (tenant_id, name) DO UPDATE SET text = excluded.text, edited_by = excluded.edited_by,"
                " edited_at = fairdial_now()"
            ),
            {"tenant": owner, "name": name, "text": written, "by": by},
        )
        kept = await _current(connection, owner, name)
        assert kept is not None, "written above"
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The content of a version, and its text: as it was written, or the content as YAML."""

    content: Mapping[str, Any]
    text: str


async def written_version(database: Database, *, tenant: str, script_hash: str) -> Written | None:
    """What a version is made of; None when the tenant has no such version."""
    async with database.transaction() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT s.content, s.source FROM script_version s JOIN tenant t ON t.id = s.tenant_id"
                    " WHERE t.name = :tenant AND s.hash = :hash"
                ),
                {"tenant": tenant, "hash": script_hash},
            )
        ).one_or_none()
    return None if row is None else Written(content=row.content, text=_text(row.content, row.source))


async def _current(connection: AsyncConnection, owner: int, name: str) -> Draft | None:
    asked = {"tenant": owner, "name": name}
    newest = (
        await connection.execute(
            text(
                "SELECT content, source, stored_at, (SELECT by_whom FROM script_review r WHERE r.script_hash = s.hash"
                " AND r.tenant_id = s.tenant_id AND r.state = 'submitted' ORDER BY id DESC LIMIT 1) AS by_whom"
                " FROM script_version s WHERE tenant_id = :tenant AND name = :name ORDER BY stored_at DESC, hash LIMIT 1"
            ),
            asked,
        )
    ).one_or_none()
    own = (
        await connection.execute(
            text("SELECT text, edited_by, edited_at FROM script_draft WHERE tenant_id = :tenant AND name = :name"),
            asked,
        )
    ).one_or_none()
    if own is not None:
        is_edited = newest is None or own.text != newest.source
        return Draft(name=name, text=own.text, edited_by=own.edited_by, edited_at=own.edited_at, is_edited=is_edited)
    if newest is None:
        return None
    written = _text(newest.content, newest.source)
    return Draft(name=name, text=written, edited_by=newest.by_whom, edited_at=newest.stored_at, is_edited=False)


def _text(content: object, source: str | None) -> str:
    if source is not None:
        return source
    written: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)
    return written
