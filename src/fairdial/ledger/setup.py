"""What stands before a campaign can run: the campaign and its run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.check import contradicts
from fairdial.core.campaign.life import CampaignState, Move
from fairdial.core.pacing.limits import Limit
from fairdial.core.permit import Claimed
from fairdial.core.policy.case import Case, Purpose, RefusalScope
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import needed
from fairdial.errors import InputError, ReviewError
from fairdial.ledger.calls.facts import CalendarOf, Task, read_cases
from fairdial.ledger.calls.presence import Presence, present
from fairdial.ledger.campaigns import make_move, said, settle
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.lists import known_list
from fairdial.ledger.routes import as_shown


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
            raise InputError(f"line {line!r} is not known; add it with `fairdial line add`")


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


@asynccontextmanager
async def only_run(database: Database, *, tenant: str, campaign: str) -> AsyncIterator[None]:
    """Keep every other process from running this campaign inside the block; a process that dies keeps nobody out.

    Raises:
        InputError: Another process is running it.
    """
    async with member(database, tenant=tenant, campaign=campaign, order=None):
        yield


@asynccontextmanager
async def member(database: Database, *, tenant: str, campaign: str, order: int | None) -> AsyncIterator[Presence]:
    """Be one of those that carry out an order to run this campaign inside the block; without an order, be the only one.

    Raises:
        InputError: Another process is running it, without an order or besides this one.
    """
    async with present(database, f"run/{tenant}/{campaign}", shared=order is not None) as presence:
        if presence is None:
            raise InputError(
                f"campaign {campaign!r} is being run by another process; stop that one or wait for its end"
                " 任务正由另一进程运行,请先停止或等待结束"
            )
        yield presence


async def start_run(database: Database, *, tenant: str, campaign: str) -> Task:
    """Begin a run of a campaign, which starts it: every contact is asked for once.

    Raises:
        InputError: There is no such campaign, or its state does not allow it to be started.
    """
    async with database.transaction() as connection:
        return await _open_run(connection, await _campaign(connection, tenant, campaign), campaign)


async def join_run(database: Database, *, order: int) -> Task | None:
    """The run of an order, which whoever comes first begins; None when the order is over.

    Raises:
        InputError: The campaign's state does not allow it to be started.
    """
    async with database.transaction() as connection:
        standing = (await connection.execute(_ORDER, {"order": order})).one_or_none()
        if standing is None:
            return None
        row = await _campaign(connection, standing.tenant, standing.campaign)
        if standing.run_id is not None:
            return _task(row, run_id=standing.run_id, run_number=standing.number)
        task = await _open_run(connection, row, standing.campaign)
        await connection.execute(
            text("UPDATE run_order SET run_id = :run WHERE id = :order"), {"run": task.run_id, "order": order}
        )
    return task


async def _campaign(connection: AsyncConnection, tenant: str, campaign: str) -> Row[Any]:
    found = await connection.execute(text(f"{_CAMPAIGN} FOR UPDATE OF c"), {"tenant": tenant, "name": campaign})
    row = found.one_or_none()
    if row is None:
        raise InputError(f"campaign {campaign!r} is not known; create it with `fairdial campaign create`")
    return row


async def _open_run(connection: AsyncConnection, row: Row[Any], campaign: str) -> Task:
    found = await settle(connection, row.tenant_id, row.id)
    state = await connection.execute(text("SELECT state FROM campaign WHERE id = :id"), {"id": row.id})
    if contradicts(found):
        raise InputError(f"campaign {campaign!r} is not started 任务 {campaign} 未开始: {said(found)}")
    await make_move(
        connection, row.tenant_id, row.id, campaign, CampaignState(state.scalar_one()), Move.START, by="run"
    )
    started = await connection.execute(
        text(
            "INSERT INTO run (tenant_id, campaign_id, number) SELECT :tenant, :campaign,"
            " coalesce(max(number), 0) + 1 FROM run WHERE campaign_id = :campaign RETURNING id, number"
        ),
        {"tenant": row.tenant_id, "campaign": row.id},
    )
    run = started.one()
    await connection.execute(_ALL_DUE, {"campaign": row.id})
    return _task(row, run_id=run.id, run_number=run.number)


_ORDER = text(
    "SELECT o.run_id, r.number, t.name AS tenant, c.name AS campaign FROM run_order o"
    " JOIN campaign c ON c.id = o.campaign_id JOIN tenant t ON t.id = c.tenant_id LEFT JOIN run r ON r.id = o.run_id"
    " WHERE o.id = :order AND o.ended_at IS NULL FOR UPDATE OF o"
)


_ALL_DUE = text(
    "WITH moment AS MATERIALIZED (SELECT fairdial_now() AS now)"
    " UPDATE campaign_contact SET due_at = moment.now FROM moment WHERE campaign_id = :campaign"
    " AND (due_at IS NULL OR due_at > fairdial_now()) AND (lease_until IS NULL OR lease_until < fairdial_now())"
)
"""Who begins a run wants everybody asked: the gate says who waits on and who is served. One moment for all keeps list order."""


def _task(row: Row[Any], *, run_id: int, run_number: int) -> Task:
    return Task(
        tenant_id=row.tenant_id,
        campaign_id=row.id,
        run_id=run_id,
        run_number=run_number,
        line=row.line,
        caller_number=row.caller_number,
        script_hash=row.script_hash,
        variables=variables_of(parse_script(row.content, name=row.script_hash[:12])),
        lines=tuple(row.lines or ()),
        caller_numbers=tuple(row.caller_numbers or ()),
    )


def variables_of(script: Script) -> tuple[tuple[str, str], ...]:
    """Variables a script says and the contact's field each is read from."""
    return tuple((variable.name, variable.source) for variable in needed(script).values())


