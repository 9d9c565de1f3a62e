"""One door: a permit is spent once, refusals win, dead workers leave no second call."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fairdial.core.call_record import CallRecord, Disposition
from fairdial.core.permit import Permit
from fairdial.core.policy.case import LineKind
from fairdial.errors import InputError, LedgerError, PermitError
from fairdial.ledger.calls.attempts import end_attempt, give_back, settle_dead
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.suspensions import suspend
from fairdial.ledger.calls.wakes import refusing_persons
from fairdial.ledger.database import Database, set_rehearsal_clock
from fairdial.ledger.parties import add_line, replace_registry
from fairdial.ledger.people.intake import EarlierRefusal, import_refusals
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal, record_refusal
from tests.ledger.stories import (
    TENANT,
    ask_all,
    campaign,
    ledger,
    line_entry,
    move_clock,
    one,
    person,
    run_of,
)


def record(disposition: Disposition, *, outcome: str | None = None) -> CallRecord:
    return CallRecord(
        disposition=disposition,
        sip_status=None,
        announcement=None,
        call_id="c",
        answered_at=None,
        ended_at=datetime.now(UTC),
        goodbye_ended_at=None,
        first_word_ms=None,
        grade="D",
        outcome=outcome,
        recording=None,
        turns=(),
    )


def test_every_worker_hears_of_a_refusal_when_it_is_committed(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as worker, ledger(database_url) as portal:
            await campaign(worker, [person(1), person(2)])
            heard = refusing_persons(worker)
            first = asyncio.ensure_future(anext(heard))
            notice = RefusalNotice(number=person(2).number, source="portal", evidence="form 7")
            async with asyncio.timeout(20):
                while not first.done():  # until the worker listens
                    await add_refusal(portal, tenant=TENANT, notice=notice)
                    await asyncio.wait([first], timeout=0.2)
            assert first.result() == await one(portal, "SELECT DISTINCT person_id FROM refusal WHERE source = 'portal'")
            await heard.aclose()

    asyncio.run(story())


async def first_permit(database: Database) -> Permit:
    asked = await ask_all(database, await run_of(database))
    permit = asked[0].permit
    assert permit is not None
    return permit


def test_permit_is_spent_once_even_by_ten_at_the_same_time(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            permit = await first_permit(database)
            tries = await asyncio.gather(*(redeem(database, permit) for _ in range(10)), return_exceptions=True)
            assert sum(not isinstance(t, BaseException) for t in tries) == 1
            assert sum(isinstance(t, PermitError) for t in tries) == 9

    asyncio.run(story())


def test_expired_permit_is_void(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            permit = await first_permit(database)
            await move_clock(database, timedelta(minutes=1))
            with pytest.raises(PermitError):
                await redeem(database, permit)

    asyncio.run(story())


def test_refusal_between_permit_and_dial_stops_the_call_even_from_another_campaign(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            refused = await first_permit(database)
            await redeem(database, refused)
            await move_clock(database, timedelta(hours=3))
            await campaign(database, [person(1)], name="other")
            asked = await ask_all(database, await run_of(database, "other"))
            waiting = asked[0].permit
            assert waiting is not None
            now = await database.now()
            await record_refusal(
                database, attempt_id=refused.attempt_id, kind="hard", words="别打了", understood_at=now
            )
            with pytest.raises(PermitError):
                await redeem(database, waiting)

    asyncio.run(story())


def test_refused_person_is_denied_in_every_campaign_of_the_tenant(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            permit = await first_permit(database)
            await redeem(database, permit)
            now = await database.now()
            durable = await record_refusal(
                database, attempt_id=permit.attempt_id, kind="hard", words="", understood_at=now
            )
            assert durable > now
            await campaign(database, [person(1)], name="other")
            asked = await ask_all(database, await run_of(database, "other"))
            assert asked[0].verdict.outcome == "deny"
            assert "CN-REFUSAL" in [o.rule_id for o in asked[0].verdict.opinions if o.outcome == "deny"]

    asyncio.run(story())


def test_two_campaigns_asking_at_once_share_one_persons_allowance(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            people = [person(index) for index in range(1, 11)]
            for name in ("one", "two", "three"):
                await campaign(database, people, name=name)
            tasks = [await run_of(database, name) for name in ("one", "two", "three")]
            asked = await asyncio.gather(*(ask_all(database, t, worker=str(i)) for i, t in enumerate(tasks)))
            permits = [a.permit for each in asked for a in each if a.permit]
            assert len({p.number for p in permits}) == len(permits) == 10

    asyncio.run(story())


def test_dead_worker_leaves_unknown_that_is_never_dialled_again(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            asked = await ask_all(database, await run_of(database))
            dialled, reserved = asked[0].permit, asked[1].permit
            assert dialled is not None
            assert reserved is not None
            await redeem(database, dialled)
            await move_clock(database, timedelta(minutes=2))
            settled = await settle_dead(database)
            assert (settled.unknown, settled.released) == (1, 1)
            again = await ask_all(database, await run_of(database))
            outcomes = {a.contact.contact_id: a.verdict.outcome for a in again}
            assert outcomes == {dialled.contact_id: "deny", reserved.contact_id: "allow"}
            await move_clock(database, timedelta(days=30))
            much_later = await ask_all(database, await run_of(database))
            later = {a.contact.contact_id: a.verdict.outcome for a in much_later}
            assert later[dialled.contact_id] == "deny"

    asyncio.run(story())


def test_served_contact_is_not_called_in_the_next_run(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            asked = await ask_all(database, await run_of(database))
            for a, how in zip(asked, (Disposition.ANSWERED, Disposition.BUSY), strict=True):
                assert a.permit is not None
                await redeem(database, a.permit)
                await end_attempt(database, attempt_id=a.permit.attempt_id, record=record(how))
            await move_clock(database, timedelta(hours=3))
            again = await ask_all(database, await run_of(database))
            outcomes = {a.contact.contact_id: a.verdict.outcome for a in again}
            assert [outcomes[a.contact.contact_id] for a in asked] == ["deny", "allow"]

    asyncio.run(story())


def test_a_number_out_of_service_rests_for_thirty_days_and_one_that_does_not_exist_for_good(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            asked = await ask_all(database, await run_of(database))
            for a, how in zip(asked, (Disposition.SUSPENDED, Disposition.INVALID_NUMBER), strict=True):
                assert a.permit is not None
                await redeem(database, a.permit)
                await end_attempt(database, attempt_id=a.permit.attempt_id, record=record(how))
            await move_clock(database, timedelta(days=29))
            again = await ask_all(database, await run_of(database))
            assert [a.verdict.outcome for a in again] == ["wait", "deny"]
            await move_clock(database, timedelta(days=31))
            later = await ask_all(database, await run_of(database))
            assert [a.verdict.outcome for a in later] == ["allow", "deny"]

    asyncio.run(story())


def test_reservation_given_back_does_not_count_as_a_call(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            permit = await first_permit(database)
            await give_back(database, attempt_id=permit.attempt_id)
            with pytest.raises(PermitError):
                await redeem(database, permit)
            again = await ask_all(database, await run_of(database))
            assert again[0].verdict.outcome == "allow"

    asyncio.run(story())


def test_carrier_line_and_shifted_clock_never_share_a_database(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            with pytest.raises(InputError, match="rehearsal clock"):
                await add_carrier(database)
            async with database.transaction() as connection:
                await connection.execute(text("DELETE FROM installation"))
            await add_carrier(database)
            with pytest.raises(LedgerError, match="carrier lines"):
                await set_rehearsal_clock(database, timedelta(hours=1))

    asyncio.run(story())


def test_verdict_is_kept_with_every_rule_that_spoke(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1, basis=None)])
            asked = await ask_all(database, await run_of(database))
            kept = await one(database, "SELECT jsonb_array_length(opinions) FROM verdict")
            assert asked[0].permit is None
            assert kept == len(asked[0].verdict.opinions)

    asyncio.run(story())


async def add_carrier(database: Database) -> None:
    await add_line(database, tenant=TENANT, line=line_entry(LineKind.CARRIER, "real"))


def test_a_permit_is_for_its_number_and_its_person_alone(database_url: str) -> None:
    """Number and person were not looked at when it was spent: another number could be put in, or a refusal passed by."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            mine, other = [a.permit for a in await ask_all(database, await run_of(database))]
            assert mine is not None and other is not None
            forged = [
                replace(mine, number=other.number),
                replace(mine, person_id=other.person_id),
                replace(mine, attempt_id=other.attempt_id),
                replace(mine, contact_id=other.contact_id, number=other.number, person_id=other.person_id),
                replace(mine, line="other"),
            ]
            for permit in forged:
                with pytest.raises(PermitError):
                    await redeem(database, permit)
            refused = EarlierRefusal(number=other.number, refused_at=await database.now(), source="sms", evidence="")
            await import_refusals(database, tenant=TENANT, refusals=[refused])
            for permit in (other, replace(other, person_id=mine.person_id)):
                with pytest.raises(PermitError):
                    await redeem(database, permit)
            await redeem(database, mine)

    asyncio.run(story())


