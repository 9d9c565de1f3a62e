"""What became of an attempt: its end, its turns, and the attempts of workers that died."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Result, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.call_record import CallRecord, Turn
from fairdial.core.pacing.set_up import read_signalling
from fairdial.ledger.calls.conversations import keep_conversation
from fairdial.ledger.calls.next_tries import set_next_try
from fairdial.ledger.calls.recordings import keep_key
from fairdial.ledger.calls.wire import keep_wire
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import of_call_back, of_turn

_FIRST_WORD_MS = 2000
"""A call in which we say nothing for longer is abandoned (47 CFR 64.1200(a)(7))."""


async def end_attempt(database: Database, *, attempt_id: int, record: CallRecord) -> None:
    """Write how an attempt ended, its turns and what the campaign keeps of it, in one transaction; may be repeated.

    One that was held for lost while its worker was cut off from the database is written all the same, unless somebody has
    settled it by hand meanwhile.
    """
    outcome, seen = record.outcome or record.disposition, read_signalling(record)
    async with database.transaction() as connection:
        row = await connection.execute(
            _END,
            {
                "id": attempt_id,
                "disposition": record.disposition,
                "status": record.sip_status,
                "announcement": record.announcement,
                "call_id": record.call_id,
                "answered": record.answered_at,
                "ended": record.ended_at,
                "goodbye": record.goodbye_ended_at,
                "first_word": record.first_word_ms,
                "grade": record.grade,
                "outcome": outcome,
                "recording": record.recording,
                "unrung": seen.surely_unrung,
                "post_dial": seen.post_dial_ms,
                "early": seen.has_early_media,
                "retry_after": seen.retry_after_s,
                "redress": seen.redress,
            },
        )
        ended = row.one_or_none()
        if ended is None:  # written by an earlier try whose answer was lost, or settled by hand meanwhile
            return
        for position, turn in enumerate(record.turns):
            words: dict[str, object] = {
                "heard": turn.heard,
                "said": turn.said,
                "evidence": turn.understood and turn.understood.evidence,
            }
            if turn.answers:
                words["answers"] = dict(turn.answers)
            sealed = database.vault.seal(of_turn(attempt_id, position), words)
            await connection.execute(
                _TURN, _turn_values(turn, position, attempt_id, ended.tenant_id) | {"sealed": sealed}
            )
        if record.recording_key is not None:
            await keep_key(connection, database.vault, attempt_id, ended.tenant_id, record.recording_key)
        if record.wire:
            await keep_wire(connection, attempt_id, ended.tenant_id, record.wire)
        if record.log is not None:
            await keep_conversation(connection, database.vault, attempt_id, ended.tenant_id, record.log)
        await set_next_try(connection, attempt_id)
        await connection.execute(_ANOTHER_LINE if seen.surely_unrung else _NO_LINE_TRIED, {"attempt": attempt_id})
        if record.disposition == "answered" and record.answered_at is not None:
            is_abandoned = record.first_word_ms is None or record.first_word_ms > _FIRST_WORD_MS
            about = {"run": ended.run_id, "at": record.answered_at, "abandoned": int(is_abandoned)}
            # last: calls of a campaign wait here for each other's commit
            await connection.execute(_COUNT_ANSWERED, about)


_END = text(
    "UPDATE attempt SET state = 'ended', disposition = :disposition, sip_status = :status,"
    " announcement = :announcement, call_id = :call_id, answered_at = :answered, ended_at = :ended,"
    " goodbye_ended_at = :goodbye, first_word_ms = :first_word, grade = :grade, outcome = :outcome,"
    " recording = :recording, surely_unrung = :unrung, post_dial_ms = :post_dial, early_media = :early,"
    " retry_after_s = :retry_after, redress = :redress WHERE id = :id"
    " AND (state = 'dialing' OR state = 'unknown' AND settled_by IS NULL) RETURNING run_id, tenant_id"
)

_OF_ATTEMPT = (
    " FROM attempt a JOIN permit p ON p.id = a.permit_id JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id"
    " WHERE a.id = :attempt AND cc.contact_id = a.contact_id AND cc.campaign_id = k.id"
)
_TRIED = "coalesce(cc.tried_lines, '{}') || p.line"
_UNTRIED = f"EXISTS (SELECT 1 FROM unnest(coalesce(k.lines, ARRAY[k.line])) l WHERE l <> ALL({_TRIED}))"
_ANOTHER_LINE = text(
    f"UPDATE campaign_contact cc SET tried_lines = CASE WHEN {_UNTRIED} THEN {_TRIED} END,"
    f" due_at = CASE WHEN {_UNTRIED} THEN fairdial_now() ELSE cc.due_at END,"
    f" not_before = CASE WHEN {_UNTRIED} THEN fairdial_now() ELSE cc.not_before END{_OF_ATTEMPT} AND cc.due_at IS NOT NULL"
)
"""No phone rang: due at once while the campaign has a line that has not been tried; each is tried once."""

_NO_LINE_TRIED = text(f"UPDATE campaign_contact cc SET tried_lines = NULL{_OF_ATTEMPT} AND cc.tried_lines IS NOT NULL")

_COUNT_ANSWERED = text(
    "INSERT INTO answered_hour (tenant_id, campaign_id, hour, answered, abandoned)"
    " SELECT tenant_id, campaign_id, date_trunc('hour', cast(:at AS timestamptz), 'UTC'), 1, :abandoned FROM run WHERE id = :run"
    " ON CONFLICT (campaign_id, hour) DO UPDATE SET answered = answered_hour.answered + 1,"
    " abandoned = answered_hour.abandoned + excluded.abandoned"
)
_TURN = text(
    "INSERT INTO turn (tenant_id, attempt_id, position, meaning, confidence, gap_ms, interrupted, heard_at, said_at, step, sealed)"
    " VALUES (:tenant, :attempt, :position, :meaning, :confidence, :gap_ms, :interrupted, :heard_at, :said_at, :step, :sealed)"
)


def _turn_values(turn: Turn, position: int, attempt_id: int, tenant_id: int) -> dict[str, object]:
    return {
        "tenant": tenant_id,
        "attempt": attempt_id,
        "position": position,
        "meaning": turn.understood.meaning if turn.understood else None,
        "confidence": turn.understood.confidence if turn.understood else None,
        "gap_ms": turn.gap_ms,
        "interrupted": turn.interrupted,
        "heard_at": turn.heard_at,
        "said_at": turn.said_at,
        "step": turn.step,
    }


async def record_call_back(database: Database, *, attempt_id: int, words: str, not_before: datetime) -> None:
    """Keep a call-back the person asked for; the gate waits until then."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "WITH kept AS (INSERT INTO call_back (tenant_id, attempt_id, contact_id, sealed, not_before)"
                " SELECT tenant_id, id, contact_id, :sealed, :at FROM attempt WHERE id = :attempt RETURNING contact_id)"
                " UPDATE campaign_contact SET not_before = :at WHERE contact_id IN (SELECT contact_id FROM kept)"
                " AND campaign_id = (SELECT r.campaign_id FROM attempt a JOIN run r ON r.id = a.run_id"
                " WHERE a.id = :attempt)"
            ),
            {
                "attempt": attempt_id,
                "sealed": database.vault.seal(of_call_back(attempt_id), {"words": words}),
                "at": not_before,
            },
        )


