"""What a person says of a call afterwards, beside what the machine found, and the sentences to learn from it.

Nothing is ever changed: a correction is a row of its own, with who and when; the newest stands. A sentence that turns out to
have refused for good is a refusal, and takes effect at once; no correction lifts one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.levels import level_of
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.nameless import tells_who
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.people.refusals import record_refusal
from fairdial.ledger.protection.sealed import SEALED, of_correction, opened, with_sealed

_REFUSES = {Meaning.REFUSE_HARD: "hard", Meaning.WRONG_NUMBER: "wrong_number"}
"""Meanings after which nobody may call again, and the kind of refusal each is."""


async def correct_turn(
    database: Database, *, tenant: str, call_id: int, position: int, meaning: Meaning, heard: str | None, by: str
) -> bool:
    """Say what the person meant with a sentence, and what they said if it was heard wrong.

    Returns:
        Whether there is such a sentence; False after the person was erased.

    Raises:
        AccessError: `by` may not read what was said.
    """
    await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="correction")
    key = {"tenant": tenant, "call": call_id, "position": position}
    if kind := _REFUSES.get(meaning):
        async with database.transaction() as connection:
            turn = (await connection.execute(_TURN, key)).mappings().one_or_none()
        if turn is None:
            return False
        # Before the correction: should the second be lost, whoever corrects is told, and the refusal stands.
        words = heard or opened(database.vault, turn).get("heard") or ""
        await record_refusal(database, attempt_id=call_id, kind=kind, words=words, understood_at=turn["moment"])
    async with database.transaction() as connection:
        await connection.execute(_LOCKED, key)
        if (await connection.execute(_TURN, key)).one_or_none() is None:
            return False
        sealed = None
        if heard is not None:
            sealed = database.vault.seal(of_correction(call_id, position), {"heard": heard})
        await connection.execute(_ADDED, key | {"meaning": meaning, "grade": None, "by": by, "sealed": sealed})
    return True


async def correct_grade(database: Database, *, tenant: str, call_id: int, grade: str, reason: str, by: str) -> bool:
    """Say which grade a call should have had, and why.

    Returns:
        Whether there is such a call.

    Raises:
        AccessError: `by` may not read what was said.
        InputError: It goes on, or the person was erased.
    """
    await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="correction")
    key = {"tenant": tenant, "call": call_id}
    async with database.transaction() as connection:
        await connection.execute(_LOCKED, key)
        state = (await connection.execute(_STATE, key)).one_or_none()
        if state is None:
            return False
        if state.state != "ended":
            raise InputError(f"call {call_id} has not ended; correct its grade afterwards 通话尚未结束,结束后再更正")
        if state.is_erased:
            raise InputError(f"the person of call {call_id} was erased; nothing is added to it 客户信息已删除,不能更正")
        sealed = database.vault.seal(of_correction(call_id, None), {"reason": reason})
        row = {"position": None, "meaning": None, "grade": grade, "by": by, "sealed": sealed}
        await connection.execute(_ADDED, key | row)
    return True


async def corrections_of(
    connection: AsyncConnection, database: Database, *, call_id: int, is_withheld: bool
) -> Mapping[int | None, Sequence[Mapping[str, Any]]]:
    """The corrections of a call by the position of their turn, None for its grade; the newest, which stands, first."""
    rows = (await connection.execute(_OF_CALL, {"call": call_id})).mappings()
    found: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["position"]].append(dict(row) if is_withheld else opened(database.vault, row))
    return found


async def corrections_page(
    database: Database, *, tenant: str, before: int | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Up to `limit` corrections without words, the newest first, whose id is below `before`."""
    async with database.transaction() as connection:
        rows = await connection.execute(_PAGE, {"tenant": tenant, "before": before, "limit": limit})
        return [dict(row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Sentences with their label to train or measure with.

    Attributes:
        sentences: Label and sentence, each once and in their own order, not in that of the calls.
        left_out: Corrections whose sentence told who said it, or is no longer kept.
    """

    sentences: Sequence[tuple[Meaning, str]] = field(default_factory=tuple)
    left_out: int = 0


async def sentences_to_learn(database: Database, *, tenant: str, by: str) -> Learnt:
    """Every corrected sentence as it was said, with what it meant, without names or numbers; the reading is an event.

    Of a turn the newest correction counts. People who were erased are not in it.

    Raises:
        AccessError: `by` may not read what was said.
    """
    await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="correction.read")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        rows = (await connection.execute(_TO_LEARN, {"tenant": owner})).mappings()
        said = [_said(database, dict(row)) for row in rows]
        kept = sorted({one for one in said if one is not None})
        await note(connection, owner, "correction.read", {"by": by, "rows": len(kept)})
    return Learnt(sentences=kept, left_out=sum(one is None for one in said))


def _said(database: Database, row: Mapping[str, Any]) -> tuple[Meaning, str] | None:
    contact, turn, correction = (
        database.vault.open(row[f"about_{of}"], row[f"sealed_{of}"]) for of in ("contact", "turn", "correction")
    )
    sentence = " ".join((correction.get("heard") or turn.get("heard") or "").split())
    if not sentence or tells_who(sentence, _known(contact, turn)):
        return None
    return Meaning(row["meaning"]), sentence


def _known(contact: Mapping[str, Any], turn: Mapping[str, Any]) -> Iterator[str]:
    """What tells a person: who they are, what they answered, and attributes that not everybody may read."""
    yield contact.get("name") or ""
    yield from (turn.get("answers") or {}).values()
    for name, value in (contact.get("attributes") or {}).items():
        if level_of(name) is not Level.GENERAL:
            yield str(value)


_OWN = "a.tenant_id = (SELECT id FROM tenant WHERE name = :tenant) AND a.id = :call"
_LOCKED = text(f"SELECT FROM person p JOIN attempt a ON a.person_id = p.id WHERE {_OWN} FOR SHARE OF p")
"""Whoever erases the person waits, or was first: no words are added to what has been erased."""

_TURN = text(
    f"SELECT coalesce(t.heard_at, a.ended_at) AS moment, {with_sealed('turn', 't')}"
    f" FROM turn t JOIN attempt a ON a.id = t.attempt_id WHERE {_OWN} AND t.position = :position"
)
_STATE = text(
    f"SELECT a.state, c.sealed IS NULL AS is_erased FROM attempt a JOIN contact c ON c.id = a.contact_id WHERE {_OWN}"
)
_ADDED = text(
    "INSERT INTO correction (tenant_id, attempt_id, position, meaning, grade, by_whom, sealed)"
    f" SELECT a.tenant_id, a.id, :position, :meaning, :grade, :by, :sealed FROM attempt a WHERE {_OWN}"
)
_OF_CALL = text(
    f"SELECT e.id, e.position, e.meaning, e.grade, e.by_whom AS by, e.at, {with_sealed('correction', 'e')}"
    " FROM correction e WHERE e.attempt_id = :call ORDER BY e.id DESC"
)
_PAGE = text(
    "SELECT e.id, e.attempt_id AS call, e.position, e.meaning, t.meaning AS meaning_found, e.grade, a.grade AS grade_found,"
    " e.by_whom AS by, e.at FROM correction e JOIN attempt a ON a.id = e.attempt_id"
    " LEFT JOIN turn t ON t.attempt_id = e.attempt_id AND t.position = e.position"
    " WHERE e.tenant_id = (SELECT id FROM tenant WHERE name = :tenant)"
    " AND (cast(:before AS int) IS NULL OR e.id < :before) ORDER BY e.id DESC LIMIT :limit"
)
_TO_LEARN = text(
    "SELECT DISTINCT ON (e.attempt_id, e.position) e.meaning,"
    + ",".join(
        f" {SEALED[table].format(alias)} AS about_{table}, {alias}.sealed AS sealed_{table}"
        for table, alias in (("contact", "c"), ("turn", "t"), ("correction", "e"))
    )
    + " FROM correction e JOIN attempt a ON a.id = e.attempt_id JOIN contact c ON c.id = a.contact_id"
    " JOIN turn t ON t.attempt_id = e.attempt_id AND t.position = e.position"
    " WHERE e.tenant_id = :tenant AND c.sealed IS NOT NULL ORDER BY e.attempt_id, e.position, e.id DESC"
)
