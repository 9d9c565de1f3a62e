"""Versions of scripts: kept by the hash of their content, submitted, approved, rejected and commented on by somebody else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.script.model import Script
from fairdial.core.script.review import Review, ReviewState, objection, submitter_of
from fairdial.errors import InputError, ReviewError
from fairdial.ledger.access.behind import people_behind
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id

APPROVAL_LIFE = timedelta(days=180)
"""An approval expires; a script is read again twice a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a reader says about a version; `at` is the step it is about, None for the whole."""

    id: int
    at: str | None
    words: str
    by: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a script: what happened to it, and until when it may be dialled (None: it may not)."""

    hash: str
    name: str
    title: str
    stored_at: datetime
    approved_until: datetime | None
    reviews: tuple[Review, ...]
    comments: tuple[Comment, ...] = ()


async def store_script(database: Database, *, tenant: str, content: Mapping[str, Any], script: Script) -> str:
    """Keep a version of a script; returns its hash. The same content is kept once.

    Raises:
        InputError: Another tenant of this installation keeps the very same content.
    """
    async with database.transaction() as connection:
        await _store(connection, await tenant_id(connection, tenant), content, script)
    return script.hash


async def submit_script(
    database: Database,
    *,
    tenant: str,
    content: Mapping[str, Any],
    script: Script,
    by: str,
    reason: str | None = None,
    source: str | None = None,
) -> None:
    """Keep a version and ask for its review.

    Args:
        source: The text the content was read from, when that is one text.

    Raises:
        ReviewError: It has been submitted already.
        InputError: Another tenant of this installation keeps the very same content.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        await _store(connection, owner, content, script, source)
        await _happened(connection, owner, script.hash, ReviewState.SUBMITTED, by=by, reason=reason)


async def approve_script(
    database: Database, *, tenant: str, script_hash: str, by: str, reason: str | None = None
) -> datetime:
    """Approve a submitted version; returns when the approval expires.

    Raises:
        ReviewError: Nobody submitted it, or the same person did.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        await _happened(connection, owner, script_hash, ReviewState.APPROVED, by=by, reason=reason)
        row = await connection.execute(
            text(
                "INSERT INTO approval (tenant_id, script_hash, approved_by, expires_at)"
                " VALUES (:tenant, :hash, :by, fairdial_now() + :life) RETURNING expires_at"
            ),
            {"tenant": owner, "hash": script_hash, "by": by, "life": APPROVAL_LIFE},
        )
        expires_at: datetime = row.scalar_one()
        return expires_at


