"""What a dialer reads of a contact to speak with it: the values a script may say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from fairdial.core.script.fields import spoken_fields
from fairdial.ledger.database import Database

FALLBACK_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A contact as the script addresses it."""

    contact_id: int
    zone: str
    fields: dict[str, str]


async def addressee(database: Database, contact_id: int) -> Addressee:
    """Read how to address one contact."""
    async with database.transaction() as connection:
        row = (
            await connection.execute(
                text("SELECT name, title, zone, attributes FROM contact WHERE id = :id"), {"id": contact_id}
            )
        ).one()
    return Addressee(
        contact_id=contact_id,
        zone=row.zone or FALLBACK_ZONE,
        fields=spoken_fields(name=row.name, title=row.title, attributes=row.attributes),
    )


async def all_fields(database: Database, *, tenant: str, campaign: str) -> list[dict[str, str]]:
    """The spoken fields of every contact of a campaign, for checking that all clips exist."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT c.name, c.title, c.attributes FROM contact c JOIN campaign k ON k.list_id = c.list_id"
                " JOIN tenant t ON t.id = k.tenant_id WHERE t.name = :tenant AND k.name = :campaign"
            ),
            {"tenant": tenant, "campaign": campaign},
        )
        return [spoken_fields(name=r.name, title=r.title, attributes=r.attributes) for r in rows]
