"""Calls, newest first, and one call with everything that is known about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from fairdial.core.dialogue.after_call import Reason, after_call
from fairdial.core.policy.case import Level
from fairdial.core.script.parse import parse_script
from fairdial.errors import InputError
from fairdial.ledger.calls.conversations import conversation_of
from fairdial.ledger.calls.corrections import corrections_of
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note_read
from fairdial.ledger.people.readers import may_read, require_level
from fairdial.ledger.protection.sealed import opened, with_sealed
from fairdial.ledger.views.which_calls import FROM_CALLS, OF_TENANT, Wanted, conditions


async def calls_page(
    database: Database, *, tenant: str, wanted: Wanted, before: int | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` calls, the newest first, whose id is below `before`."""
    narrowed, values = conditions(wanted)
    if before is not None:
        narrowed.append("a.id < :before")
        values["before"] = before
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(f"SELECT {_COLUMNS} {FROM_CALLS} {' AND '.join([_OWN, *narrowed])} ORDER BY a.id DESC LIMIT :limit"),
            values | {"tenant": tenant, "limit": limit},
        )
        return [opened(database.vault, row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """One call as somebody may see it.

    Attributes:
        turns: In their order, each with its `corrections`; without what was heard and said when `is_withheld`.
        grade_corrections: The newest, which stands, first; without reasons when `is_withheld`.
        why: Why it has its grade; None when no conversation is kept. Without words when `is_withheld`.
    """

    call: Mapping[str, Any]
    turns: Sequence[Mapping[str, Any]]
    grade_corrections: Sequence[Mapping[str, Any]]
    why: Reason | None
    is_withheld: bool


async def call_seen(
    database: Database, *, tenant: str, call_id: int, by: str, words: bool | None = None
) -> CallSeen | None:
    """One call with its turns; None when the tenant has none of this number.

    Words are private: whoever may read them is told, and that they were read is an event, once in ten minutes.

    Args:
        words: Whether they are asked for; None withholds them from whoever may not read them, without a word about it.

    Raises:
        AccessError: Words were asked for by somebody who may not read them; that they asked is an event.
    """
    key = {"tenant": tenant, "call": call_id}
    async with database.transaction() as connection:
        found = (await connection.execute(_CALL, key)).mappings().one_or_none()
    if found is None:
        return None
    call = opened(database.vault, found)
    if words:
        await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="call.read")
    is_withheld = words is False or not await may_read(database, tenant=tenant, by=by, level=Level.PRIVATE)
    async with database.transaction() as connection:
        rows = (await connection.execute(_TURNS, {"call": call_id})).mappings().all()
        turns = [dict(row) if is_withheld else opened(database.vault, row) for row in rows]
        corrected = await corrections_of(connection, database, call_id=call_id, is_withheld=is_withheld)
        for turn in turns:
            turn["corrections"] = corrected.get(turn["position"], ())
        if not is_withheld:
            about = {"person": call["person_id"], "call": call_id, "by": by}
            await note_read(connection, call["tenant_id"], "call.read", about)
    why = await _why(database, tenant, call_id)
    if why is not None and is_withheld:
        why = Reason(by=why.by, zh=why.zh, en=why.en)
    return CallSeen(call=call, turns=turns, grade_corrections=corrected.get(None, ()), why=why, is_withheld=is_withheld)


async def _why(database: Database, tenant: str, call_id: int) -> Reason | None:
    try:
        stored = await conversation_of(database, tenant=tenant, call=str(call_id))
    except InputError:
        return None
    script = parse_script(stored.script, name=f"script {stored.log.script[:12]}")
    return after_call(script, stored.log.moments(script)).why


async def has_attempt(database: Database, *, tenant: str, call_id: int) -> bool:
    """Whether it is a call of this tenant."""
    async with database.transaction() as connection:
        found = await connection.execute(
            text("SELECT 1 FROM attempt a JOIN tenant t ON t.id = a.tenant_id WHERE t.name = :tenant AND a.id = :call"),
            {"tenant": tenant, "call": call_id},
        )
        return found.scalar_one_or_none() is not None


_COLUMNS = (
    "a.id, k.name AS campaign, r.number AS run, c.line_no, c.region, a.permit_id, a.state, a.disposition, a.grade,"
    " a.outcome, a.dialled_at, a.answered_at, a.ended_at, a.first_word_ms, a.recording IS NOT NULL AS has_recording,"
    f" p.caller_number, p.line, {with_sealed('contact', 'c')}"
)
_OWN = f"WHERE a.tenant_id = {OF_TENANT}"
_CALL = text(
    f"SELECT {_COLUMNS}, a.tenant_id, a.person_id, a.goodbye_ended_at, a.sip_status, a.announcement, a.call_id,"
    " a.settled_by, a.settled_with, l.name AS list, p.script_hash, p.issued_at, p.expires_at, p.used_at,"
    " v.decided_at, v.outcome AS verdict, v.until, v.opinions, v.pack_versions, f.kind AS refusal_kind,"
    f" f.understood_at, f.durable_at, b.not_before AS call_back_at {FROM_CALLS}"
    " JOIN list l ON l.id = c.list_id JOIN verdict v ON v.id = p.verdict_id"
    " LEFT JOIN LATERAL (SELECT kind, understood_at, durable_at FROM refusal WHERE attempt_id = a.id ORDER BY id LIMIT 1)"
    " f ON true LEFT JOIN LATERAL (SELECT not_before FROM call_back WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1)"
    f" b ON true {_OWN} AND a.id = :call"
)
_TURNS = text(
    "SELECT t.position, t.meaning, t.confidence, t.gap_ms, t.interrupted, t.heard_at, t.said_at, t.step,"
    f" {with_sealed('turn', 't')} FROM turn t WHERE t.attempt_id = :call ORDER BY t.position"
)
