"""The evidence chain over a real database: written by it, sealed beside it, checked without it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fairdial.core.evidence import Broken, Proven, check
from fairdial.errors import LedgerError
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.evidence import evidence_key, export, is_genuine, seal, seal_all
from fairdial.ledger.people.refusals import record_refusal
from tests.ledger.stories import ask_all, campaign, ledger, one, person, run_of

ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


async def a_busy_morning(database: Database) -> None:
    await campaign(database, [person(i) for i in range(1, 4)])
    asked = await ask_all(database, await run_of(database))
    for one_asked in asked:
        assert one_asked.permit is not None
        await redeem(database, one_asked.permit)
    permit = asked[0].permit
    assert permit is not None
    now = await database.now()
    await record_refusal(database, attempt_id=permit.attempt_id, kind="hard", words="别再打了", understood_at=now)


async def exported(database: Database) -> list[str]:
    return [line async for line in export(database, since=ALWAYS[0], until=ALWAYS[1])]


def test_what_happened_is_sealed_exported_and_proven_by_a_stranger(database_url: str, tmp_path: Path) -> None:
    async def story() -> list[str]:
        async with ledger(database_url) as database:
            await a_busy_morning(database)
            assert await seal_all(database, evidence_key(tmp_path)) == 1
            return await exported(database)

    lines = asyncio.run(story())
    answer = check(lines, is_genuine)
    assert isinstance(answer, Proven) and answer.public_key == evidence_key(tmp_path).public
    kinds = {json.loads(line)["kind"] for line in lines if '"type": "event"' in line}
    assert kinds >= {
        "verdict.insert",
        "permit.insert",
        "permit.update",
        "attempt.insert",
        "refusal.insert",
        "approval.insert",
    }
    assert "别再打了" not in "".join(lines) and "15400000" not in "".join(lines) and "王" not in "".join(lines)


def test_an_altered_event_is_pointed_at(database_url: str, tmp_path: Path) -> None:
    async def story() -> list[str]:
        async with ledger(database_url) as database:
            await a_busy_morning(database)
            await seal_all(database, evidence_key(tmp_path))
            return await exported(database)

    lines = asyncio.run(story())
    place = next(i for i, line in enumerate(lines) if "refusal.insert" in line)
    lines[place] = lines[place].replace("hard", "soft")
    answer = check(lines, is_genuine)
    assert isinstance(answer, Broken) and answer.line == place + 1 and "altered" in answer.problem


@pytest.mark.parametrize(
    "order", ["UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event", "DELETE FROM seal"]
)
def test_the_workers_user_can_neither_change_nor_remove_an_event(database_url: str, order: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_busy_morning(database)
            before = await one(database, "SELECT count(*) FROM event")
            with pytest.raises(ProgrammingError, match="permission denied"):
                async with database.transaction() as connection:
                    await connection.execute(text(order))
            assert await one(database, "SELECT count(*) FROM event") == before

    asyncio.run(story())


def test_even_the_owner_is_stopped_by_the_table_itself(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_busy_morning(database)

    asyncio.run(story())
    with psycopg.connect(database_url) as owner:
        for order in ("UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(order)
            owner.rollback()


def test_an_event_that_is_committed_late_is_sealed_later_and_never_lost(database_url: str, tmp_path: Path) -> None:
    """Numbers are given before the commit: a sealer that goes by number alone would pass over a slow transaction."""

    async def story() -> list[str]:
        async with ledger(database_url) as database:
            key = evidence_key(tmp_path)
            await campaign(database, [person(1)])
            await seal_all(database, key)
            async with database.transaction() as slow:
                await slow.execute(
                    text("INSERT INTO event (tenant_id, at, kind, body) VALUES (1, fairdial_now(), 'slow', '{}')")
                )
                async with database.transaction() as fast:
                    await fast.execute(
                        text("INSERT INTO event (tenant_id, at, kind, body) VALUES (1, fairdial_now(), 'fast', '{}')")
                    )
                assert await seal(database, key) is None, "nothing is sealed past a transaction that is still open"
            await seal_all(database, key)
            return await exported(database)

    lines = asyncio.run(story())
    assert isinstance(check(lines, is_genuine), Proven)
    assert [kind for line in lines for kind in ("slow", "fast") if f'"kind": "{kind}"' in line] == ["slow", "fast"]


def test_seals_continue_each_other_over_many_batches(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            key = evidence_key(tmp_path)
            await campaign(database, [person(i) for i in range(1, 6)])
            numbers = []
            for _ in range(4):
                async with database.transaction() as connection:
                    await connection.execute(
                        text("INSERT INTO event (tenant_id, at, kind, body) VALUES (1, fairdial_now(), 'x', '{}')")
                    )
                made = await seal(database, key)
                numbers.append(made.number if made else None)
            assert numbers == [1, 2, 3, 4]
            assert isinstance(check(await exported(database), is_genuine), Proven)
            early = [
                line async for line in export(database, since=ALWAYS[0], until=await database.now() + timedelta(days=1))
            ]
            assert isinstance(check(early, is_genuine), Proven)

    asyncio.run(story())


def test_a_key_file_that_holds_no_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "evidence.key").write_text("lost")
    with pytest.raises(LedgerError, match="holds no signing key"):
        evidence_key(tmp_path)
    assert (tmp_path / "evidence.key").read_text() == "lost"