def test_the_line_of_the_run_is_judged_and_no_other(database_url: str) -> None:
    """A campaign that was moved to another line while it ran was judged by the new one and dialled over the old."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            task = await run_of(database)
            await add_line(database, tenant=TENANT, line=line_entry(name="second"))
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign SET line = 'second'"))
            await suspend(
                database, tenant=TENANT, resource="line", name="practice", reason="carrier asked", by="王经理"
            )
            asked = await ask_all(database, task)
            assert {a.verdict.outcome for a in asked} == {"deny"}

    asyncio.run(story())


def test_what_is_suspended_or_listed_is_not_dialled_with_an_earlier_permit(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1), person(2)])
            listed, other = [a.permit for a in await ask_all(database, await run_of(database))]
            assert listed is not None and other is not None
            await replace_registry(
                database, name="ANY", copied_at=await database.now(), entries=[(listed.number, None)]
            )
            with pytest.raises(PermitError):
                await redeem(database, listed)
            await suspend(
                database, tenant=TENANT, resource="line", name="practice", reason="carrier asked", by="王经理"
            )
            with pytest.raises(PermitError):
                await redeem(database, other)
            assert await one(database, "SELECT count(*) FROM attempt WHERE disposition = 'not_dialled'") == 2

    asyncio.run(story())


def test_one_allowance_whatever_isolation_the_server_has_by_default(database_url: str) -> None:
    """Under REPEATABLE READ a worker that had waited for the person saw what stood before it waited."""

    async def story() -> None:
        with psycopg.connect(database_url, autocommit=True) as owner:
            name = owner.info.dbname
            owner.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        async with ledger(database_url) as database:
            await campaign(database, [person(1)], name="one")
            await campaign(database, [person(1)], name="two")
            asked = await asyncio.gather(
                ask_all(database, await run_of(database, "one")), ask_all(database, await run_of(database, "two"))
            )
            assert sorted(a.verdict.outcome for [a] in asked) == ["allow", "wait"]

    asyncio.run(story())


def test_a_commit_waits_for_the_disk_whatever_the_servers_default_and_only_asking_does_not(database_url: str) -> None:
    async def story() -> None:
        with psycopg.connect(database_url, autocommit=True) as owner:
            owner.execute(f"ALTER DATABASE {owner.info.dbname} SET synchronous_commit = off")
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            await ask_all(database, await run_of(database))
            assert await one(database, "SHOW synchronous_commit") == "on"

    asyncio.run(story())


def test_a_worker_can_remove_no_refusal_and_slip_in_no_event(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            for order in (
                "DELETE FROM refusal",
                "DELETE FROM attempt",
                "INSERT INTO event (xact, tenant_id, at, kind, body) VALUES ('1'::xid8, 1, now(), 'x', '{}')",
            ):
                with pytest.raises(ProgrammingError, match="permission denied"):
                    async with database.transaction() as connection:
                        await connection.execute(text(order))

    asyncio.run(story())
