"""What runs now and what waits for somebody, in one reading: lists are short, counts are whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.ledger.calls.follow_ups import OWED
from fairdial.ledger.calls.run_orders import IS_RUNNING
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id

MOST = 20
"""Rows of each list."""

PERIOD = timedelta(hours=24)
"""Calls are counted over this."""

Rows = Sequence[RowMapping]


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Of the last day, of now, and of what is due.

    Attributes:
        since: From when calls are counted.
        calls: Dialled since then; `answered` and `without_permit` of them. `refusals` from anywhere.
        running: Runs that some process carries out: campaign, contacts, asked, living.
        waiting: Campaigns with contacts whom the rules let be called later: campaign, contacts, the first time.
        reviews: Versions that were submitted and not decided about: name, hash, by, at.
        complaints: Open ones, by when they are due.
        call_backs: Calls people asked for, that have not been made: campaign, number of people, the first time.
        follow_ups: Messages and hand-overs that are owed: kind, how many, since when.
        unknown: Calls whose end nobody knows.
    """

    since: datetime
    calls: int
    answered: int
    without_permit: int
    refusals: int
    unknown: int
    running: Rows
    waiting: Rows
    reviews: Rows
    complaints: Rows
    suspensions: Rows
    call_backs: Rows
    follow_ups: Rows


async def today(database: Database, *, tenant: str) -> Today:
    """Everything of `Today` for one tenant."""
    async with database.transaction() as connection:
        key: dict[str, Any] = {"tenant": await tenant_id(connection, tenant), "most": MOST, "period": PERIOD}

        async def rows(query: str) -> Rows:
            return (await connection.execute(text(query), key)).mappings().all()

        [counts] = await rows(_COUNTS)
        return Today(
            **counts,
            running=await rows(_RUNNING),
            waiting=await rows(_WAITING),
            reviews=await rows(_REVIEWS),
            complaints=await rows(_COMPLAINTS),
            suspensions=await rows(_SUSPENSIONS),
            call_backs=await rows(_CALL_BACKS),
            follow_ups=await rows(_FOLLOW_UPS),
        )


_COUNTS = (
    "SELECT fairdial_now() - cast(:period AS interval) AS since, count(*) AS calls, count(*) FILTER (WHERE a.disposition = 'answered'"
    " OR a.disposition IS NULL AND a.answered_at IS NOT NULL) AS answered,"
    " count(*) FILTER (WHERE p.used_at IS NULL) AS without_permit,"
    " (SELECT count(*) FROM refusal WHERE tenant_id = :tenant"
    " AND recorded_at > fairdial_now() - cast(:period AS interval)) AS refusals,"
    " (SELECT count(*) FROM attempt WHERE tenant_id = :tenant AND state = 'unknown') AS unknown"
    " FROM attempt a LEFT JOIN permit p ON p.id = a.permit_id"
    " WHERE a.tenant_id = :tenant AND a.dialled_at > fairdial_now() - cast(:period AS interval)"
)
_RUNNING = (
    f"SELECT c.name AS campaign, r.number AS run, r.started_at,"
    " (SELECT count(*) FROM campaign_contact cc WHERE cc.campaign_id = c.id) AS contacts,"
    " (SELECT count(*) FROM campaign_contact cc WHERE cc.campaign_id = c.id AND cc.asked_run = r.number) AS asked,"
    " (SELECT count(*) FROM attempt a WHERE a.run_id = r.id AND a.state = 'dialing') AS living"
    " FROM campaign c JOIN tenant t ON t.id = c.tenant_id"
    " JOIN LATERAL (SELECT * FROM run WHERE campaign_id = c.id ORDER BY number DESC LIMIT 1) r ON true"
    f" WHERE c.tenant_id = :tenant AND r.ended_at IS NULL AND {IS_RUNNING} ORDER BY r.started_at DESC LIMIT :most"
)
_WAITING = (
    "SELECT c.name AS campaign, w.contacts, w.not_before FROM campaign c JOIN LATERAL (SELECT count(*) AS contacts,"
    " min(until) AS not_before FROM verdict WHERE outcome = 'wait' AND run_id ="
    " (SELECT id FROM run WHERE campaign_id = c.id ORDER BY number DESC LIMIT 1)) w ON w.contacts > 0"
    " WHERE c.tenant_id = :tenant ORDER BY 3, 1 LIMIT :most"
)
_REVIEWS = (
    "SELECT s.name, s.hash, w.by_whom AS by, w.at FROM script_version s JOIN LATERAL (SELECT state, by_whom, at"
    " FROM script_review WHERE script_hash = s.hash AND tenant_id = :tenant ORDER BY id DESC LIMIT 1) w ON true"
    " WHERE s.tenant_id = :tenant AND w.state = 'submitted' ORDER BY w.at LIMIT :most"
)
_COMPLAINTS = (
    "SELECT id, category, received_at, acknowledge_by, close_by FROM complaint"
    " WHERE tenant_id = :tenant AND closed_at IS NULL ORDER BY close_by, id LIMIT :most"
)
_SUSPENSIONS = (
    "SELECT resource, name, reason, since, suspended_by FROM suspension"
    " WHERE tenant_id = :tenant AND lifted_at IS NULL ORDER BY since LIMIT :most"
)
_CALL_BACKS = (
    "SELECT k.name AS campaign, count(DISTINCT b.contact_id) AS contacts, min(b.not_before) AS not_before FROM call_back b"
    " JOIN attempt a ON a.id = b.attempt_id JOIN run r ON r.id = a.run_id JOIN campaign k ON k.id = r.campaign_id"
    " JOIN campaign_contact cc ON cc.campaign_id = k.id AND cc.contact_id = b.contact_id"
    " WHERE b.tenant_id = :tenant AND cc.outcome IS NULL AND NOT EXISTS (SELECT 1 FROM attempt later"
    " WHERE later.contact_id = b.contact_id AND later.id > a.id AND later.dialled_at IS NOT NULL)"
    " GROUP BY 1 ORDER BY 3 LIMIT :most"
)
_FOLLOW_UPS = (
    "SELECT u.kind, count(*) AS number, min(u.created_at) AS since FROM follow_up u JOIN attempt a ON a.id = u.attempt_id"
    f" WHERE u.tenant_id = :tenant AND u.done_at IS NULL AND {OWED} GROUP BY 1 ORDER BY 1"
)
