"""Why each contact of a campaign was called or not: the newest verdict with every rule that spoke, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import opened, with_sealed


async def verdicts_page(
    database: Database, *, campaign_id: int, outcome: str | None, rule: str | None, after: int, limit: int
) -> Sequence[dict[str, Any]]:
    """Up to `limit` contacts of a campaign with ids above `after`, each with its newest verdict and its newest call.

    Args:
        outcome: Only these: `allow`, `wait`, `deny`, or `none` for those who were not asked for yet.
        rule: Only those whom this rule speaks against.
    """
    narrowed = {None: "", "none": " AND v.outcome IS NULL"}.get(outcome, " AND v.outcome = :outcome")
    if rule is not None:
        narrowed += (
            " AND v.outcome <> 'allow' AND EXISTS (SELECT 1 FROM jsonb_array_elements(v.opinions) o"
            " WHERE o ->> 'rule_id' = :rule AND o ->> 'outcome' <> 'allow')"
        )
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT c.id, c.line_no, c.region, c.number_kind, cc.outcome AS done, v.outcome, v.until, v.decided_at,"
                f" v.opinions, v.pack_versions, a.id AS call, a.disposition, a.grade, {with_sealed('contact', 'c')}"
                " FROM campaign_contact cc JOIN contact c ON c.id = cc.contact_id"
                " LEFT JOIN LATERAL (SELECT x.outcome, x.until, x.decided_at, x.opinions, x.pack_versions FROM verdict x"
                " JOIN run r ON r.id = x.run_id WHERE x.contact_id = c.id AND r.campaign_id = cc.campaign_id"
                " ORDER BY x.id DESC LIMIT 1) v ON true"
                " LEFT JOIN LATERAL (SELECT y.id, coalesce(y.disposition, y.state) AS disposition, y.grade FROM attempt y"
                " JOIN run r ON r.id = y.run_id WHERE y.contact_id = c.id AND r.campaign_id = cc.campaign_id"
                " ORDER BY y.id DESC LIMIT 1) a ON true"
                f" WHERE cc.campaign_id = :campaign AND cc.contact_id > :after{narrowed} ORDER BY cc.contact_id LIMIT :limit"
            ),
            {"campaign": campaign_id, "outcome": outcome, "rule": rule, "after": after, "limit": limit},
        )
        return [opened(database.vault, row) for row in rows.mappings()]
