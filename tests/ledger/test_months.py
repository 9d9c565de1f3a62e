"""Calls, turns and events stand by months: partitions are made ahead, and nothing is lost when nobody made them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.months import make_months, make_months_in_turn
from tests.campaign.test_dialer import RECORD
from tests.ledger.stories import ask_all, campaign, ledger, move_clock, one, person, run_of

MONTH = timedelta(days=31)


async def a_call(database: Database) -> int:
    """One call from permit to end; its number."""
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None, asked.verdict
    await redeem(database, asked.permit)
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=RECORD)
    return asked.permit.attempt_id


async def place(database: Database, table: str) -> set[str]:
    async with database.transaction() as connection:
        rows = await connection.execute(text(f"SELECT DISTINCT tableoid::regclass::text FROM {table}"))
        return {name.removeprefix("months.") for name in rows.scalars()}


def test_numbers_count_from_one_and_carry_their_month_from_the_second_month_on(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            assert await a_call(database) == 1
            assert await place(database, "attempt") == {"attempt_first"}
            begins = await one(database, "SELECT value FROM installation WHERE key = 'months_from'")
            first = datetime.fromisoformat(str(begins)).replace(tzinfo=UTC)
            await move_clock(database, first - await database.now() + timedelta(days=14, hours=2))
            assert await make_months(database) == 0
            second = int(str(await one(database, "SELECT fairdial_id('attempt_id_seq')")))
            assert second == int(f"{first:%y%m}") * 10**10 + 2 and second < 2**53
            await move_clock(database, MONTH)
            third = int(str(await one(database, "SELECT fairdial_id('attempt_id_seq')")))
            assert third // 10**10 == int(f"{first + MONTH:%y%m}") and third % 10**10 == 3

    asyncio.run(story())


def test_events_of_a_month_without_a_partition_are_kept_told_of_and_found(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            before = int(str(await one(database, "SELECT count(*) FROM event")))
            await move_clock(database, 12 * MONTH)
            await campaign(database, [person(2)], name="later")
            strays = await make_months(database)
            assert strays == int(str(await one(database, "SELECT count(*) FROM event"))) - before > 0
            assert await place(database, "event") == {"event_first", "event_rest"}
            await move_clock(database, MONTH)
            await campaign(database, [person(3)], name="last")
            assert len(await place(database, "event")) == 3, "the month after has its partition again"

    asyncio.run(story())


def test_partitions_are_made_once_a_day_by_one_and_again_by_nobody(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            before = partitions(database_url)
            await move_clock(database, 6 * MONTH)
            assert await make_months_in_turn(database) == 0
            made = partitions(database_url)
            assert made == before + 3 * 3, "of each table this month and two to come"
            assert await make_months(database) == 0 and partitions(database_url) == made

    asyncio.run(story())


def partitions(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        [count] = owner.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('attempt'::regclass, 'turn'::regclass, 'event'::regclass)"
        ).fetchone() or (0,)
    return int(count)


def test_a_permit_has_one_attempt_in_every_partition(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await a_call(database)
            again = (
                "INSERT INTO attempt (tenant_id, permit_id, run_id, contact_id, person_id, state, worker, lease_until)"
                " SELECT tenant_id, permit_id, run_id, contact_id, person_id, 'reserved', 'w', lease_until FROM attempt"
            )
            with pytest.raises(IntegrityError):
                async with database.transaction() as connection:
                    await connection.execute(text(again))
            with psycopg.connect(database_url) as owner:
                unguarded = owner.execute(
                    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'attempt'::regclass AND NOT EXISTS"
                    " (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
                    " WHERE i.indrelid = inhrelid AND i.indisunique AND i.indnatts = 1 AND a.attname = 'permit_id')"
                ).fetchall()
            assert unguarded == []

    asyncio.run(story())


@pytest.mark.parametrize(
    "order", ["TRUNCATE months.event_first", "TRUNCATE event", "DELETE FROM event", "UPDATE event SET body = '{}'"]
)
def test_no_partition_of_events_can_be_changed_by_its_owner_either(database_url: str, order: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
        with psycopg.connect(database_url) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(order)

    asyncio.run(story())
