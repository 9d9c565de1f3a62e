"""When a contact is called next, now that a call of theirs has ended: facts read, decided in `core/campaign`, written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.call_record import Disposition
from fairdial.core.campaign.retries import Again, Cause, Ended, Over, Tried, cause_of, next_try
from fairdial.ledger.calls.answer_hours import odds_for
from fairdial.ledger.campaigns import HOURS, RETRIES


async def set_next_try(connection: AsyncConnection, attempt_id: int) -> Again | Over:
    """Decide and write when the contact of an ended attempt is due again, in the transaction that ended it."""
    row = (await connection.execute(_FACTS, {"attempt": attempt_id})).mappings().one()
    zone = ZoneInfo(row["zone"])
    answer = next_try(
        RETRIES.validate_python(row["retries"]),
        [_tried(one) for one in row["tries"]],
        ended=row["now"],
        zone=zone,
        hours=HOURS.validate_python(row["hours"]),
        promised=row["promised"],
        stops_at=row["stops_at"],
        odds=await odds_for(connection, row["campaign_id"], row["contact_id"], zone) if row["best_time"] else None,
    )
    key = {"campaign": row["campaign_id"], "contact": row["contact_id"]}
    if isinstance(answer, Again):
        await connection.execute(_AGAIN, key | {"at": answer.at, "rank": answer.rank, "cause": answer.cause})
    else:
        await connection.execute(_OVER, key | {"outcome": _outcome(answer, row)})
    return answer


def _tried(one: dict[str, Any]) -> Tried:
    cause = cause_of(Disposition(one["disposition"]), one["outcome"])
    return Tried(at=datetime.fromisoformat(one["at"]), cause=Cause.OWN_LINE if one["unrung"] else cause)


def _outcome(over: Over, row: RowMapping) -> str:
    """What the campaign keeps: how the call ended where that is the reason, else which limit is spent."""
    last = row["tries"][-1]
    return str(last["outcome"]) if over.why in (Ended.SERVED, Ended.NEVER_AGAIN) else over.why.value


_FACTS = text(
    "SELECT fairdial_now() AS now, k.id AS campaign_id, c.id AS contact_id, coalesce(c.zone, k.zone) AS zone, k.hours, k.retries,"
    " k.stops_at, k.best_time, (SELECT not_before FROM call_back WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) AS promised,"
    " array(SELECT jsonb_build_object('at', x.dialled_at, 'disposition', x.disposition, 'outcome', x.outcome,"
    " 'unrung', x.surely_unrung) FROM attempt x"
    " JOIN run y ON y.id = x.run_id WHERE x.person_id = a.person_id AND x.contact_id = a.contact_id"
    " AND y.campaign_id = k.id AND x.state = 'ended' AND x.dialled_at IS NOT NULL ORDER BY x.id) AS tries"
    " FROM attempt a JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id JOIN contact c ON c.id = a.contact_id"
    " WHERE a.id = :attempt"
)
_MINE = " WHERE campaign_id = :campaign AND contact_id = :contact"
_AGAIN = text(
    "UPDATE campaign_contact SET lease_until = NULL, worker = NULL, due_at = :at, not_before = :at, rank = :rank,"
    f" waits_for = :cause{_MINE}"
)
_OVER = text(
    "UPDATE campaign_contact SET lease_until = NULL, worker = NULL, due_at = NULL, waits_for = NULL, outcome = :outcome"
    f"{_MINE}"
)
