"""The line contract over the embedded stack, against the practice network, and over the tests' own fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fairdial.core.policy.case import LineKind
from fairdial.errors import LineError
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.ports import Answered, Closed
from tests.line.contract import LineContract, World, signals_until, spent
from tests.line.fake_line import FakeCall, FakeLine, tone
from tests.rehearsal.practice import NUMBER_OF, Network, practice_network, write_files
from tests.virtual_time import run_virtually


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with practice_network(write_files(tmp_path_factory.mktemp("line"))) as running:
        yield running


class TestBaresipLine(LineContract):
    @pytest.fixture(autouse=True)
    def _with(self, network: Network) -> None:
        self.network = network

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        before = len(self._invites())
        options = LineOptions(
            name="practice", kind=LineKind.PRACTICE, address=f"127.0.0.1:{self.network.port}", capacity=2
        )
        async with open_line(options) as line:
            yield World(line=line, number_of=NUMBER_OF, invites=lambda: self._invites()[before:])

    def test_what_passed_on_the_wire_is_kept_without_numbers(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["listener"]))
                await signals_until(call, Answered)
                await call.hang_up()
                await signals_until(call, Closed)
                passed = call.take_wire()
                ours = [message.what for message in passed if message.is_ours]
                theirs = [message.what for message in passed if not message.is_ours]
                assert ours[:3] == ["INVITE", "ACK", "BYE"]
                assert "200 OK" in theirs and passed[0].has_sdp
                assert [message.after_ms for message in passed] == sorted(message.after_ms for message in passed)
                assert "154" not in str([message.what for message in passed])
                assert call.take_wire() == (), "once"

        self.run(story())

    def _invites(self) -> list[tuple[str, str]]:
        return [(line["to"], line["permit"]) for line in self.network.lines if line["event"] == "invite"]


async def _talker(call: FakeCall) -> None:
    call.ring()
    await asyncio.sleep(0.1)
    call.answer()
    await asyncio.sleep(0.2)
    await call.speak(tone(3000, 0.6))
    await asyncio.sleep(1.4)
    await call.speak(tone(3000, 0.6))


async def _listener(call: FakeCall) -> None:
    call.answer()


async def _leaver(call: FakeCall) -> None:
    call.answer()
    await asyncio.sleep(0.5)
    call.bye()


async def _presser(call: FakeCall) -> None:
    call.answer()
    await asyncio.sleep(0.3)
    call.press("9")


async def _vacant(call: FakeCall) -> None:
    call.early()
    await call.speak(tone(3000, 0.6))
    call.refuse(404)


async def _busy(call: FakeCall) -> None:
    call.refuse(486)


async def _unanswered(call: FakeCall) -> None:
    call.ring()


class TestFakeLine(LineContract):
    def run(self, story: Coroutine[Any, Any, None]) -> None:
        run_virtually(story)

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        far_ends = {
            "talker": _talker,
            "listener": _listener,
            "leaver": _leaver,
            "presser": _presser,
            "vacant": _vacant,
            "busy": _busy,
            "unanswered": _unanswered,
        }
        line = FakeLine({NUMBER_OF[name]: far_end for name, far_end in far_ends.items()}, capacity=2)
        yield World(line=line, number_of=NUMBER_OF, invites=lambda: line.invites)


def test_a_practice_line_never_leads_off_this_machine() -> None:
    async def story() -> None:
        options = LineOptions(name="practice", kind=LineKind.PRACTICE, address="192.0.2.1:5060", capacity=2)
        async with open_line(options):
            raise AssertionError("opened")

    with pytest.raises(LineError, match="loopback"):
        asyncio.run(story())


def test_a_line_says_what_capacity_it_can_have() -> None:
    async def story() -> None:
        options = LineOptions(name="practice", kind=LineKind.PRACTICE, address="127.0.0.1:5060", capacity=500)
        async with open_line(options):
            raise AssertionError("opened")

    with pytest.raises(LineError, match="120"):
        asyncio.run(story())


def test_a_sip_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    async def story() -> None:
        first = LineOptions(
            name="one", kind=LineKind.PRACTICE, address="127.0.0.1:9", capacity=1, listen="127.0.0.1:45061"
        )
        loop = asyncio.get_running_loop()
        blocker, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 45061))
        try:
            async with open_line(first):
                raise AssertionError("opened")
        finally:
            blocker.close()

    with pytest.raises(LineError, match="45061"):
        asyncio.run(story())


def test_a_network_that_does_not_listen_ends_the_call_and_frees_the_line() -> None:
    async def story() -> None:
        options = LineOptions(name="down", kind=LineKind.PRACTICE, address="127.0.0.1:9", capacity=1)
        async with open_line(options) as line:
            call = await line.dial(spent("+8615400000001", line=options.name))
            await call.hang_up()
            await asyncio.sleep(0.1)
            await line.dial(spent("+8615400000001", line=options.name))

    asyncio.run(story())
