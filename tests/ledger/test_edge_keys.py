"""Keys for the edge: made once, followed without a gap, sealed, and used by the database's clock."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from fairdial.core.permit_signature import Claims, EdgeKey, check
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database, as_owner, set_rehearsal_clock
from fairdial.ledger.edge_keys import EdgeSigner, edge_secrets
from fairdial.ledger.protection.rotation import rotate
from tests.ledger.stories import KEYS, ledger
from tests.line.contract import spent


def signer_key(value: str) -> int:
    return int(value.partition(";")[0].removeprefix("key="))


async def _later(database: Database, by: timedelta) -> None:
    """As if the keys had been made so long ago."""
    await as_owner(
        database.engine.url,
        lambda connection: connection.execute(
            text("UPDATE edge_key SET used_from = used_from - cast(:by AS interval)"), {"by": by}
        ),
    )


def test_a_next_key_is_taken_at_once_and_signs_later_and_the_one_before_goes(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            first = await edge_secrets(database)
            assert await edge_secrets(database) == first, "made once"
            both = await edge_secrets(database, makes_next=True)
            assert [key.number for key in both.keys] == [1, 2] and both.mask == first.mask
            assert signer_key(await EdgeSigner(database)(spent("+8615400000001"))) == 1
            await _later(database, timedelta(hours=2))
            assert signer_key(await EdgeSigner(database)(spent("+8615400000001"))) == 2
            assert await edge_secrets(database) == both, "workers may still sign with the one before"
            await _later(database, timedelta(days=2))
            assert [key.number for key in (await edge_secrets(database)).keys] == [2]

    asyncio.run(story())


def test_the_edge_takes_what_is_signed_whatever_a_rehearsal_s_clock_shows(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            secrets = await edge_secrets(database)
            await set_rehearsal_clock(database, timedelta(days=40))
            allowed = spent("+8615400000001", line="trunk 二")
            value = await EdgeSigner(database)(allowed)
            keys: dict[int, EdgeKey] = {key.number: key for key in secrets.keys}
            permit = allowed.permit
            heard = check(
                value,
                permit=str(permit.id),
                number=permit.number,
                caller=permit.caller_number,
                keys=keys,
                now=int(time.time()),
            )
            assert isinstance(heard, Claims) and heard.line == "trunk 二" and heard.until - heard.at == 20

    asyncio.run(story())


def test_keys_are_sealed_survive_a_change_of_data_keys_and_are_missed_in_words(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            with pytest.raises(LedgerError, match="fairdial edge render"):
                await EdgeSigner(database)(spent("+8615400000001"))
            [key] = (await edge_secrets(database)).keys
            async with database.transaction() as connection:
                sealed = (await connection.execute(text("SELECT sealed FROM edge_key"))).scalar_one()
            assert key.secret not in bytes(sealed) and key.secret.hex().encode() not in bytes(sealed)
            await rotate(database, replace(KEYS))
            assert (await edge_secrets(database)).keys == (key,)

    asyncio.run(story())