async def reject_script(database: Database, *, tenant: str, script_hash: str, by: str, reason: str) -> None:
    """Reject a submitted version, or an approved one: from now on it is not dialled.

    Raises:
        ReviewError: Nobody submitted it, the same person did, or no reason is given.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        await _happened(connection, owner, script_hash, ReviewState.REJECTED, by=by, reason=reason)
        await connection.execute(
            text(
                "UPDATE approval SET expires_at = fairdial_now()"
                " WHERE tenant_id = :tenant AND script_hash = :hash AND expires_at > fairdial_now()"
            ),
            {"tenant": owner, "hash": script_hash},
        )


async def script_versions(database: Database, *, tenant: str, name: str | None = None) -> list[Version]:
    """Every version of one script or of all, the newest first."""
    async with database.transaction() as connection:
        found = (await connection.execute(_VERSIONS, {"tenant": tenant, "name": name})).all()
        asked = {"tenant": tenant, "hashes": [row.hash for row in found]}
        reviews: dict[str, list[Review]] = {}
        for row in await connection.execute(_REVIEWS, asked):
            one = Review(state=ReviewState(row.state), by=row.by_whom, at=row.at, reason=row.reason)
            reviews.setdefault(row.script_hash, []).append(one)
        comments: dict[str, list[Comment]] = {}
        for row in await connection.execute(_COMMENTS, asked):
            said = Comment(id=row.id, at=row.at_step, words=row.words, by=row.by_whom, written_at=row.written_at)
            comments.setdefault(row.script_hash, []).append(said)
    return [
        Version(
            hash=row.hash,
            name=row.name,
            title=row.title,
            stored_at=row.stored_at,
            approved_until=row.approved_until,
            reviews=tuple(reviews.get(row.hash, ())),
            comments=tuple(comments.get(row.hash, ())),
        )
        for row in found
    ]


_VERSIONS = text(
    "SELECT s.hash, s.name, s.content ->> 'title' AS title, s.stored_at,"
    " (SELECT max(expires_at) FROM approval a WHERE a.script_hash = s.hash AND a.tenant_id = s.tenant_id"
    " AND a.expires_at > fairdial_now()) AS approved_until FROM script_version s JOIN tenant t ON t.id = s.tenant_id"
    " WHERE t.name = :tenant AND (cast(:name AS text) IS NULL OR s.name = :name) ORDER BY s.stored_at DESC, s.hash"
)
_REVIEWS = text(
    "SELECT r.* FROM script_review r JOIN tenant t ON t.id = r.tenant_id"
    " WHERE t.name = :tenant AND r.script_hash = ANY(:hashes) ORDER BY r.id"
)
_COMMENTS = text(
    "SELECT c.* FROM script_comment c JOIN tenant t ON t.id = c.tenant_id"
    " WHERE t.name = :tenant AND c.script_hash = ANY(:hashes) ORDER BY c.id"
)


async def comment_on_script(
    database: Database, *, tenant: str, script_hash: str, at: str | None, words: str, by: str
) -> Comment:
    """Keep what a reader says about a version; it is not changed afterwards.

    Raises:
        InputError: The tenant has no such version.
    """
    async with database.transaction() as connection:
        row = (
            await connection.execute(
                text(
                    "INSERT INTO script_comment (tenant_id, script_hash, at_step, words, by_whom)"
                    " SELECT tenant_id, hash, :at, :words, :by FROM script_version"
                    " WHERE hash = :hash AND tenant_id = :tenant RETURNING id, written_at"
                ),
                {
                    "tenant": await tenant_id(connection, tenant),
                    "hash": script_hash,
                    "at": at,
                    "words": words,
                    "by": by,
                },
            )
        ).one_or_none()
    if row is None:
        raise InputError(f"version {script_hash[:12]} is not known; `fairdial script history` lists them 没有这个版本")
    return Comment(id=row.id, at=at, words=words, by=by, written_at=row.written_at)


async def _store(
    connection: AsyncConnection,
    owner: int,
    content: Mapping[str, Any],
    script: Script,
    source: str | None = None,
) -> None:
    kept = await connection.execute(
        text(
            "INSERT INTO script_version AS s (hash, tenant_id, name, content, says, levels, source) VALUES (:hash, :tenant,"
            " :name, cast(:content AS json), :says, :levels, :source) ON CONFLICT (hash) DO UPDATE"
            " SET source = coalesce(excluded.source, s.source) WHERE s.tenant_id = excluded.tenant_id"
        ),
        {
            "hash": script.hash,
            "tenant": owner,
            "name": script.name,
            "content": json.dumps(content, ensure_ascii=False),
            "says": sorted(script.says()),
            "levels": sorted(script.levels()),
            "source": source,
        },
    )
    if not kept.rowcount:
        raise InputError(
            f"{script.hash[:12]}: another tenant of this installation keeps the very same script; name your own company or"
            " title in it 本系统的另一家企业有完全相同的话术,请改成自己的公司名或标题"
        )


async def _happened(
    connection: AsyncConnection, owner: int, script_hash: str, state: ReviewState, *, by: str, reason: str | None
) -> None:
    """Write one step of a review unless there is an objection; two reviewers at once are taken one after the other."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"review/{owner}/{script_hash}"}
    )
    history = await _history(connection, owner, script_hash)
    submitter = submitter_of(history)
    behind = frozenset[str]() if submitter is None else await people_behind(connection, owner, submitter)
    found = objection(history, state, by=by, reason=reason, behind=behind)
    if found is not None:
        raise ReviewError(f"{script_hash[:12]}: {found.zh}。 {found.en}")
    await connection.execute(
        text(
            "INSERT INTO script_review (tenant_id, script_hash, state, by_whom, reason)"
            " VALUES (:tenant, :hash, :state, :by, :reason)"
        ),
        {"tenant": owner, "hash": script_hash, "state": state, "by": by.strip(), "reason": reason},
    )


async def _history(connection: AsyncConnection, owner: int, script_hash: str) -> tuple[Review, ...]:
    rows = await connection.execute(
        text(
            "SELECT state, by_whom, at, reason FROM script_review"
            " WHERE tenant_id = :tenant AND script_hash = :hash ORDER BY id"
        ),
        {"tenant": owner, "hash": script_hash},
    )
    return tuple(Review(state=ReviewState(r.state), by=r.by_whom, at=r.at, reason=r.reason) for r in rows)