async def case_of(
    database: Database, *, tenant: str, campaign: str, contact_id: int, calendar_of: CalendarOf
) -> Case | None:
    """The facts of a contact as the gate would see them now; asks nobody and writes nothing. None when there is no such contact.

    What people said to another tenant and does not bind this one changes no verdict, and is left out.
    """
    async with database.transaction() as connection:
        row = (await connection.execute(text(_CAMPAIGN), {"tenant": tenant, "name": campaign})).one_or_none()
        if row is None:
            return None
        task = await as_shown(connection, _task(row, run_id=0, run_number=0), contact_id)
        contact = Claimed(contact_id=contact_id, person_id=0, number="")
        case = (await read_cases(connection, [contact], task, calendar_of, database.vault)).get(contact_id)
    if case is None or case.person.refusals is None:
        return case
    binding = tuple(one for one in case.person.refusals if one.is_same_tenant or one.scope is RefusalScope.PLATFORM)
    return replace(case, person=replace(case.person, refusals=binding))


_CAMPAIGN = (
    "SELECT c.id, c.tenant_id, c.script_hash, c.caller_number, c.lines, c.caller_numbers, l.name AS line, s.content FROM campaign c"
    " JOIN tenant t ON t.id = c.tenant_id JOIN line l ON l.name = c.line JOIN script_version s ON s.hash = c.script_hash"
    " WHERE t.name = :tenant AND c.name = :name"
)


async def end_run(database: Database, task: Task, *, order: int | None = None) -> None:
    """The run is over, and the order that began it; only the first to say so is heard."""
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE run SET ended_at = fairdial_now(), held_by = NULL WHERE id = :id AND ended_at IS NULL"),
            {"id": task.run_id},
        )
        await connection.execute(
            text("UPDATE run_order SET ended_at = fairdial_now() WHERE id = :order AND ended_at IS NULL"),
            {"order": order},
        )


async def note_held(database: Database, task: Task, held_by: Limit) -> None:
    """Keep which limit holds the run, for whoever asks why no more calls are made."""
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE run SET held_by = :held WHERE id = :id AND ended_at IS NULL AND held_by IS DISTINCT FROM :held"
            ),
            {"id": task.run_id, "held": held_by},
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
