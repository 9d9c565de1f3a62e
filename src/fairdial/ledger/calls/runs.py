"""Runs of a campaign: begun, joined, ended; and a contact's case as a run would see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.campaign.check import contradicts
from fairdial.core.campaign.life import CampaignState, Move
from fairdial.core.pacing.limits import Limit
from fairdial.core.permit import Claimed
from fairdial.core.policy.case import Case, RefusalScope
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import needed
from fairdial.errors import InputError
from fairdial.ledger.calls.facts import CalendarOf, Task, read_cases
from fairdial.ledger.calls.presence import Presence, present
from fairdial.ledger.campaigns import make_move, said, settle
from fairdial.ledger.database import Database
from fairdial.ledger.routes import as_shown


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


async def require_startable(database: Database, *, tenant: str, campaign: str) -> None:
    """Say at once what `start_run` would say; the campaign stays as it is.

    Raises:
        InputError: There is no such campaign, or its state or another campaign does not allow it to be started.
    """
    async with database.transaction() as connection:
        row = await _campaign(connection, tenant, campaign)
        tried = await connection.begin_nested()
        await _start(connection, row, campaign)
        await tried.rollback()


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


async def _start(connection: AsyncConnection, row: Row[Any], campaign: str) -> None:
    found = await settle(connection, row.tenant_id, row.id)
    state = await connection.execute(text("SELECT state FROM campaign WHERE id = :id"), {"id": row.id})
    if contradicts(found):
        raise InputError(f"campaign {campaign!r} is not started 任务 {campaign} 未开始: {said(found)}")
    await make_move(
        connection, row.tenant_id, row.id, campaign, CampaignState(state.scalar_one()), Move.START, by="run"
    )


async def _open_run(connection: AsyncConnection, row: Row[Any], campaign: str) -> Task:
    await _start(connection, row, campaign)
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
    """The facts of a contact as the gate would see them in a run that begins now; asks nobody and writes nothing. None when there is no
    such contact.

    What people said to another tenant and does not bind this one changes no verdict, and is left out.
    """
    async with database.transaction() as connection:
        row = (await connection.execute(text(_CAMPAIGN), {"tenant": tenant, "name": campaign})).one_or_none()
        if row is None:
            return None
        task = await as_shown(connection, _task(row, run_id=0, run_number=0), contact_id)
        contact = Claimed(contact_id=contact_id, person_id=0, number="")
        case = (await read_cases(connection, [contact], task, calendar_of, database.vault)).get(contact_id)
    if case is not None and case.campaign.state == CampaignState.APPROVED:  # a run begins by starting it
        case = replace(case, campaign=replace(case.campaign, state=CampaignState.RUNNING.value))
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
