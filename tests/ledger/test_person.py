"""Everything about one person: shown with a trace, erased down to the hash of a refusal."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.link import _OF_A_PERSON, link
from fairdial.ledger.people.person import erase, everything, recordings_of
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal, record_refusal
from tests.campaign.test_dialer import RECORD
from tests.ledger.stories import TENANT, all_known, ask_all, campaign, ledger, one, person, run_of, whole_database

WHO = person(1).number


async def a_call(database: Database, *, refuses: bool) -> None:
    await campaign(database, [person(1), person(2)])
    asked = next(a for a in await ask_all(database, await run_of(database)) if a.contact.number == WHO)
    assert asked.permit is not None
    await redeem(database, asked.permit)
    if refuses:
        now = await database.now()
        await record_refusal(
            database, attempt_id=asked.permit.attempt_id, kind="hard", words="别再打了", understood_at=now
        )
    await end_attempt(database, attempt_id=asked.permit.attempt_id, record=RECORD)


def test_everything_is_shown_and_the_reading_is_an_event(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=True)
            known = await all_known(database, WHO)
            assert known["contacts"][0]["name"] == "王" and known["refusals"][0]["words"] == "别再打了"
            assert len(known["calls"]) == 1 and known["verdicts"][0]["opinions"]
            assert await one(database, "SELECT body ->> 'by' FROM event WHERE kind = 'person.read'") == "李合规"

    asyncio.run(story())


def test_erasing_leaves_nothing_but_the_hash_and_the_refusal_still_binds(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=True)
            erased = await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="asked")
            assert erased == 1
            after = await whole_database(database, without="event")
            assert database.person_key.of(WHO) in after and database.person_key.of(person(2).number) in after
            assert await one(database, "SELECT count(*) FROM contact WHERE sealed IS NULL") == 1
            for table in ("turn", "refusal", "call_back", "correction"):
                assert await one(database, f"SELECT count(*) FROM {table} WHERE sealed IS NOT NULL") == 0
            await campaign(database, [person(1)], name="again")
            [asked] = await ask_all(database, await run_of(database, "again"))
            assert asked.verdict.outcome == "deny"
            assert "CN-REFUSAL" in [o.rule_id for o in asked.verdict.opinions if o.outcome == "deny"]

    asyncio.run(story())


def test_without_a_refusal_or_a_call_not_even_the_hash_stays(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="asked")
            assert database.person_key.of(WHO) not in await whole_database(database, without="event")
            with pytest.raises(InputError, match="nothing is known"):
                await all_known(database, WHO)

    asyncio.run(story())


def test_nobody_is_erased_in_the_middle_of_a_call(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None
            with pytest.raises(InputError, match="being called right now"):
                await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="asked")

    asyncio.run(story())


def test_a_refusal_that_comes_while_a_person_is_erased_is_not_lost(database_url: str) -> None:
    """It was written for a person whose number was gone: the number, imported again, was called again."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=False)
            async with database.transaction() as holding:
                await holding.execute(text("SELECT id FROM person FOR UPDATE"))
                erasing = asyncio.ensure_future(erase(database, tenant=TENANT, number=WHO, by="x", reason="asked"))
                await asyncio.sleep(0.3)  # until it waits for the person, the number already locked
                notice = RefusalNotice(number=WHO, source="portal", evidence="form")
                refusing = asyncio.ensure_future(add_refusal(database, tenant=TENANT, notice=notice))
                await asyncio.sleep(0.3)
            await erasing
            await refusing
            found = await one(
                database,
                "SELECT count(*) FROM refusal r JOIN person_number n ON n.person_id = r.person_id WHERE n.number_key = :key",
                key=database.person_key.of(WHO),
            )
            assert found == 1

    asyncio.run(story())


def test_erasing_and_listing_again_gives_no_new_allowance(database_url: str) -> None:
    """A number that was called, erased and imported again was called again within minutes."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=False)
            await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="asked")
            await campaign(database, [person(1)], name="again")
            [asked] = await ask_all(database, await run_of(database, "again"))
            assert asked.verdict.outcome == "wait"

    asyncio.run(story())


def test_a_tenant_reads_and_erases_its_own_and_no_other(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=True)
            await set_reader(database, tenant="岚山教育", name="bob", level=Level.SENSITIVE, by="alice")
            known = await everything(database, tenant="岚山教育", number=WHO, by="bob")
            assert not any(known.values())
            await erase(database, tenant="岚山教育", number=WHO, by="bob", reason="asked")
            mine = await all_known(database, WHO)
            assert mine["contacts"][0]["number"] == WHO and mine["refusals"][0]["words"] == "别再打了"
            with pytest.raises(InputError, match="themselves"):
                await set_reader(database, tenant=TENANT, name="bob", level=Level.SENSITIVE, by="bob")

    asyncio.run(story())


def test_nobody_is_erased_while_a_recording_is_still_there(database_url: str) -> None:
    """The name was erased first, and the file could not be found again."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=False)
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE attempt SET recording = 'a.wav' WHERE dialled_at IS NOT NULL"))
            assert await recordings_of(database, tenant=TENANT, number=WHO) == ("a.wav",)
            order = {"tenant": TENANT, "number": WHO, "by": "李合规", "reason": "asked"}
            with pytest.raises(InputError, match="still to be removed"):
                await erase(database, **order)
            assert await erase(database, **order, files_gone=["a.wav"]) == 0

    asyncio.run(story())


def test_two_numbers_of_one_person_share_refusals_and_allowance(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, refuses=True)
            home, third = person(2).number, person(3).number
            await add_refusal(
                database, tenant=TENANT, notice=RefusalNotice(number=home, source="portal", evidence="form 7")
            )
            await link(database, tenant=TENANT, number=third, other=home, by="李合规")
            await link(database, tenant=TENANT, number=third, other=WHO, by="李合规")
            known = await all_known(database, third)
            assert {c["number"] for c in known["contacts"]} == {WHO, home}
            assert {r.get("words") or r["evidence"] for r in known["refusals"]} == {"别再打了", "form 7"}
            await campaign(database, [person(3)], name="again")
            [asked] = await ask_all(database, await run_of(database, "again"))
            against = [o.rule_id for o in asked.verdict.opinions if o.outcome != "allow"]
            assert asked.verdict.outcome == "deny" and "CN-REFUSAL" in against and "CN-SPACING" in against
            with pytest.raises(InputError, match="one person already"):
                await link(database, tenant=TENANT, number=home, other=WHO, by="李合规")

    asyncio.run(story())


def test_every_table_that_says_whose_a_row_is_is_linked(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database, database.transaction() as connection:
            rows = await connection.execute(
                text("SELECT table_name FROM information_schema.columns WHERE column_name = 'person_id'")
            )
            assert {name for (name,) in rows} == set(_OF_A_PERSON)

    asyncio.run(story())
