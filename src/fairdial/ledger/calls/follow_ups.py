"""What is owed to people after their calls: kept when it is promised, listed until somebody says it is done.

Nothing here sends a message or tells a person: the operator's systems read the list. Whoever refuses afterwards, or in
the same call, is owed nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.protection.sealed import SEALED, of_follow_up

MESSAGE, HAND_OVER = "message", "hand_over"


async def record_follow_up(
    database: Database, *, attempt_id: int, kind: str, name: str, content: Mapping[str, Any]
) -> None:
    """Keep what is owed, sealed; each message and each hand-over once a call, however often it is written."""
    sealed = database.vault.seal(of_follow_up(attempt_id, kind, name), content)
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO follow_up (tenant_id, attempt_id, kind, name, sealed)"
                " SELECT tenant_id, id, :kind, :name, :sealed FROM attempt WHERE id = :attempt"
                " ON CONFLICT (attempt_id, kind, name) DO NOTHING"
            ),
            {"attempt": attempt_id, "kind": kind, "name": name, "sealed": sealed},
        )


OWED = (
    "NOT EXISTS (SELECT 1 FROM refusal f WHERE f.person_id = a.person_id AND f.understood_at >= u.created_at"
    " AND (f.tenant_id = u.tenant_id OR f.scope = 'platform'))"
)
"""Nobody has refused since."""

_LISTED = (
    f"SELECT u.id, u.kind, u.name, k.name AS campaign, c.line_no, u.attempt_id, u.created_at, u.done_at, u.done_by,"
    f" {SEALED['follow_up'].format('u')} AS about, u.sealed, {SEALED['contact'].format('c')} AS about_contact,"
    " c.sealed AS sealed_contact FROM follow_up u JOIN attempt a ON a.id = u.attempt_id"
    " JOIN contact c ON c.id = a.contact_id JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id"
    f" WHERE u.tenant_id = :tenant AND (:everything OR (u.done_at IS NULL AND {OWED})) ORDER BY u.id"
)
_GENERAL = ("id", "kind", "name", "campaign", "line_no", "attempt_id", "created_at", "done_at", "done_by")


async def follow_ups(
    database: Database, *, tenant: str, by: str | None = None, is_everything: bool = False
) -> Sequence[Mapping[str, Any]]:
    """What is owed and not done, oldest first.

    Args:
        by: Who reads; with a name each has the person's `number`, their `salutation`, and the `text` of a message or the
            `answers` for a hand-over, and the reading is an event. Without one nothing personal is read.
        is_everything: What is done or no longer owed, too.

    Raises:
        AccessError: `by` may not read private data; that it was asked is an event.
    """
    if by is not None:
        await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="follow_up.read")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        rows = (await connection.execute(text(_LISTED), {"tenant": owner, "everything": is_everything})).mappings()
        found = [dict(row) for row in rows]
        if by is not None:
            await note(connection, owner, "follow_up.read", {"by": by, "rows": len(found)})
    listed = [{name: row[name] for name in _GENERAL} for row in found]
    if by is None:
        return listed
    for plain, row in zip(listed, found, strict=True):
        contact = database.vault.open(row["about_contact"], row["sealed_contact"])
        plain |= {
            "number": contact.get("number"),
            "salutation": f"{contact.get('name', '')}{contact.get('title') or ''}",
        }
        plain |= database.vault.open(row["about"], row["sealed"])
    return listed


async def finish_follow_up(database: Database, *, tenant: str, follow_up: int, by: str) -> None:
    """Say that what was owed is done; who said so is kept.

    Raises:
        InputError: It is not known, done already, or no longer owed because the person has refused since.
    """
    async with database.transaction() as connection:
        done = await connection.execute(
            text(
                "UPDATE follow_up u SET done_at = fairdial_now(), done_by = :by FROM attempt a WHERE a.id = u.attempt_id"
                f" AND u.id = :id AND u.tenant_id = :tenant AND u.done_at IS NULL AND {OWED}"
            ),
            {"id": follow_up, "by": by, "tenant": await tenant_id(connection, tenant)},
        )
        if not done.rowcount:
            raise InputError(
                f"follow-up {follow_up} is not owed 没有这一项,或者已经做完,或者对方已拒绝;"
                " `fairdial follow-ups list` shows what is"
            )
