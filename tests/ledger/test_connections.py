"""Connections are kept from burst to burst, a server that went away is noticed before a statement, and small writes go together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy import text

from fairdial.app.addressing import Addressing
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.errors import LedgerError
from fairdial.ledger import database as room
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.database import Database
from tests.core.cases import PACKS
from tests.ledger.stories import campaign, ledger, no_holidays, one, person, run_of


def in_a_ledger(url: str, story: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        async with ledger(url) as database:
            await story(database)

    asyncio.run(run())


async def burst(database: Database, size: int = 24) -> set[int]:
    """The server's processes that a burst of transactions used."""

    async def used() -> int:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT pg_sleep(0.02)"))
            return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    return set(await asyncio.gather(*(used() for _ in range(size))))


async def cut_all(database: Database) -> None:
    """Every connection of this database is closed by the server."""
    async with database.transaction() as connection:
        await connection.execute(text("RESET ROLE"))
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
        await connection.execute(text("SET ROLE fairdial_worker"))


def test_a_burst_opens_no_connection_that_an_earlier_one_has_opened(database_url: str) -> None:
    """Beyond eight they were closed after use, and the next burst paid for them again."""

    async def story(database: Database) -> None:
        first = await burst(database)
        assert len(first) == 16
        assert await burst(database) <= first

    in_a_ledger(database_url, story)


def test_a_connection_that_the_server_closed_while_it_lay_idle_is_replaced_unnoticed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(database: Database) -> None:
        before = await burst(database)
        await cut_all(database)
        monkeypatch.setattr(room, "_RESTED_S", -1.0)
        after = await burst(database)
        assert len(after - before) >= 15

    in_a_ledger(database_url, story)


def test_a_statement_is_committed_by_itself_and_tells_of_a_lost_database(database_url: str) -> None:
    async def story(database: Database) -> None:
        async with database.statement() as connection:
            await connection.execute(text("INSERT INTO installation (key, value) VALUES ('test', 'kept')"))
            assert await one(database, "SELECT value FROM installation WHERE key = 'test'") == "kept"
        with pytest.raises(LedgerError):
            async with database.statement() as connection:
                await cut_all(database)
                await connection.execute(text("SELECT 1"))

    in_a_ledger(database_url, story)


Given = dict[int, tuple[Verdict, Permit | None]]


async def given(database: Database, count: int) -> tuple[list[Claimed], Given]:
    """Contacts who were asked for together, and what the gate said."""
    await campaign(database, [person(index) for index in range(1, count + 1)])
    task = await run_of(database)
    claimed = await claim(database, task, count=count, worker="w1")
    answers = await ask(database, claimed, task, PACKS, no_holidays, worker="w1")
    return claimed, {contact: (answer.verdict, answer.permit) for contact, answer in answers.items()}


def permits(answers: Given) -> list[Permit]:
    return [permit for _, permit in answers.values() if permit is not None]


def test_the_call_ids_of_a_moment_are_written_together(database_url: str) -> None:
    async def story(database: Database) -> None:
        _, answers = await given(database, 6)
        for permit in permits(answers):
            await redeem(database, permit)
        book = LedgerBook(database)
        await asyncio.gather(*(book.placed(p, call_id=f"call-{p.attempt_id}") for p in permits(answers)))
        assert await one(database, "SELECT count(*) FROM attempt WHERE call_id = 'call-' || id") == 6
        assert await one(database, "SELECT count(DISTINCT xmin::text) FROM attempt WHERE call_id IS NOT NULL") == 1

    in_a_ledger(database_url, story)


def test_people_are_read_once_for_all_who_were_asked_for_together(database_url: str) -> None:
    async def story(database: Database) -> None:
        claimed, answers = await given(database, 3)
        people = Addressing(database)

        async def gate(_contacts: Sequence[Claimed]) -> Given:
            return answers

        assert await people.ahead(gate)(claimed) == answers
        async with database.statement() as connection:  # what is read now would differ
            await connection.execute(text("UPDATE contact SET zone = 'Asia/Urumqi'"))
        zones = [(await people.of(permit)).zone for permit in permits(answers)]
        assert zones == ["Asia/Shanghai"] * 3
        assert (await people.of(permits(answers)[0])).zone == "Asia/Urumqi", "forgotten once placed"

    in_a_ledger(database_url, story)
