"""A tenant's adjustments in the ledger: versions, evidence, and what the gate then says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fairdial.adjustments import read_adjustments
from fairdial.errors import InputError
from fairdial.ledger.adjustments import all_adjustments, newest_adjustments, store_adjustments
from fairdial.ledger.calls.permits import ask
from fairdial.ledger.database import Database
from fairdial.tenant_law import LivingLaw, law_of
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, no_holidays, one, person, run_of

LATER = [{"rule": "CN-HOURS-SERVICE", "set": {"windows": [{"start": "10:00", "end": "12:00"}]}}]


async def store(database: Database, content: list[dict[str, Any]], *, tenant: str = TENANT) -> int:
    return await store_adjustments(database, tenant=tenant, content=content, by="李合规", reason="自律")


def test_the_newest_version_counts_for_its_tenant_alone_and_earlier_ones_are_kept(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            assert (await law_of(database, PACKS, tenant=TENANT)).packs is PACKS
            assert [await store(database, LATER), await store(database, []), await store(database, LATER)] == [1, 2, 3]
            assert await store(database, [], tenant="other") == 1
            law = await law_of(database, PACKS, tenant=TENANT)
            assert law.packs["CN"].version.endswith("+adj3") and law.adjusted == {"CN-HOURS-SERVICE"}
            assert law.stored is not None and law.stored.set_by == "李合规"
            assert [row["number"] for row in await all_adjustments(database, tenant=TENANT)] == [3, 2, 1]

    asyncio.run(story())


def test_a_version_is_an_event_and_is_never_changed(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await store(database, LATER)
            body = await one(database, "SELECT body ->> 'set_by' FROM event WHERE kind = 'adjustment.insert'")
            assert body == "李合规"
            with pytest.raises(ProgrammingError, match="permission denied"):
                await one(database, "UPDATE adjustment SET content = '[]' RETURNING id")

    asyncio.run(story())


def test_a_running_campaign_follows_a_new_version(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            task = await run_of(database)
            before = await law_of(database, PACKS, tenant=TENANT)
            law = LivingLaw(database, PACKS, tenant=TENANT, law=before)
            await store(database, LATER)
            assert law.packs is PACKS
            await law.refresh()
            [asked] = await ask_all(database, task)
            assert asked.verdict.outcome == "allow", "by the packs as shipped, at 09:40"
            async with database.transaction() as connection:
                await connection.execute(text("UPDATE campaign_contact SET due_at = fairdial_now(), worker = 'w'"))
            answer = (await ask(database, [asked.contact], task, law.packs, no_holidays, worker="w"))[
                asked.contact.contact_id
            ]
            assert answer.verdict.outcome == "wait" and answer.verdict.pack_versions[1].endswith("+adj1")

    asyncio.run(story())


def test_what_todays_packs_no_longer_allow_stops_every_decision_and_says_what_to_do(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            law = LivingLaw(database, PACKS, tenant=TENANT, law=await law_of(database, PACKS, tenant=TENANT))
            await store(database, [{"rule": "CN-SPACING", "set": {"apart_min": 1}}])
            with pytest.raises(InputError, match="fairdial tenant adjust"):
                await law_of(database, PACKS, tenant=TENANT)
            await law.refresh()
            with pytest.raises(InputError, match="apart_min"):
                _ = law.packs
            await store(database, LATER)
            await law.refresh()
            assert law.packs["CN"].version.endswith("+adj2")

    asyncio.run(story())


def test_two_who_store_at_once_get_two_versions_or_one_is_told(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            done = await asyncio.gather(*(store(database, LATER) for _ in range(4)), return_exceptions=True)
            numbers = [number for number in done if isinstance(number, int)]
            assert not [repr(o) for o in done if not isinstance(o, int | InputError)]
            assert numbers and all(isinstance(other, InputError) for other in done if not isinstance(other, int))
            newest = await newest_adjustments(database, tenant=TENANT)
            assert newest is not None and sorted(numbers) == list(range(1, newest.number + 1))

    asyncio.run(story())


def test_the_example_in_the_docs_is_taken() -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "adjustments.yaml"
    assert len(read_adjustments(example, PACKS)) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("adjustments:\n  - rule: CN-SPACING\n    set: {apart_min: 60}\n", ":3: 0.set.apart_min: apart_min 只能更严"),
        ("adjustments:\n  - rule: CN-SPACING\n    set: {apart: 60}\n", ":3: 0.set.apart: 无法识别"),
        ("adjustments:\n  - duty: CN-KEEP-RECORDINGS\n    days: 3\n", ":3: 0.days: days 只能更严"),
        ("adjustments:\n  - rule: NOPE\n    set: {a: 1}\n", ":2: 0: 没有规则 there is no rule NOPE"),
        ("adjustments: 5\n", ":1: adjustments: Input should be a valid list"),
        ("adjustments: [\n", "is not YAML"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_line_path_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_adjustments(path, PACKS)
    assert says in str(caught.value)
