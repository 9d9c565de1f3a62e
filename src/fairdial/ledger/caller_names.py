"""How caller numbers stand with the people and networks they call: looked at now and then, written where routing reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text

from fairdial.core.pacing.caller_use import Response, standing
from fairdial.core.policy.brake import SHORT_S
from fairdial.ledger.database import Database

SPAN = timedelta(days=7)
"""What a number did before is forgotten."""

LEAST_OTHERS = 50
"""Calls of the tenant's other numbers that tell what answer rate is usual."""


async def weigh_callers(database: Database, numbers: Sequence[str]) -> None:
    """Look at how calls with these numbers were taken, against all of the list, and write down how each stands."""
    async with database.transaction() as connection:
        values = {"numbers": list(numbers), "span": SPAN, "short": timedelta(seconds=SHORT_S)}
        rows = {row.number: row for row in await connection.execute(_RESPONSES, values)}
        for number in rows:
            stands, signs = standing(_response(number, rows))
            await connection.execute(_WRITE, {"number": number, "standing": stands, "signs": list(signs)})


def _response(number: str, rows: Mapping[str, Row[Any]]) -> Response:
    row = rows[number]
    ended = sum(other.ended for name, other in rows.items() if name != number)
    answered = sum(other.answered for name, other in rows.items() if name != number)
    return Response(
        ended=row.ended,
        answered=row.answered,
        short=row.short,
        declined=row.declined,
        blocked=row.blocked,
        complaints=row.complaints,
        usual_answer_rate=answered / ended if ended >= LEAST_OTHERS else None,
    )


_RESPONSES = text(
    "SELECT n.number, count(a.id) AS ended, count(a.answered_at) FILTER (WHERE a.disposition <> 'voicemail') AS answered,"
    " count(a.id) FILTER (WHERE a.disposition = 'answered' AND a.goodbye_ended_at IS NULL"
    " AND a.ended_at <= a.answered_at + cast(:short AS interval)) AS short,"
    " count(a.id) FILTER (WHERE a.disposition = 'rejected') AS declined,"
    " count(a.id) FILTER (WHERE a.sip_status = 608) AS blocked,"
    " (SELECT count(*) FROM complaint c WHERE c.caller_number = n.number AND c.tenant_id = n.tenant_id"
    " AND c.received_at > fairdial_now() - cast(:span AS interval)) AS complaints"
    " FROM caller_number n LEFT JOIN permit p ON p.caller_number = n.number AND p.used_at IS NOT NULL"
    " AND p.issued_at > fairdial_now() - cast(:span AS interval)"
    " LEFT JOIN attempt a ON a.permit_id = p.id AND a.state = 'ended' AND NOT a.surely_unrung"
    " WHERE n.number = ANY(:numbers) GROUP BY n.number, n.tenant_id"
)
_WRITE = text("UPDATE caller_number SET standing = :standing, signs = :signs WHERE number = :number")
