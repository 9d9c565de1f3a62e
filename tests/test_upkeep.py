"""Chores beside a run, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from fairdial.errors import LedgerError
from fairdial.upkeep import Chore, upkeep
from tests.virtual_time import run_virtually


def test_a_chore_is_done_again_and_again_survives_a_ledger_that_is_away_and_is_done_last() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("work")
        if len(done) == 2:
            raise LedgerError("away")

    async def last() -> None:
        done.append("last")

    async def story() -> None:
        async with upkeep([Chore(name="sealer", every_s=5, work=work, last=last)]):
            await asyncio.sleep(21)

    run_virtually(story())
    assert done == ["work"] * 4 + ["last"]


def test_a_defect_in_a_chore_is_not_swallowed() -> None:
    async def work() -> None:
        raise KeyError("defect")

    async def story() -> None:
        async with upkeep([Chore(name="broken", every_s=1, work=work)]):
            await asyncio.sleep(5)

    with pytest.raises(KeyError):
        run_virtually(story())
