"""Lists and earlier facts going in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from fairdial.core.contacts.rows import ConsentRow
from fairdial.core.policy.case import Basis, Purpose
from fairdial.core.policy.finding import Outcome
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.intake import EarlierContact, EarlierRefusal, import_contacts_made, import_refusals
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from tests.core.cases import CN_MORNING
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, one, person, run_of, whole_database
from tests.virtual_time import run_virtually


def test_a_refusal_imported_between_the_permit_and_the_dial_stops_the_dial(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None
            refusal = EarlierRefusal(
                number=person(1).number, refused_at=await database.now(), source="registry", evidence="x"
            )
            assert await import_refusals(database, tenant=TENANT, refusals=[refusal]) == 1
            with pytest.raises(PermitError):
                await redeem(database, asked.permit)

    asyncio.run(story())


def test_an_import_of_refusals_waits_for_the_gate_and_the_gate_for_it(database_url: str) -> None:
    """An import that was not committed yet was overtaken: its refusal carried a time before the permit's issue."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            refusal = EarlierRefusal(
                number=person(1).number, refused_at=await database.now(), source="registry", evidence="x"
            )
            async with database.transaction() as holder:
                await holder.execute(text("SELECT id FROM person FOR UPDATE"))
                importing = asyncio.create_task(import_refusals(database, tenant=TENANT, refusals=[refusal]))
                await asyncio.sleep(0.2)
                assert not importing.done()
            await importing
            [asked] = await ask_all(database, await run_of(database))
            assert asked.verdict.outcome is Outcome.DENY

    asyncio.run(story())


def test_earlier_contacts_count_once_however_often_they_are_imported(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            now = await database.now()
            made = [
                EarlierContact(number=person(1).number, at=now - timedelta(hours=h), channel="call", source="shop")
                for h in (20, 50)
            ]
            assert await import_contacts_made(database, tenant=TENANT, made=made) == 2
            assert await import_contacts_made(database, tenant=TENANT, made=made) == 0
            assert await one(database, "SELECT count(*) FROM prior_contact") == 2

    asyncio.run(story())


class _AwayFor(Database):
    """A database that cannot be reached for a while; virtual time."""

    def __init__(self, seconds: float) -> None:
        object.__setattr__(self, "seconds", seconds)

    async def now(self):  # type: ignore[no-untyped-def]
        if asyncio.get_running_loop().time() < self.seconds:  # type: ignore[attr-defined]
            raise LedgerError("away")
        return "back"


def test_a_call_keeps_trying_to_write_for_half_a_minute_and_not_longer() -> None:
    assert run_virtually(LedgerBook(_AwayFor(20.0)).now()) == "back"
    with pytest.raises(LedgerError):
        run_virtually(LedgerBook(_AwayFor(60.0)).now())


def test_a_refusal_does_not_wait_for_a_long_import_of_the_same_enterprise(database_url: str) -> None:
    """Looking up the tenant took a lock that waited for every open transaction which had written a row of the tenant's."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            async with database.transaction() as importing:
                await importing.execute(
                    text("INSERT INTO list (tenant_id, name) SELECT id, 'long' FROM tenant WHERE name = :t"),
                    {"t": TENANT},
                )
                notice = RefusalNotice(number=person(1).number, source="portal", evidence="")
                await asyncio.wait_for(add_refusal(database, tenant=TENANT, notice=notice), timeout=30)

    asyncio.run(story())


def test_the_same_refusal_imported_by_two_enterprises_binds_both(database_url: str) -> None:
    """The second was dropped in silence, and the second enterprise dialled the person."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            refused = EarlierRefusal(
                number=person(1).number, refused_at=await database.now(), source="sms", evidence="录音里说烦死了"
            )
            assert await import_refusals(database, tenant="岚山教育", refusals=[refused]) == 1
            assert await import_refusals(database, tenant=TENANT, refusals=[refused]) == 1
            assert await import_refusals(database, tenant=TENANT, refusals=[refused]) == 0
            [asked] = await ask_all(database, await run_of(database))
            assert asked.verdict.outcome == "deny"
            assert "烦死了" not in await whole_database(database)

    asyncio.run(story())


