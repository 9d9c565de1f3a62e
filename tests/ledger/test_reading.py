"""Personal data are read by whom it was allowed, every reading and refusal of one is kept, and copies can be traced."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.contacts.levels import LEVELS, is_within, level_of, readable
from fairdial.core.policy.case import Level
from fairdial.errors import AccessError, InputError
from fairdial.ledger.people.exports import export_list, trace
from fairdial.ledger.people.person import everything
from fairdial.ledger.people.readers import set_reader
from tests.ledger.stories import TENANT, campaign, ledger, one, person
from tests.ledger.test_vault import a_full_call

WHO = person(1).number


@given(
    row=st.dictionaries(st.sampled_from([*LEVELS, "diagnosis"]), st.text()),
    inner=st.dictionaries(st.sampled_from(["premium", "product", "diagnosis"]), st.text()),
    level=st.sampled_from(Level),
)
def test_nothing_above_a_level_is_readable_and_what_nobody_knows_is_sensitive(
    row: dict[str, object], inner: dict[str, str], level: Level
) -> None:
    seen = readable(row | {"attributes": inner}, level)
    kept = {**seen, **seen["attributes"]}
    kept.pop("attributes")
    assert all(is_within(level_of(name), level) for name in kept)
    assert level_of("diagnosis") is Level.SENSITIVE


def test_reading_above_ones_level_is_refused_and_recorded(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_full_call(database)
            with pytest.raises(AccessError, match="王五 may read general data"):
                await everything(database, tenant=TENANT, number=WHO, by="王五")
            refused = await one(database, "SELECT body ->> 'asked' FROM event WHERE kind = 'read.refused'")
            assert refused == "sensitive"
            assert await one(database, "SELECT count(*) FROM event WHERE kind = 'person.read'") == 0
            general = await everything(database, tenant=TENANT, number=WHO, by="王五", level=Level.GENERAL)
            assert general["contacts"][0]["name"] == "王" and "number" not in general["contacts"][0]
            assert "premium" not in general["contacts"][0]["attributes"] and "heard" not in general["turns"][0]
            await set_reader(database, tenant=TENANT, name="王五", level=Level.PRIVATE, by="李合规")
            private = await everything(database, tenant=TENANT, number=WHO, by="王五", level=Level.PRIVATE)
            assert private["contacts"][0]["number"] == WHO and "recording" not in private["calls"][0]
            given = "SELECT body ->> 'given_by' FROM event WHERE kind = 'reader.insert' AND body ->> 'name' = '王五'"
            assert await one(database, given) == "李合规"

    asyncio.run(story())


def test_a_copy_of_a_list_is_traced_to_whom_it_was_given(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            people = [person(i) for i in range(1, 31)]
            await campaign(database, people)
            export = {"tenant": TENANT, "name": "renewal", "by": "李合规"}
            with pytest.raises(AccessError):
                await export_list(database, **export, recipient="甲", canaries=[])
            await set_reader(database, tenant=TENANT, name="李合规", level=Level.PRIVATE, by="王经理")
            first = await export_list(database, **export, recipient="甲", canaries=["+8615477777771"])
            await export_list(database, **export, recipient="乙", canaries=["+8615477777772"])
            assert len(first) == 31 and {row["number"] for row in first} >= {p.number for p in people}
            [copy] = await trace(database, [row["number"] for row in first])
            assert (copy.recipient, copy.exported_by, copy.list) == ("甲", "李合规", "renewal")
            assert await trace(database, [p.number for p in people]) == []
            for taken in ("+8615477777771", person(3).number):
                with pytest.raises(InputError, match="give a number of your own"):
                    await export_list(database, **export, recipient="丙", canaries=[taken])

    asyncio.run(story())
