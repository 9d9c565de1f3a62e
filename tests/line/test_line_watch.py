"""The chore that looks after lines: a real carrier's silence and return, over a real ledger, without a call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fairdial.app.line_watch import watch_lines
from fairdial.core.pacing.breaker import State
from fairdial.core.trunk import Probe, Trunk
from fairdial.ledger.lines import line_states
from fairdial.ledger.parties import add_line
from tests.ledger.stories import TENANT, ledger, line_entry, move_clock
from tests.ledger.test_lines import SILENT, breaks, routing_of, state_of, two_lines
from tests.line.far_end import Reply, Request, far_end


def test_a_line_is_probed_when_it_has_rested_and_not_before_and_longer_when_it_is_silent(database_url: str) -> None:
    lives: list[bool] = []

    def answers(_request: Request) -> Sequence[Reply]:
        return [Reply(status="200 OK")] if lives else [Reply(status="503 Service Unavailable")]

    async def story() -> None:
        async with far_end(answers) as far, ledger(database_url) as database:
            await two_lines(database, 6)
            await add_line(database, tenant=TENANT, line=replace(line_entry(), address=far.address))
            await breaks(database, await routing_of(database), record=SILENT)
            await watch_lines(database, ["practice"])
            assert far.requests == []
            await move_clock(database, timedelta(seconds=31))
            await watch_lines(database, ["practice", "second"])
            assert [one.method for one in far.requests] == ["OPTIONS"]
            breaker = (await line_states(database, ["practice"]))["practice"].breaker
            assert (breaker.state, breaker.openings) == (State.OPEN, 2)
            lives.append(True)
            await move_clock(database, timedelta(seconds=61))
            await watch_lines(database, ["practice"])
            assert await state_of(database) is State.HALF_OPEN and await state_of(database, "second") is State.CLOSED

    asyncio.run(story())


def test_a_carrier_that_answers_no_probe_is_tried_by_calls_if_it_is_said_so(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await two_lines(database, 6)
            by_calls = replace(line_entry(), address="127.0.0.1:9", trunk=Trunk(probe=Probe.CALLS))
            await add_line(database, tenant=TENANT, line=by_calls)
            await breaks(database, await routing_of(database), record=SILENT)
            await move_clock(database, timedelta(seconds=31))
            await watch_lines(database, ["practice"])
            assert await state_of(database) is State.HALF_OPEN

    asyncio.run(story())