def test_an_imported_refusal_closes_what_is_not_dialled(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            [asked] = await ask_all(database, await run_of(database))
            assert asked.permit is not None
            refused = EarlierRefusal(
                number=person(1).number, refused_at=await database.now(), source="sms", evidence=""
            )
            await import_refusals(database, tenant=TENANT, refusals=[refused])
            assert await one(database, "SELECT disposition FROM attempt") == "not_dialled"
            assert await one(database, "SELECT outcome FROM campaign_contact") == "refused"

    asyncio.run(story())


def test_two_imports_in_opposite_order_wait_for_each_other_and_lose_nothing(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as one_worker, ledger(database_url) as other:
            now = await one_worker.now()
            refusals = [
                EarlierRefusal(number=person(i).number, refused_at=now, source="sms", evidence="") for i in range(1, 60)
            ]
            done = await asyncio.gather(
                import_refusals(one_worker, tenant="a", refusals=refusals),
                import_refusals(other, tenant="b", refusals=refusals[::-1]),
            )
            assert list(done) == [59, 59]

    asyncio.run(story())


def test_events_of_a_list_name_no_evidence_file_and_tell_no_change_that_is_none(database_url: str) -> None:
    """Written a statement at a time, an event held the whole row, and a list that came again told of every consent again."""
    agreed = replace(
        person(1),
        basis=Basis.CONSENT,
        consent=ConsentRow(
            purposes=frozenset({Purpose.SERVICE}),
            channels=frozenset({"call"}),
            obtained_at=CN_MORNING,
            until=None,
            evidence_file="王女士.txt",
            evidence_sha256="ab" * 32,
        ),
    )
    kinds = "SELECT string_agg(kind, ' ' ORDER BY id) FROM event WHERE kind ~ '^(consent|person_number)'"

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [agreed])
            await campaign(database, [agreed])
            assert await one(database, kinds) == "person_number.insert consent.insert"
            assert "王女士" not in str(await one(database, "SELECT string_agg(body::text, ' ') FROM event"))
            assert agreed.consent is not None
            await campaign(database, [replace(agreed, consent=replace(agreed.consent, any_hour=True))])
            assert await one(database, kinds) == "person_number.insert consent.insert consent.update"

    asyncio.run(story())


def test_of_a_number_that_comes_twice_the_later_row_stands_and_text_survives_the_way_in(database_url: str) -> None:
    odd = replace(person(1), name="王\\N\t", region="上海\\ 浦东", data_source="a\nb", line=9)

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1, line=2), odd, person(2, line=3)])
            lines = "SELECT string_agg(line_no::text || region || data_source, ',' ORDER BY id) FROM contact"
            assert await one(database, lines) == "9上海\\ 浦东a\nb,3上海保单"

    asyncio.run(story())


def test_the_gate_and_a_refusal_do_not_wait_for_a_list_that_names_the_same_person(database_url: str) -> None:
    """Both waited until the import was committed: a row that refers to a person kept everybody else from it."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            async with database.transaction() as importing:
                await importing.execute(
                    text(
                        "INSERT INTO prior_contact (tenant_id, person_id, contacted_at, channel, source)"
                        " SELECT t.id, p.id, fairdial_now() - interval '60 days', 'call', 'x' FROM tenant t, person p"
                    )
                )
                [asked] = await asyncio.wait_for(ask_all(database, await run_of(database)), timeout=60)
                assert asked.permit is not None
                notice = RefusalNotice(number=person(1).number, source="portal", evidence="")
                await asyncio.wait_for(add_refusal(database, tenant=TENANT, notice=notice), timeout=60)

    asyncio.run(story())
