"""Versions of scripts in the ledger: two people, one history, and what the gate makes of it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fairdial.core.script.parse import parse_script
from fairdial.core.script.review import ReviewState
from fairdial.core.script.speech import VARIABLE
from fairdial.core.script.spoken import spoken_diff, transcript
from fairdial.errors import ReviewError
from fairdial.ledger.database import Database
from fairdial.ledger.scripts import approve_script, reject_script, script_versions, store_script, submit_script
from fairdial.ledger.setup import stored_script
from tests.core.scripts import content, renewal
from tests.ledger.stories import TENANT, campaign, ledger, person, run_of

HASH = renewal().hash


async def submitted(database: Database, by: str = "author") -> None:
    await submit_script(database, tenant=TENANT, content=content(), script=renewal(), by=by)


def test_history_tells_who_when_and_why_and_ends_with_what_may_be_dialled(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await store_script(database, tenant=TENANT, content=content(), script=renewal())
            (draft,) = await script_versions(database, tenant=TENANT)
            assert draft.approved_until is None and draft.reviews == ()
            await submitted(database)
            until = await approve_script(database, tenant=TENANT, script_hash=HASH, by="reviewer", reason="读过")
            (version,) = await script_versions(database, tenant=TENANT, name=renewal().name)
            assert version.approved_until == until
            assert [(r.state, r.by, r.reason) for r in version.reviews] == [
                (ReviewState.SUBMITTED, "author", None),
                (ReviewState.APPROVED, "reviewer", "读过"),
            ]
            await reject_script(database, tenant=TENANT, script_hash=HASH, by="reviewer", reason="说法要改")
            (version,) = await script_versions(database, tenant=TENANT)
            assert version.approved_until is None, "a rejection takes the approval back"

    asyncio.run(story())


def test_a_stored_version_differs_from_a_changed_one_by_what_was_changed(database_url: str) -> None:
    """The database kept no order of keys, and every scene stood elsewhere."""

    async def story() -> None:
        async with ledger(database_url) as database:
            await store_script(database, tenant=TENANT, content=content(), script=renewal())
            stored = parse_script(await stored_script(database, HASH), name="stored")
            assert stored.hash == HASH and transcript(stored) == transcript(renewal())
            changed = content()
            changed["lines"]["offer"] = "要不要顾问给您回电话?"
            changes = spoken_diff(stored, parse_script(changed, name="x"))
            assert {line for line in changes if line[0] in "+-"} == {
                "-  再问:需要请保险顾问给您回个电话吗?",
                "+  再问:要不要顾问给您回电话?",
            }

    asyncio.run(story())


def test_nobody_approves_what_they_submitted_or_what_nobody_did(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await store_script(database, tenant=TENANT, content=content(), script=renewal())
            with pytest.raises(ReviewError, match="submit"):
                await approve_script(database, tenant=TENANT, script_hash=HASH, by="reviewer")
            await submitted(database)
            with pytest.raises(ReviewError, match="somebody else"):
                await approve_script(database, tenant=TENANT, script_hash=HASH, by="Author")
            (version,) = await script_versions(database, tenant=TENANT)
            assert version.approved_until is None

    asyncio.run(story())


def test_two_reviewers_at_once_approve_once(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await submitted(database)
            both = [approve_script(database, tenant=TENANT, script_hash=HASH, by=by) for by in ("one", "two")]
            done = await asyncio.gather(*both, return_exceptions=True)
            assert sorted(isinstance(d, ReviewError) for d in done) == [False, True]

    asyncio.run(story())


def test_a_script_without_variables_can_be_run(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            plain = content()
            plain.pop("variables")
            plain["lines"] = {key: VARIABLE.sub("您", text) for key, text in plain["lines"].items()}
            script = parse_script(plain, name="x")
            await store_script(database, tenant=TENANT, content=plain, script=script)
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign SET script_hash = :hash"), {"hash": script.hash})
            await submit_script(database, tenant=TENANT, content=plain, script=script, by="author")
            await approve_script(database, tenant=TENANT, script_hash=script.hash, by="reviewer")
            assert (await run_of(database)).variables == ()

    asyncio.run(story())


def test_a_review_is_an_event_and_is_never_changed(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await submitted(database)
            async with database.transaction() as connection:
                kinds = (await connection.execute(text("SELECT kind FROM event ORDER BY id"))).scalars().all()
            assert "script_review.submitted" in kinds
            with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
                async with database.transaction() as connection:
                    await connection.execute(text("UPDATE script_review SET by_whom = 'somebody else'"))

    asyncio.run(story())
