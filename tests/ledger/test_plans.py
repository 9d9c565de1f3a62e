"""What a call asks of the database reads the rows it needs, however many others there are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import event, text

from fairdial.core.call_record import Disposition
from fairdial.core.permit import Permit
from fairdial.core.policy.case import Abandonment, RefusalScope
from fairdial.ledger.calls.attempts import end_attempt, record_call_back, settle_dead, settle_worker
from fairdial.ledger.calls.claims import claim, due_now, held_elsewhere, is_due_later, renew
from fairdial.ledger.calls.facts import read_cases
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.calls.runs import start_run
from fairdial.ledger.database import Database
from fairdial.ledger.lines import weigh
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal, record_refusal
from fairdial.ledger.routes import held_back, read_choice, read_lines
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.ledger.many import NAME, fill
from tests.ledger.stories import TENANT, campaign, ledger, move_clock, no_holidays, person, run_of

CONTACTS, CALLS = 100_000, 30_000
LARGE = [
    "attempt",
    "campaign_contact",
    "contact",
    "event",
    "permit",
    "person",
    "person_number",
    "refusal",
    "turn",
    "verdict",
]
SPARE = 100
"""Rows that may be read in vain: a batch of contacts has up to 16, an index page some more."""


@dataclass(frozen=True, slots=True)
class Read:
    """A scan in a statement's plan, or a join by comparison, as it went: rows are those of all its loops."""

    statement: str
    node: str
    table: str
    kept: float
    in_vain: float


def scans(plan: dict[str, Any], statement: str) -> Iterator[Read]:
    if "Relation Name" in plan and "Scan" in plan["Node Type"]:
        loops = plan["Actual Loops"]
        vain = (plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)) * loops
        yield Read(statement, plan["Node Type"], plan["Relation Name"], plan["Actual Rows"] * loops, vain)
    if vain := plan.get("Rows Removed by Join Filter", 0) * plan["Actual Loops"]:
        yield Read(statement, plan["Node Type"], "", plan["Actual Rows"] * plan["Actual Loops"], vain)
    for below in plan.get("Plans", ()):
        yield from scans(below, statement)


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[list[Read]]:
    """Every scan of every statement in the block: each is explained as it runs, undone, and then run."""
    found: list[Read] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if statement.split()[0] not in ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE"):
            return
        cursor = connection.connection.cursor()
        cursor.execute("SAVEPOINT before")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        plan = cursor.fetchone()[0]
        cursor.execute("ROLLBACK TO SAVEPOINT before")
        cursor.close()
        found.extend(scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], statement))

    event.listen(database.engine.sync_engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", explain)


def wasteful(reads: list[Read]) -> list[Read]:
    large = [read for read in reads if read.table.partition("_p_")[0] in LARGE]
    assert large, "nothing was read"
    return [read for read in large if read.node == "Seq Scan" or read.in_vain > SPARE or read.kept > 10 * SPARE]


def test_a_call_from_its_claim_to_its_end_reads_index_rows_only(database_url: str) -> None:
    async def story() -> None:
        await fill(database_url, contacts=CONTACTS, calls=CALLS)
        async with ledger(database_url) as database:
            task = await start_run(database, tenant=TENANT, campaign=NAME)
            await claim(database, task, count=16, worker="other")
            async with watched(database) as reads:
                claimed = await claim(database, task, count=16, worker="w")
                answers = await ask(database, claimed, task, PACKS, no_holidays, worker="w")
                assert len(answers) == 16
                await held_elsewhere(database, task, worker="w")
                await due_now(database, task, most=16)
                await is_due_later(database, task)
                await read_lines(database, task)
                await read_choice(database, task, claimed)
                await held_back(database, task)
                await weigh(database, task.all_lines)
                await renew(database, [], worker="w")
                await settle_dead(database)
            assert wasteful(reads) == []
            permit, now = await _a_permit(database), await database.now()
            async with watched(database) as reads:
                await redeem(database, permit)
                about = permit.attempt_id
                await record_call_back(database, attempt_id=about, words="", not_before=now)
                await record_refusal(database, attempt_id=about, kind="soft", words="别再打了", understood_at=now)
                await end_attempt(database, attempt_id=about, record=replace(RECORD, answered_at=now))
                notice = RefusalNotice(number=person(2).number, source="x", evidence="", scope=RefusalScope.TENANT)
                await add_refusal(database, tenant=TENANT, notice=notice)
                await settle_worker(database, "w")
            assert wasteful(reads) == []

    asyncio.run(story())


def test_a_list_into_a_ledger_that_was_nearly_empty_compares_no_row_with_all_others(database_url: str) -> None:
    """The planner took what arrived for three rows: 10,000 rows took 36 s, a million would have taken hours."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 4)], name="before")
            with psycopg.connect(database_url, autocommit=True) as owner:
                owner.execute("ANALYZE")
            async with watched(database) as reads:
                await campaign(database, [person(index) for index in range(4, 2004)])
            assert [read for read in reads if read.in_vain > 10 * 2000] == []

    asyncio.run(story())


async def _a_permit(database: Database) -> Permit:
    """For the one contact with a name, who is one of the many."""
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE contact SET person_id = :one WHERE id = 1"), {"one": 1000 + CONTACTS})
    task = await start_run(database, tenant=TENANT, campaign="small")
    [claimed] = await claim(database, task, count=1, worker="w")
    answers = await ask(database, [claimed], task, PACKS, no_holidays, worker="w")
    permit = answers[claimed.contact_id].permit
    assert permit is not None
    return permit


def test_what_the_gate_is_told_of_thirty_days_is_what_their_calls_say(database_url: str) -> None:
    first_words = (400, None, 2000, 2001, None)
    dispositions = (*[Disposition.ANSWERED] * 4, Disposition.NO_ANSWER)

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(index) for index in range(1, 7)])
            task, now = await run_of(database), await database.now()
            *claimed, last = await claim(database, task, count=6, worker="w")
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker="w")
            for one, disposition, first_word in zip(claimed, dispositions, first_words, strict=True):
                permit = answers[one.contact_id].permit
                assert permit is not None
                await redeem(database, permit)
                is_answered = disposition is Disposition.ANSWERED
                record = replace(
                    RECORD, disposition=disposition, answered_at=now if is_answered else None, first_word_ms=first_word
                )
                for _ in range(2):  # an answer that was lost is written again, and counts once
                    await end_attempt(database, attempt_id=permit.attempt_id, record=record)
            async with database.transaction() as connection:
                cases = await read_cases(connection, [last], task, no_holidays, database.vault)
            assert cases[last.contact_id].abandonment == (Abandonment(days=30, answered=4, abandoned=2),)
            await move_clock(database, timedelta(days=30, hours=2))
            async with database.transaction() as connection:
                cases = await read_cases(connection, [last], task, no_holidays, database.vault)
            assert cases[last.contact_id].abandonment == (Abandonment(days=30, answered=0, abandoned=0),)

    asyncio.run(story())
