"""Why each contact of a campaign was called, waits or never is: how it stands, and the newest verdict with every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.plan import ZONE, Held, Holds
from fairdial.core.campaign.retries import Cause
from fairdial.core.campaign.why import ContactFacts, Said, Why, why
from fairdial.core.policy.finding import Outcome
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed
from fairdial.ledger.protection.vault import Vault


async def verdicts_page(
    database: Database, *, campaign_id: int, outcome: str | None, rule: str | None, after: int, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` contacts of a campaign with ids above `after`, each with its newest verdict and its newest call.

    Args:
        outcome: Only these: `allow`, `wait`, `deny`, or `none` for those who were not asked for yet.
        rule: Only those whom this rule speaks against.

    Returns:
        Rows; `why` is a `Why`.
    """
    narrowed = {None: "", "none": " AND v.outcome IS NULL"}.get(outcome, " AND v.outcome = :outcome")
    if rule is not None:
        narrowed += (
            " AND v.outcome <> 'allow' AND EXISTS (SELECT 1 FROM jsonb_array_elements(v.opinions) o"
            " WHERE o ->> 'rule_id' = :rule AND o ->> 'outcome' <> 'allow')"
        )
    chosen = f"cc.campaign_id = :campaign AND cc.contact_id > :after{narrowed} ORDER BY cc.contact_id LIMIT :limit"
    values = {"campaign": campaign_id, "outcome": outcome, "rule": rule, "after": after, "limit": limit}
    async with database.transaction() as connection:
        return await _read(connection, database.vault, chosen, values)


async def stands_of_all(connection: AsyncConnection, vault: Vault, *, campaign_id: int) -> Sequence[dict[str, Any]]:
    """Every contact of a campaign in list order, as in `verdicts_page`."""
    chosen = "cc.campaign_id = :campaign ORDER BY c.line_no, c.id"
    return await _read(connection, vault, chosen, {"campaign": campaign_id})


async def whys_of(
    database: Database, *, tenant: str, contact: int | None, number: str | None, campaign: str | None
) -> Sequence[dict[str, Any]]:
    """How a contact stands in the tenant's campaigns, the newest first; by its id, or wherever a number (E.164) is listed."""
    chosen = (
        "k.tenant_id = (SELECT id FROM tenant WHERE name = :tenant) AND (cast(:name AS text) IS NULL OR k.name = :name)"
        " AND (c.id = :contact OR c.number_key = :key) ORDER BY k.id DESC, c.id"
    )
    key = None if number is None else database.person_key.of(number)
    values = {"tenant": tenant, "name": campaign, "contact": contact, "key": key}
    async with database.transaction() as connection:
        return await _read(connection, database.vault, chosen, values)


async def _read(
    connection: AsyncConnection, vault: Vault, chosen: str, values: Mapping[str, object]
) -> list[dict[str, Any]]:
    rows = await connection.execute(text(f"{_CONTACTS} WHERE {chosen}"), values)
    return [row | {"why": _why(row)} for row in (opened(vault, row) for row in rows.mappings())]


def _why(row: Mapping[str, Any]) -> Why:
    held = row["held_by"] and Held(by=Holds(row["held_by"]), until=row["held_until"])
    facts = ContactFacts(
        state=CampaignState(row["state"]),
        held=held,
        is_living=row["is_living"],
        tries=row["tries"],
        last=(row["dialled_at"], row["disposition"]) if row["dialled_at"] else None,
        due_at=row["due_at"],
        waits_for=row["waits_for"] and Cause(row["waits_for"]),
        outcome=row["done"],
        said=None if row["outcome"] is None else _said(row),
    )
    return why(facts, row["now"], ZoneInfo(row["zone"] or ZONE))


def _said(row: Mapping[str, Any]) -> Said:
    against = [
        (o["rule_id"], o.get("reason_zh", ""), o.get("reason_en", ""))
        for o in row["opinions"]
        if o["outcome"] != Outcome.ALLOW
    ]
    return Said(outcome=Outcome(row["outcome"]), until=row["until"], against=against)


_CONTACTS = (
    "SELECT fairdial_now() AS now, k.name AS campaign, k.state, k.held_by, k.held_until, cc.due_at, cc.waits_for, c.id,"
    " c.line_no, c.region, c.zone, c.number_kind, cc.outcome AS done, v.outcome, v.until, v.decided_at, v.opinions,"
    f" v.pack_versions, a.id AS call, a.disposition, a.grade, a.dialled_at, {with_sealed('contact', 'c')},"
    " coalesce(a.state IN ('reserved', 'dialing'), false) AS is_living,"
    " (SELECT count(*) FROM attempt x JOIN run r ON r.id = x.run_id WHERE x.person_id = c.person_id AND x.contact_id = c.id"
    " AND r.campaign_id = cc.campaign_id AND x.dialled_at IS NOT NULL) AS tries"
    " FROM campaign_contact cc JOIN contact c ON c.id = cc.contact_id JOIN campaign k ON k.id = cc.campaign_id"
    " LEFT JOIN LATERAL (SELECT x.outcome, x.until, x.decided_at, x.opinions, x.pack_versions FROM verdict x"
    " JOIN run r ON r.id = x.run_id WHERE x.contact_id = c.id AND r.campaign_id = cc.campaign_id"
    " ORDER BY x.id DESC LIMIT 1) v ON true"
    " LEFT JOIN LATERAL (SELECT y.id, y.state, y.dialled_at, coalesce(y.disposition, y.state) AS disposition, y.grade"
    " FROM attempt y JOIN run r ON r.id = y.run_id WHERE y.contact_id = c.id AND y.person_id = c.person_id"
    " AND r.campaign_id = cc.campaign_id ORDER BY y.id DESC LIMIT 1) a ON true"
)
