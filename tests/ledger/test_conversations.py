"""A call's conversation is kept, gone through again, and removed with the words."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fairdial.core.dialogue.actions import HangUp
from fairdial.core.dialogue.log import replay
from fairdial.core.script.parse import parse_script
from fairdial.errors import InputError
from fairdial.ledger.calls.conversations import conversation_of, conversations_of
from fairdial.ledger.people.person import erase
from tests.ledger.stories import TENANT, ledger
from tests.ledger.test_vault import LOG, WHO, a_full_call


def test_a_conversation_is_found_by_call_and_by_permit_and_gone_through_again(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_full_call(database)
            [stored] = await conversations_of(database, tenant=TENANT, campaign="renewal")
            assert stored.log == LOG
            for call in (str(stored.attempt_id), str(stored.permit_id).upper()):
                assert await conversation_of(database, tenant=TENANT, call=call) == stored
            script = parse_script(stored.script, name="stored")
            assert replay(script, stored.log) is None
            first = replace(stored.log.entries[0], actions=(HangUp(),))
            found = replay(script, replace(stored.log, entries=(first, *stored.log.entries[1:])))
            assert found is not None and found.entry == 1 and found.recorded == (HangUp(),)

    asyncio.run(story())


def test_another_tenant_and_whoever_was_erased_have_none(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_full_call(database)
            with pytest.raises(InputError, match="no conversation"):
                await conversation_of(database, tenant="岚山教育", call="1")
            await erase(database, tenant=TENANT, number=WHO, by="李合规", reason="本人要求")
            assert not await conversations_of(database, tenant=TENANT, campaign="renewal")

    asyncio.run(story())
