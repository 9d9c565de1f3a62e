"""The key of a recording lives and dies with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fairdial.core.policy.case import Level
from fairdial.errors import AccessError, InputError
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.recordings import recording_of
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.retention import remove
from fairdial.ledger.protection.rotation import rotate
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.ledger.stories import KEYS, TENANT, ask_all, campaign, ledger, one, person, run_of, whole_database

KEY = bytes(range(32))


async def a_recorded_call(database: Database) -> str:
    """The name of its file."""
    await campaign(database, [person(1)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    await redeem(database, asked.permit)
    name = f"{asked.permit.id}.wav.sealed"
    now = await database.now()
    record = replace(RECORD, answered_at=now, ended_at=now, recording=name, recording_key=KEY)
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=record)
    await set_reader(database, tenant=TENANT, name="李合规", level=Level.SENSITIVE, by="王经理")
    return name


def test_whoever_may_read_it_gets_file_key_and_words_and_the_reading_is_an_event(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            assert KEY.hex() not in await whole_database(database)
            await rotate(database, KEYS)
            stored = await recording_of(database, tenant=TENANT, call="1", by="李合规")
            assert (stored.name, stored.key) == (name, KEY) and KEY.hex() not in repr(stored)
            assert await one(database, "SELECT body ->> 'by' FROM event WHERE kind = 'recording.read'") == "李合规"
            with pytest.raises(AccessError):
                await recording_of(database, tenant=TENANT, call="1", by="小张")
            with pytest.raises(InputError, match="no recording"):
                await recording_of(database, tenant=TENANT, call="7", by="李合规")

    asyncio.run(story())


def test_erasing_a_person_removes_the_key_so_that_no_copy_of_the_file_opens(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            await erase(
                database, tenant=TENANT, number=person(1).number, by="李合规", reason="asked", files_gone=[name]
            )
            assert await one(database, "SELECT count(*) FROM recording_key") == 0

    asyncio.run(story())


def test_retention_removes_the_key_with_the_file_and_not_before(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            name = await a_recorded_call(database)
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE attempt SET ended_at = ended_at - interval '4 years'")
            await remove(database, PACKS, tenant=TENANT, files_gone=[], by="test")
            assert await one(database, "SELECT count(*) FROM recording_key") == 1
            await remove(database, PACKS, tenant=TENANT, files_gone=[name], by="test")
            assert await one(database, "SELECT count(*) FROM recording_key") == 0

    asyncio.run(story())
