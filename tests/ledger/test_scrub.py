"""A scrub over a real ledger: exact, whoever commits when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.core.policy.finding import Outcome
from fairdial.ledger.database import Database
from fairdial.ledger.people.intake import EarlierRefusal, import_refusals
from fairdial.ledger.people.link import link
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from fairdial.ledger.people.scrub import Scrub
from fairdial.ledger.protection.person_key import HASH_BYTES, PersonKey
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, one, person, run_of

PEOPLE = [person(i).number for i in range(1, 9)]
A, B, C, D = PEOPLE[:4]
MARKETING, SERVICE = Purpose.MARKETING, Purpose.SERVICE


def over(url: str, story: Callable[[Database], Awaitable[None]]) -> None:
    """Tell a story over a database of its own."""

    async def told() -> None:
        async with ledger(url) as database:
            await story(database)

    asyncio.run(told())


async def refuses(database: Database, number: str, *, tenant: str = TENANT, **reach: object) -> datetime:
    notice = RefusalNotice(number=number, source="portal", evidence="", **reach)  # type: ignore[arg-type]
    return await add_refusal(database, tenant=tenant, notice=notice)


async def refused(scrub: Scrub, *, tenant: str = TENANT, purpose: Purpose = MARKETING) -> list[str]:
    """Who of PEOPLE has refused."""
    marks = await scrub.refused(PEOPLE, tenant=tenant, purpose=purpose)
    return [number for number, is_refused in zip(PEOPLE, marks.tolist(), strict=True) if is_refused]


async def consents(database: Database, number: str, obtained_at: datetime, *, revoked: bool = False) -> None:
    await one(
        database,
        "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, revoked_at, evidence_file, evidence_sha256)"
        " SELECT t.id, n.person_id, array['marketing'], array['call'], :at, CASE WHEN :revoked THEN cast(:at AS timestamptz) END,"
        " 'e', repeat('e', 64) FROM person_number n, tenant t WHERE n.number_key = :key AND t.name = :tenant RETURNING id",
        **{"at": obtained_at, "revoked": revoked, "key": database.person_key.of(number), "tenant": TENANT},
    )


def test_many_numbers_are_hashed_as_one_is() -> None:
    for secret in ("s" * 32, "密" * 40, "x" * 64, "x" * 65):
        key = PersonKey(secret)
        assert key.of_all(PEOPLE) == bytes.fromhex("".join(key.of(number) for number in PEOPLE))
        assert len(key.of_all(PEOPLE)) == HASH_BYTES * len(PEOPLE)


def test_a_refusal_committed_just_before_is_seen_and_nobody_elses_number_is(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        assert await refused(scrub) == []
        assert (await scrub.refused([], tenant=TENANT, purpose=MARKETING)).tolist() == []
        for known, number in enumerate(PEOPLE[:5], start=1):
            await refuses(database, number)
            assert await refused(scrub) == PEOPLE[:known]
        assert await refused(Scrub(database)) == PEOPLE[:5]

    over(database_url, story)


def test_each_refusal_reaches_as_far_as_its_scope(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        await refuses(database, A, scope=RefusalScope.PLATFORM)
        await refuses(database, B, scope=RefusalScope.TENANT)
        await refuses(database, C, scope=RefusalScope.PURPOSE, purpose=MARKETING)
        assert await refused(scrub) == [A, B, C]
        assert await refused(scrub, purpose=SERVICE) == [A, B]
        assert await refused(scrub, tenant="another") == [A]

    over(database_url, story)


def test_transactions_that_commit_out_of_order_are_all_seen(database_url: str) -> None:
    """The older transaction commits last; both a number and a watermark of the newest would have passed it over."""

    async def story(database: Database) -> None:
        scrub = Scrub(database)
        for number in (A, B):
            await refuses(database, number, scope=RefusalScope.PURPOSE, purpose=SERVICE)
        assert await refused(scrub) == []
        async with (
            await psycopg.AsyncConnection.connect(database_url) as older,
            await psycopg.AsyncConnection.connect(database_url) as newer,
        ):
            for connection, number in ((older, A), (newer, B)):
                await connection.execute(
                    "INSERT INTO refusal (tenant_id, person_id, scope, source, kind, understood_at)"
                    " SELECT 1, person_id, 'platform', 'letter', 'hard', now() FROM person_number WHERE number_key = %s",
                    (database.person_key.of(number),),
                )
            assert await refused(scrub) == []
            await newer.commit()
            assert await refused(scrub) == [B] == await refused(Scrub(database))
            first_looked_meanwhile = Scrub(database)
            await first_looked_meanwhile.catch_up()
            await refuses(database, C)
            assert await refused(scrub) == [B, C]
            await older.commit()
            assert await refused(scrub) == [A, B, C] == await refused(first_looked_meanwhile)

    over(database_url, story)


def test_a_later_consent_lifts_a_refusal_and_an_older_or_revoked_one_does_not(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        for number in (A, B, C, D):
            at = await refuses(database, number)
        before, after = at - timedelta(days=1), at + timedelta(microseconds=1)
        await consents(database, A, before)
        await consents(database, B, after)
        await consents(database, C, after, revoked=True)
        assert await refused(scrub) == [A, C, D]
        assert await refused(scrub, purpose=SERVICE) == [A, B, C, D]
        await refuses(database, B)
        assert await refused(scrub) == [A, B, C, D]

    over(database_url, story)


def test_another_number_of_a_person_who_refused_is_refused_too(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        await refuses(database, A)
        assert await refused(scrub) == [A]
        async with database.transaction() as connection:
            await connection.execute(
                text("INSERT INTO person_number (number_key, person_id) SELECT :key, max(person_id) FROM refusal"),
                {"key": database.person_key.of(B)},
            )
        assert await refused(scrub) == [A, B] == await refused(Scrub(database))

    over(database_url, story)


@pytest.mark.parametrize(("kept", "joins"), [(A, B), (B, A)])
def test_numbers_that_become_one_persons_are_refused_together(database_url: str, kept: str, joins: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        await refuses(database, A)
        assert await refused(scrub) == [A]
        await link(database, tenant=TENANT, number=kept, other=joins, by="李合规")
        assert await refused(scrub) == [A, B] == await refused(Scrub(database))

    over(database_url, story)


def test_erasing_a_person_leaves_the_refusal_in_every_scrub(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        await refuses(database, A)
        assert await refused(scrub) == [A]
        await erase(database, tenant=TENANT, number=A, by="李合规", reason="asked")
        assert await refused(scrub) == [A] == await refused(Scrub(database))

    over(database_url, story)


def test_a_list_longer_than_a_part_keeps_its_order(database_url: str) -> None:
    async def story(database: Database) -> None:
        others = [f"+86155{i:08d}" for i in range(120_000)]
        asked = [A, *others, B, C]
        for number in (A, C):
            await refuses(database, number)
        marks = await Scrub(database).refused(asked, tenant=TENANT, purpose=MARKETING)
        assert [number for number, is_refused in zip(asked, marks.tolist(), strict=True) if is_refused] == [A, C]

    over(database_url, story)


def test_a_first_look_that_breaks_off_is_begun_anew(database_url: str) -> None:
    async def story(database: Database) -> None:
        def breaks(_share: float) -> None:
            raise KeyError("the terminal is gone")

        await refuses(database, A)
        scrub = Scrub(database)
        with pytest.raises(KeyError):
            await scrub.catch_up(breaks)
        assert await refused(scrub) == [A]

    over(database_url, story)


def test_two_scrubs_at_once_see_everything(database_url: str) -> None:
    async def story(database: Database) -> None:
        scrub = Scrub(database)
        await refuses(database, A)
        assert await asyncio.gather(*(refused(scrub) for _ in range(4))) == [[A]] * 4

    over(database_url, story)


def test_a_scrub_says_what_the_gate_says(database_url: str) -> None:
    async def story(database: Database) -> None:
        now = await database.now()
        await import_refusals(
            database,
            tenant=TENANT,
            refusals=[EarlierRefusal(number=n, refused_at=now, source="import", evidence="") for n in (B, D)],
        )
        await import_refusals(
            database,
            tenant="another",
            refusals=[EarlierRefusal(number=C, refused_at=now, source="import", evidence="")],
        )
        await campaign(database, [person(i) for i in range(1, 9)])
        denied = [
            asked.contact.number
            for asked in await ask_all(database, await run_of(database))
            if any(o.rule_id == "PLATFORM-REFUSAL" and o.outcome is Outcome.DENY for o in asked.verdict.opinions)
        ]
        assert sorted(denied) == await refused(Scrub(database), purpose=SERVICE) == [B, D]

    over(database_url, story)
