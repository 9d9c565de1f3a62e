"""What stands before a campaign can run: the campaign and its run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.policy.case import Purpose
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.errors import InputError, ReviewError
from fairdial.ledger.campaigns import settle
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.lists import known_list


async def create_campaign(
    database: Database,
    *,
    tenant: str,
    name: str,
    purpose: Purpose,
    contact_list: str,
    script_hash: str,
    line: str,
    caller_number: str,
    topics: Iterable[str],
    more_lines: Sequence[str] = (),
    more_caller_numbers: Sequence[str] = (),
    is_new: bool = False,
) -> None:
    """Create or change a campaign and put every contact of its list into it, each once.

    Args:
        more_lines: Besides `line`, which is the first; routing chooses among all.
        more_caller_numbers: Besides `caller_number`; each contact is shown one of all.
        is_new: Whether there must be none of this name yet.

    Raises:
        InputError: The list or the line is not this tenant's, or the campaign exists, or has another list or purpose.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        list_id = await known_list(connection, tenant=tenant, name=contact_list)
        lines, numbers = _each_once(line, more_lines), _each_once(caller_number, more_caller_numbers)
        await _known_lines(connection, owner, lines)
        if len(numbers) > 1:
            await _known_numbers(connection, owner, numbers)
        standing = await connection.execute(
            text(
                "SELECT purpose, list_id, coalesce(caller_numbers, ARRAY[caller_number]) AS numbers FROM campaign"
                " WHERE tenant_id = :tenant AND name = :name"
            ),
            {"tenant": owner, "name": name},
        )
        before = standing.one_or_none()
        if before is not None and is_new:
            raise InputError(f"campaign {name!r} exists already; give this one a name of its own 任务已存在,请另取名称")
        if before is not None and (before.purpose, before.list_id) != (purpose, list_id):
            raise InputError(
                f"campaign {name!r} exists with another list or purpose ({before.purpose}); a campaign keeps both,"
                " so give this one a name of its own"
            )
        if before is not None:
            await _keep_what_is_in_review(connection, before.numbers, numbers)
        row = await connection.execute(
            text(
                "INSERT INTO campaign (tenant_id, name, purpose, list_id, script_hash, line, caller_number, topics, lines,"
                " caller_numbers) VALUES (:tenant, :name, :purpose, :list, :script, :line, :caller, :topics, :lines, :callers)"
                " ON CONFLICT (tenant_id, name) DO UPDATE SET script_hash = excluded.script_hash, line = excluded.line,"
                " caller_number = excluded.caller_number, topics = excluded.topics, lines = excluded.lines,"
                " caller_numbers = excluded.caller_numbers RETURNING id"
            ),
            {
                "tenant": owner,
                "name": name,
                "purpose": purpose,
                "list": list_id,
                "script": script_hash,
                "line": line,
                "caller": caller_number,
                "topics": sorted(topics),
                "lines": lines if len(lines) > 1 else None,
                "callers": numbers if len(numbers) > 1 else None,
            },
        )
        campaign_id = row.scalar_one()
        await connection.execute(
            text(
                "INSERT INTO campaign_contact (tenant_id, campaign_id, contact_id)"
                " SELECT tenant_id, :campaign, id FROM contact WHERE list_id = :list ORDER BY line_no"
                " ON CONFLICT (campaign_id, contact_id) DO NOTHING"
            ),
            {"campaign": campaign_id, "list": list_id},
        )
        await settle(connection, owner, campaign_id)


def _each_once(first: str, more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([first, *more]))


async def _known_lines(connection: AsyncConnection, owner: int, lines: Sequence[str]) -> None:
    """See that these lines are the tenant's.

    Raises:
        InputError: One is not.
    """
    rows = await connection.execute(
        text("SELECT name FROM line WHERE name = ANY(:names) AND tenant_id = :tenant"),
        {"names": list(lines), "tenant": owner},
    )
    known = {row.name for row in rows}
    for line in lines:
        if line not in known:
            raise InputError(f"line {line!r} is not known; add it with `fairdial line add` 没有这条线路")


