"""What a dialer reads of a contact to speak with it: the values a script may say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import text

from fairdial.core.script.fields import spoken_fields
from fairdial.ledger.database import Database
from fairdial.ledger.people.lists import known_list
from fairdial.ledger.protection.sealed import of_contact
from fairdial.ledger.protection.vault import Vault

FALLBACK_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A contact as the script addresses it."""

    contact_id: int
    zone: str
    fields: dict[str, str]


class Addressed(TypedDict):
    """How a person is addressed and what the list says of them."""

    name: str
    title: str | None
    attributes: dict[str, Any]


def addressed(vault: Vault, number_key: str, sealed: bytes | None) -> Addressed:
    """Open what a list says of a person; empty when it was erased."""
    value = vault.open(of_contact(number_key), sealed)
    return Addressed(name=value.get("name", ""), title=value.get("title"), attributes=value.get("attributes", {}))


async def addressees(database: Database, contacts: Collection[int]) -> dict[int, Addressee]:
    """Read how to address these contacts."""
    async with database.statement() as connection:
        rows = await connection.execute(
            text("SELECT id, number_key, sealed, zone FROM contact WHERE id = ANY(:ids)"), {"ids": list(contacts)}
        )
        return {
            row.id: Addressee(
                contact_id=row.id,
                zone=row.zone or FALLBACK_ZONE,
                fields=spoken_fields(**addressed(database.vault, row.number_key, row.sealed)),
            )
            for row in rows
        }


_AT_ONCE = 2_000
"""Contacts that are read and opened before others are served."""


async def fields_in_parts(database: Database, *, tenant: str, campaign: str) -> AsyncIterator[list[dict[str, str]]]:
    """The spoken fields of every contact of a campaign, for checking that all clips exist, however long its list is."""
    after = 0
    while True:
        async with database.transaction() as connection:
            rows = (
                await connection.execute(
                    _FIELDS, {"tenant": tenant, "campaign": campaign, "after": after, "most": _AT_ONCE}
                )
            ).all()
        if not rows:
            return
        yield [spoken_fields(**addressed(database.vault, row.number_key, row.sealed)) for row in rows]
        after = rows[-1].id


_FIELDS = text(
    "SELECT c.id, c.number_key, c.sealed FROM contact c WHERE c.list_id = (SELECT k.list_id FROM campaign k"
    " JOIN tenant t ON t.id = k.tenant_id WHERE t.name = :tenant AND k.name = :campaign)"
    " AND c.id > :after AND c.sealed IS NOT NULL ORDER BY c.id LIMIT :most"
)


async def list_fields(
    database: Database, *, tenant: str, contact_list: str, most: int | None = None
) -> list[dict[str, str]]:
    """The same of every contact of a list, or of the first `most` of them.

    Raises:
        InputError: The tenant has no such list.
    """
    async with database.transaction() as connection:
        list_id = await known_list(connection, tenant=tenant, name=contact_list)
        rows = await connection.execute(
            text(
                "SELECT number_key, sealed FROM contact WHERE list_id = :list AND sealed IS NOT NULL ORDER BY id LIMIT :most"
            ),
            {"list": list_id, "most": most},
        )
        return [spoken_fields(**addressed(database.vault, r.number_key, r.sealed)) for r in rows]
