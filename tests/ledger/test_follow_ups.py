"""What is owed after calls: kept once and sealed, listed until it is done, and to nobody who refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from fairdial.core.policy.case import Level
from fairdial.errors import AccessError, InputError
from fairdial.ledger.calls.follow_ups import finish_follow_up, follow_ups, record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from tests.ledger.stories import TENANT, all_known, ask_all, campaign, ledger, one, person, run_of, whole_database

WHO = person(1).number
TEXT = "王女士您好,试听课的地址是人民路 8 号"


async def a_call_that_owes(database: Database) -> int:
    await campaign(database, [person(1)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    await redeem(database, asked.permit)
    for _ in range(2):  # the second writes what the first wrote, whose answer was lost
        await owe(database, asked.permit.attempt_id, "message", "address", {"text": TEXT})
    await owe(database, asked.permit.attempt_id, "hand_over", "课程顾问", {"answers": {"day": "sunday"}})
    return asked.permit.attempt_id


async def owe(database: Database, attempt: int, kind: str, name: str, content: Mapping[str, Any]) -> None:
    await record_follow_up(database, attempt_id=attempt, kind=kind, name=name, content=content)


def test_what_is_owed_is_listed_once_without_anything_personal_until_it_is_done(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call_that_owes(database)
            owed = await follow_ups(database, tenant=TENANT)
            assert [(row["kind"], row["name"]) for row in owed] == [("message", "address"), ("hand_over", "课程顾问")]
            assert WHO not in str(owed) and "王" not in str(owed) and TEXT not in await whole_database(database)
            await finish_follow_up(database, tenant=TENANT, follow_up=owed[0]["id"], by="李客服")
            assert [row["name"] for row in await follow_ups(database, tenant=TENANT)] == ["课程顾问"]
            [done, _] = await follow_ups(database, tenant=TENANT, is_everything=True)
            assert done["done_by"] == "李客服" and done["done_at"] is not None
            with pytest.raises(InputError, match="not owed"):
                await finish_follow_up(database, tenant=TENANT, follow_up=owed[0]["id"], by="李客服")
            with pytest.raises(InputError, match="not owed"):
                await finish_follow_up(database, tenant=TENANT, follow_up=999, by="李客服")
            kinds = await one(
                database, "SELECT string_agg(kind, ' ' ORDER BY id) FROM event WHERE kind LIKE 'follow_up%'"
            )
            assert kinds == "follow_up.insert follow_up.insert follow_up.update"

    asyncio.run(story())


def test_numbers_and_texts_are_read_by_whoever_may_and_the_reading_is_kept(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call_that_owes(database)
            with pytest.raises(AccessError):
                await follow_ups(database, tenant=TENANT, by="李客服")
            await set_reader(database, tenant=TENANT, name="李客服", level=Level.PRIVATE, by="王经理")
            [message, hand_over] = await follow_ups(database, tenant=TENANT, by="李客服")
            assert (message["number"], message["salutation"], message["text"]) == (WHO, "王女士", TEXT)
            assert hand_over["answers"] == {"day": "sunday"}
            assert await one(database, "SELECT count(*) FROM event WHERE kind = 'follow_up.read'") == 1

    asyncio.run(story())


def test_whoever_refuses_is_owed_nothing_any_more(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call_that_owes(database)
            [first, _] = await follow_ups(database, tenant=TENANT)
            await add_refusal(database, tenant=TENANT, notice=RefusalNotice(number=WHO, source="sms", evidence="TD"))
            assert await follow_ups(database, tenant=TENANT) == []
            with pytest.raises(InputError, match="not owed"):
                await finish_follow_up(database, tenant=TENANT, follow_up=first["id"], by="李客服")

    asyncio.run(story())


def test_it_is_shown_to_the_person_and_erased_with_the_rest(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            attempt = await a_call_that_owes(database)
            assert TEXT in str((await all_known(database, WHO))["follow_ups"])
            await one(
                database,
                "UPDATE attempt SET state = 'ended', disposition = 'answered' WHERE id = :id RETURNING id",
                id=attempt,
            )
            await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="本人要求")
            assert await one(database, "SELECT count(*) FROM follow_up") == 0

    asyncio.run(story())