async def note_call_ids(database: Database, call_ids: Mapping[int, str | None]) -> None:
    """Keep the SIP Call-IDs of INVITEs that are on their way, by attempt."""
    async with database.statement() as connection:
        await connection.execute(
            text(
                "UPDATE attempt SET call_id = noted.call_id FROM unnest(cast(:ids AS int[]), cast(:call_ids AS text[]))"
                " AS noted(id, call_id) WHERE attempt.id = noted.id"
            ),
            {"ids": list(call_ids), "call_ids": list(call_ids.values())},
        )


async def lose_attempt(database: Database, *, attempt_id: int) -> None:
    """Turn an attempt nobody knows the fate of into `unknown`: it counts as made and is not dialled again."""
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE attempt SET state = 'unknown' WHERE id = :id AND state = 'dialing'"), {"id": attempt_id}
        )
        await _serve_as_unknown(connection, [attempt_id])


async def _serve_as_unknown(connection: AsyncConnection, attempt_ids: list[int]) -> None:
    await connection.execute(
        text(
            "UPDATE campaign_contact cc SET outcome = 'unknown', due_at = NULL, lease_until = NULL, worker = NULL"
            " FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.id = ANY(:ids)"
            " AND cc.contact_id = a.contact_id AND cc.campaign_id = r.campaign_id"
        ),
        {"ids": attempt_ids},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was found of dead workers: attempts that may have rung, and permits never spent."""

    unknown: int
    released: int


async def settle_dead(database: Database) -> Settled:
    """Turn what dead workers left behind into facts.

    An attempt past its lease that was being dialled becomes `unknown`: it counts as
    made and its contact is never dialled again on its own. A reservation whose permit
    expired unspent sent no INVITE and is removed with its permit's contact set free.
    """
    return await _settle(database, worker=None)


async def settle_worker(database: Database, worker: str) -> Settled:
    """Do the same at once for a worker whose process is known to be gone, and free its claims.

    Nobody else knows its permits: those unspent stay so, because their reservation is over.
    """
    settled = await _settle(database, worker=worker)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE campaign_contact SET lease_until = NULL, worker = NULL WHERE worker = :worker"),
            {"worker": worker},
        )
    return settled


async def _settle(database: Database, *, worker: str | None) -> Settled:
    async with database.transaction() as connection:
        unknown = await _ids(
            connection.execute(
                text(
                    "UPDATE attempt SET state = 'unknown' WHERE state = 'dialing'"
                    " AND (lease_until < fairdial_now() OR worker = :worker) RETURNING id"
                ),
                {"worker": worker},
            )
        )
        await _serve_as_unknown(connection, unknown)
        released = await _ids(
            connection.execute(
                text(
                    "UPDATE attempt a SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now()"
                    " FROM permit p WHERE p.id = a.permit_id AND a.state = 'reserved' AND p.used_at IS NULL"
                    " AND (p.expires_at < fairdial_now() OR a.worker = :worker) RETURNING a.id"
                ),
                {"worker": worker},
            )
        )
        await connection.execute(
            text(
                "UPDATE campaign_contact cc SET due_at = fairdial_now(), lease_until = NULL, worker = NULL"
                " FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.id = ANY(:ids)"
                " AND cc.contact_id = a.contact_id AND cc.campaign_id = r.campaign_id"
            ),
            {"ids": released},
        )
    return Settled(unknown=len(unknown), released=len(released))


async def _ids(execution: Awaitable[Result[Any]]) -> list[int]:
    return [row.id for row in await execution]


async def give_back(database: Database, *, attempt_id: int) -> None:
    """Close a reservation whose permit could not be spent: nothing was dialled, the contact is free."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE attempt SET state = 'ended', disposition = 'not_dialled', ended_at = fairdial_now()"
                " WHERE id = :id AND state = 'reserved'"
            ),
            {"id": attempt_id},
        )
        await connection.execute(
            text(
                "UPDATE campaign_contact cc SET due_at = fairdial_now(), lease_until = NULL, worker = NULL FROM attempt a"
                " JOIN run r ON r.id = a.run_id WHERE a.id = :id AND cc.contact_id = a.contact_id"
                " AND cc.campaign_id = r.campaign_id AND (cc.worker IS NULL OR cc.worker = a.worker)"
            ),
            {"id": attempt_id},
        )
