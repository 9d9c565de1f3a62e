"""The line contract once more, with a real edge between the embedded stack and the practice network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from fairdial.core.permit import SpentPermit
from fairdial.core.permit_signature import sign
from fairdial.core.policy.case import LineKind
from fairdial.errors import LedgerError, LineError
from fairdial.line.baresip_line import open_line
from fairdial.line.options import EdgeWay, LineOptions
from fairdial.ports import Answered, Closed
from tests.edge.running import KEY, MISSING, Edge, edge_line, has_kamailio, running_edge
from tests.edge.wire import claims_of
from tests.line.contract import LineContract, World, signals_until, spent
from tests.rehearsal.practice import NUMBER_OF, Network, practice_network, write_files

pytestmark = pytest.mark.skipif(not has_kamailio(), reason=MISSING)


async def signature(permitted: SpentPermit) -> str:
    now = int(time.time())
    return sign(claims_of(permitted, at=now, until=now + 20), KEY)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with practice_network(write_files(tmp_path_factory.mktemp("network"))) as running:
        yield running


@pytest.fixture(scope="module")
def edge(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    trunk = edge_line("practice", f"127.0.0.1:{network.port}")
    with running_edge(tmp_path_factory.mktemp("edge"), [trunk]) as running:
        yield running


class TestLineThroughTheEdge(LineContract):
    """Sound both ways, keys, early announcements, busy, hang-up from either side: as without an edge."""

    @pytest.fixture(autouse=True)
    def _with(self, network: Network, edge: Edge) -> None:
        self.network, self.edge = network, edge

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        before = len(self._invites())
        options = LineOptions(
            name="practice",
            kind=LineKind.PRACTICE,
            address=f"127.0.0.1:{self.network.port}",
            capacity=2,
            edge=EdgeWay(address=self.edge.address, sign=signature),
        )
        async with open_line(options) as line:
            yield World(line=line, number_of=NUMBER_OF, invites=lambda: self._invites()[before:])

    def _invites(self) -> list[tuple[str, str]]:
        return [(line["to"], line["permit"]) for line in self.network.lines if line["event"] == "invite"]

    def test_the_invite_carries_the_permit(self) -> None:
        """As far as the edge; the carrier sees none, and the trace names the line that was taken."""

        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["listener"]))
                await signals_until(call, Answered)
                await call.hang_up()
                await signals_until(call, Closed)
                await asyncio.sleep(0.2)  # the trace comes a little after what it tells of
                [(number, permit)] = world.invites()
                assert number == world.number_of["listener"] and not permit
                assert any("x-fairdial-line: practice" in message.told for message in call.take_wire())

        self.run(story())

    def test_a_call_that_is_signed_by_nobody_is_refused_by_the_edge(self) -> None:
        async def signed_by_nobody(_spent: SpentPermit) -> str:
            return "key=1;at=1;until=2;line=practice;mac=" + "0" * 64

        async def story() -> None:
            async with self.world() as world:
                before = len(world.invites())
                options = LineOptions(
                    name="practice",
                    kind=LineKind.PRACTICE,
                    address=f"127.0.0.1:{self.network.port}",
                    capacity=1,
                    edge=EdgeWay(address=self.edge.address, sign=signed_by_nobody),
                )
            async with open_line(options) as line:
                call = await line.dial(spent(NUMBER_OF["listener"]))
                closed = (await signals_until(call, Closed))[-1]
                assert isinstance(closed, Closed) and closed.status == 403
                assert len(world.invites()) == before
                await asyncio.sleep(0.2)  # the trace of the last answer comes a little after it
                assert any("the signature is not of this call" in "".join(message.told) for message in call.take_wire())

        self.run(story())


def test_a_line_that_cannot_sign_dials_nobody() -> None:
    async def no_key(_spent: SpentPermit) -> str:
        raise LedgerError("no edge has a key; run `fairdial edge render` first")

    async def story() -> None:
        way = EdgeWay(address="127.0.0.1:9", sign=no_key)
        options = LineOptions(name="practice", kind=LineKind.PRACTICE, address="127.0.0.1:9", capacity=1, edge=way)
        async with open_line(options) as line:
            with pytest.raises(LineError, match="fairdial edge render"):
                await line.dial(spent(NUMBER_OF["listener"]))

    asyncio.run(story())


def test_a_practice_line_never_leads_off_this_machine_by_way_of_an_edge() -> None:
    async def story() -> None:
        way = EdgeWay(address="192.0.2.1:5060", sign=signature)
        options = LineOptions(name="practice", kind=LineKind.PRACTICE, address="127.0.0.1:9", capacity=1, edge=way)
        async with open_line(options):
            raise AssertionError("opened")

    with pytest.raises(LineError, match="loopback"):
        asyncio.run(story())