async def _known_numbers(connection: AsyncConnection, owner: int, numbers: Sequence[str]) -> None:
    """See that these caller numbers are registered.

    Raises:
        InputError: One is not the tenant's.
    """
    rows = await connection.execute(
        text("SELECT number FROM caller_number WHERE number = ANY(:numbers) AND tenant_id = :tenant"),
        {"numbers": list(numbers), "tenant": owner},
    )
    known = {row.number for row in rows}
    if not known.issuperset(numbers):
        raise InputError(
            "a caller number of the campaign is not registered; add it with `fairdial caller add` 有主叫号码尚未登记"
        )


async def _keep_what_is_in_review(connection: AsyncConnection, before: Sequence[str], after: Sequence[str]) -> None:
    """See that a campaign is not moved away from a number that is suspended.

    Raises:
        InputError: It would be: its contacts would be called with another number instead of that being looked into.
    """
    left = sorted(set(before) - set(after))
    rows = await connection.execute(
        text("SELECT 1 FROM suspension WHERE resource = 'caller' AND name = ANY(:names) AND lifted_at IS NULL LIMIT 1"),
        {"names": left},
    )
    if left and rows.one_or_none():
        raise InputError(
            "a caller number of this campaign is suspended: its calls are not moved to another one; have it looked into and"
            " lifted first (`fairdial suspension list`) 该任务有主叫号码正在停用审查,不能换号继续外呼"
        )


async def create_campaign_of_version(
    database: Database,
    *,
    tenant: str,
    name: str,
    contact_list: str,
    script_hash: str,
    line: str,
    caller_number: str,
    more_lines: Sequence[str] = (),
    more_caller_numbers: Sequence[str] = (),
    is_new: bool = False,
) -> None:
    """Create or change a campaign with a version that is approved; purpose and topics are the script's.

    Raises:
        InputError: The tenant has no such version, or as `create_campaign`.
        ReviewError: The version is not approved, or no longer.
    """
    found = await own_script(database, tenant=tenant, script_hash=script_hash)
    if found.approved_until is None:
        raise ReviewError(
            f"{found.script.name} {script_hash[:12]} is not approved; have it reviewed first 该版本未审核通过,请先提交审核"
        )
    await create_campaign(
        database,
        tenant=tenant,
        name=name,
        purpose=Purpose(found.script.purpose),
        contact_list=contact_list,
        script_hash=script_hash,
        line=line,
        caller_number=caller_number,
        topics=found.script.topics,
        more_lines=more_lines,
        more_caller_numbers=more_caller_numbers,
        is_new=is_new,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScript:
    """A version of a tenant's script, and until when it may be dialled (None: it may not)."""

    script: Script
    approved_until: datetime | None


async def own_script(database: Database, *, tenant: str, script_hash: str) -> OwnScript:
    """A version by its hash.

    Raises:
        InputError: This tenant has none.
    """
    async with database.transaction() as connection:
        found = await connection.execute(
            text(
                "SELECT s.content, s.name, (SELECT max(a.expires_at) FROM approval a WHERE a.script_hash = s.hash"
                " AND a.tenant_id = s.tenant_id AND a.expires_at > fairdial_now()) AS approved_until"
                " FROM script_version s JOIN tenant t ON t.id = s.tenant_id WHERE t.name = :tenant AND s.hash = :hash"
            ),
            {"tenant": tenant, "hash": script_hash},
        )
        row = found.one_or_none()
    if row is None:
        raise InputError(
            f"script {script_hash[:12]} is not known; `fairdial script history` lists versions 没有这个话术版本"
        )
    return OwnScript(script=parse_script(row.content, name=row.name), approved_until=row.approved_until)


async def stored_script(database: Database, script_hash: str) -> Mapping[str, Any]:
    """The content of a stored version: what is approved is what is spoken."""
    async with database.transaction() as connection:
        row = await connection.execute(
            text("SELECT content FROM script_version WHERE hash = :hash"), {"hash": script_hash}
        )
        content: Mapping[str, Any] = row.scalar_one()
        return content
