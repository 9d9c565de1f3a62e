"""What is over is removed and counted; refusals still bind, consents in force stay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from fairdial.core.call_record import Turn
from fairdial.core.policy.adjust import DutyAdjustment, adjust
from fairdial.core.policy.case import Level
from fairdial.core.policy.pack import Pack
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.corrections import correct_grade
from fairdial.ledger.calls.follow_ups import record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import record_refusal
from fairdial.ledger.people.retention import plan_retention
from fairdial.retention import Removed, run_retention
from tests.campaign.test_dialer import RECORD
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, one, person, run_of
from tests.ledger.test_vault import LOG


def keeping(for_days: float) -> dict[str, Pack]:
    ids = [duty.id for duty in PACKS["*"].duties]
    return adjust(PACKS, [DutyAdjustment(duty=duty, days=for_days) for duty in ids], number=1)


async def a_call(database: Database, folder: Path, *, days_ago: int) -> None:
    """Somebody refused in a call of that long ago, and it was recorded; two consents, one of them revoked then."""
    await campaign(database, [person(1)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    spent = await redeem(database, asked.permit)
    attempt, then = asked.permit.attempt_id, spent.dialled_at - timedelta(days=days_ago)
    await record_refusal(database, attempt_id=attempt, kind="hard", words="别打了", understood_at=then)
    turn = Turn(heard="别打了", understood=None, heard_at=then, said="好的", said_at=then, gap_ms=1, interrupted=False)
    record = replace(RECORD, answered_at=then, ended_at=then, recording="a.wav", turns=(turn,), log=LOG)
    await end_attempt(database, attempt_id=attempt, record=record)
    await set_reader(database, tenant=TENANT, name="李质检", level=Level.PRIVATE, by="王经理")
    await correct_grade(database, tenant=TENANT, call_id=attempt, grade="F", reason="说了别打", by="李质检")
    await record_follow_up(database, attempt_id=attempt, kind="hand_over", name="顾问", content={"answers": {}})
    (folder / "a.wav").write_bytes(b"RIFF")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE attempt SET dialled_at = :then"), {"then": then})
        await connection.execute(text("UPDATE follow_up SET created_at = :then"), {"then": then})
        for revoked in (None, then):
            await consent(connection, then, revoked)


async def consent(connection: object, then: datetime, revoked: datetime | None) -> None:
    await connection.execute(  # type: ignore[attr-defined]
        text(
            "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, revoked_at, evidence_file,"
            " evidence_sha256) SELECT tenant_id, person_id, '{service}', '{call}', cast(:then AS timestamptz) - interval '1 day',"
            " :revoked, 'x', md5(random()::text) FROM contact"
        ),
        {"then": then, "revoked": revoked},
    )


async def remove(database: Database, packs: dict[str, Pack], folder: Path, *, gone: bool = False) -> Removed:
    return await run_retention(database, packs, tenant=TENANT, recordings=folder, by="李合规", missing_are_gone=gone)


def test_what_is_over_goes_and_the_refusal_still_binds(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, tmp_path, days_ago=100)
            packs = keeping(90)
            planned = {
                due.part: (due.count, due.cutoff.duty.id)
                for due in (await plan_retention(database, packs, tenant=TENANT)).due
            }
            assert planned["recordings"] == (1, "PLATFORM-KEEP-RECORDINGS") and planned["turns"][0] == 1
            assert "consents" not in planned, "China keeps records three years"
            assert (tmp_path / "a.wav").exists(), "a plan changes nothing"
            removed = await remove(database, packs, tmp_path)
            assert {part for part, count in removed.counts.items() if count} == {
                "recordings",
                "turns",
                "corrections",
                "follow_ups",
                "conversations",
                "refusals",
            }
            assert removed.not_found == () and not (tmp_path / "a.wav").exists()
            assert await one(database, "SELECT count(*) FROM turn WHERE sealed IS NULL") == 1
            assert await one(database, "SELECT count(*) FROM conversation") == 0
            assert await one(database, "SELECT count(*) FROM refusal WHERE sealed IS NULL") == 1
            assert await one(database, "SELECT count(*) FROM consent") == 2
            body = await one(
                database, "SELECT body -> 'removed' ->> 'recordings' FROM event WHERE kind = 'retention.run'"
            )
            assert body == "1"
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign_contact SET outcome = NULL, lease_until = NULL"))
            [again] = await ask_all(database, await run_of(database))
            assert "CN-REFUSAL" in {o.rule_id for o in again.verdict.opinions if o.outcome == "deny"}

    asyncio.run(story())


def test_within_its_time_nothing_goes_and_the_run_is_an_event_all_the_same(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, tmp_path, days_ago=29)
            removed = await remove(database, keeping(1), tmp_path)
            assert removed.counts["recordings"] == 0, "law keeps recordings thirty days"
            assert removed.counts["turns"] == 1, "no law keeps words"
            assert (tmp_path / "a.wav").exists()
            assert await one(database, "SELECT count(*) FROM event WHERE kind = 'retention.run'") == 1

    asyncio.run(story())


def test_a_consent_goes_when_it_has_ended_and_its_time_is_over_and_never_while_it_is_in_force(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, tmp_path, days_ago=1200)
            removed = await remove(database, keeping(90), tmp_path)
            assert removed.counts["consents"] == 1
            assert await one(database, "SELECT count(*) FROM consent WHERE revoked_at IS NULL") == 1

    asyncio.run(story())


def test_a_recording_that_is_elsewhere_stays_on_record_until_somebody_says_it_is_gone(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, tmp_path, days_ago=100)
            elsewhere = tmp_path / "elsewhere"
            assert (await remove(database, keeping(90), elsewhere)).not_found == ("a.wav",)
            assert await one(database, "SELECT recording FROM attempt") == "a.wav"
            assert (await remove(database, keeping(90), elsewhere, gone=True)).counts["recordings"] == 1
            assert await one(database, "SELECT recording FROM attempt") is None

    asyncio.run(story())


def test_another_tenants_data_is_not_touched(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_call(database, tmp_path, days_ago=2000)
            packs = keeping(90)
            removed = await run_retention(database, packs, tenant="other", recordings=tmp_path, by="x")
            assert set(removed.counts.values()) == {0}
            assert (await plan_retention(database, packs, tenant="other")).due == ()

    asyncio.run(story())
