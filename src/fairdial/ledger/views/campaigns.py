"""Campaigns as they stand: how many were asked, why not, how calls ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text

from fairdial.ledger.calls.run_orders import IS_RUNNING
from fairdial.ledger.database import Database


async def campaigns(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Every campaign of the tenant, the newest first, with the newest run's times."""
    async with database.transaction() as connection:
        rows = await connection.execute(text(f"{_CAMPAIGN} ORDER BY c.id DESC"), {"tenant": tenant})
        return rows.mappings().all()


async def campaign_named(database: Database, *, tenant: str, name: str) -> RowMapping | None:
    """One campaign of the tenant; None when there is none of that name."""
    async with database.transaction() as connection:
        rows = await connection.execute(text(f"{_CAMPAIGN} AND c.name = :name"), {"tenant": tenant, "name": name})
        return rows.mappings().one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How far a campaign's contacts have come.

    Attributes:
        contacts: On the campaign's list.
        asked: Whom the gate has been asked about, by its newest answer: `allow`, `wait`, `deny`.
        rules: Of those not allowed now, how many each rule spoke against, by its name.
        dispositions: How calls ended; `grades` of those answered.
    """

    contacts: int
    asked: dict[str, int]
    rules: dict[str, int]
    dispositions: dict[str, int]
    grades: dict[str, int]
    refusals: int
    without_permit: int


async def funnel(database: Database, *, campaign_id: int) -> Funnel:
    """Counts over the campaign's whole life; of several verdicts about a contact the newest counts."""
    async with database.transaction() as connection:

        async def counted(query: str) -> dict[str, int]:
            rows = await connection.execute(text(query), {"campaign": campaign_id})
            return {str(name): int(count) for name, count in rows}

        contacts = await connection.execute(
            text("SELECT count(*) FROM campaign_contact WHERE campaign_id = :campaign"), {"campaign": campaign_id}
        )
        return Funnel(
            contacts=int(contacts.scalar_one()),
            asked=await counted(f"SELECT outcome, count(*) FROM ({_NEWEST}) v GROUP BY 1"),
            rules=await counted(
                f"SELECT o->>'rule_id', count(DISTINCT v.contact_id) FROM ({_NEWEST}) v, jsonb_array_elements(v.opinions) o"
                " WHERE v.outcome <> 'allow' AND o->>'outcome' <> 'allow' GROUP BY 1 ORDER BY 2 DESC"
            ),
            dispositions=await counted(f"SELECT coalesce(disposition, state), count(*) {_ATTEMPTS} GROUP BY 1"),
            grades=await counted(f"SELECT grade, count(*) {_ATTEMPTS} AND grade IS NOT NULL GROUP BY 1"),
            refusals=sum(
                (
                    await counted(
                        f"SELECT f.kind, count(*) FROM refusal f WHERE f.attempt_id IN (SELECT a.id {_ATTEMPTS}) GROUP BY 1"
                    )
                ).values()
            ),
            without_permit=sum(
                (await counted(f"SELECT a.state, count(*) {_ATTEMPTS} AND a.permit_id IS NULL GROUP BY 1")).values()
            ),
        )


_CAMPAIGN = (
    "SELECT c.id, c.name, c.purpose, l.name AS list, c.script_hash, s.name AS script, c.line, c.caller_number, c.topics, c.state,"
    f" r.number AS run, r.started_at, r.ended_at, {IS_RUNNING} AS is_running,"
    " (SELECT count(*) FROM campaign_contact cc WHERE cc.campaign_id = c.id) AS contacts"
    " FROM campaign c JOIN tenant t ON t.id = c.tenant_id JOIN list l ON l.id = c.list_id"
    " JOIN script_version s ON s.hash = c.script_hash LEFT JOIN LATERAL (SELECT number, started_at, ended_at FROM run"
    " WHERE campaign_id = c.id ORDER BY number DESC LIMIT 1) r ON true WHERE t.name = :tenant"
)
_NEWEST = (
    "SELECT DISTINCT ON (v.contact_id) v.contact_id, v.outcome, v.opinions FROM verdict v JOIN run r ON r.id = v.run_id"
    " WHERE r.campaign_id = :campaign ORDER BY v.contact_id, v.id DESC"
)
_ATTEMPTS = "FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.campaign_id = :campaign"
