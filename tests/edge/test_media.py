"""Sound by way of rtpengine: neither side learns the other's address, and the carrier gets SRTP where it wants it."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from fairdial.core.permit_signature import Claims
from fairdial.core.policy.case import LineKind
from fairdial.edge.files import put_files
from fairdial.edge.plan import EdgeLine, EdgeOptions, Listener, Media, render
from fairdial.line.baresip_line import open_line
from fairdial.line.options import EdgeWay, LineOptions
from fairdial.ports import Answered, Closed
from tests.edge.running import KEY, MISSING, SECRETS, Edge, edge_line, has_kamailio, running_edge
from tests.edge.test_line_through_edge import signature
from tests.edge.wire import SDP, Caller, Carrier, field, signed
from tests.line.contract import loudness, signals_until, spent
from tests.rehearsal.practice import NUMBER_OF, practice_network, write_files

pytestmark = pytest.mark.skipif(not has_kamailio(), reason=MISSING)
needs_rtpengine = pytest.mark.skipif(
    shutil.which("rtpengine") is None, reason="rtpengine is missing: apt-get install rtpengine-daemon"
)

INSIDE, OUTSIDE = "127.0.0.21", "127.0.0.22"


@contextmanager
def edge_with_media(folder: Path, lines: list[EdgeLine]) -> Iterator[Edge]:
    """An edge and rtpengine beside it, by the rendered rtpengine.conf."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        control = f"127.0.0.1:{probe.getsockname()[1]}"
    media = Media(control=control, inside=INSIDE, outside=OUTSIDE)
    folder.mkdir(exist_ok=True)
    with _rtpengine(folder, media), running_edge(folder, lines, media=media) as edge:
        yield edge


@contextmanager
def _rtpengine(folder: Path, media: Media) -> Iterator[None]:
    """rtpengine by the configuration that is rendered for an edge, once it answers."""
    options = EdgeOptions(
        folder=str(folder), listeners=(Listener(transport="udp", address="127.0.0.20:5060"),), media=media
    )
    put_files(folder, render([edge_line("any", "127.0.0.31:5060")], SECRETS, options))
    command = ["rtpengine", "--config-file", str(folder / "rtpengine.conf"), "-f", "-E"]
    with (folder / "media.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        host, _, port = media.control.rpartition(":")
        give_up = time.monotonic() + 10
        while not _is_there(host, int(port)):
            assert time.monotonic() < give_up and process.poll() is None, (folder / "media.log").read_text()[-2000:]
        yield
    finally:
        process.terminate()
        process.wait(10)


def _is_there(host: str, port: int) -> bool:
    """Whether rtpengine answers a ping (its ng protocol)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.05)
        asking.connect((host, port))
        try:
            asking.send(b"1 d7:command4:pinge")
            return b"pong" in asking.recv(200)
        except OSError:
            return False


@needs_rtpengine
def test_sound_goes_both_ways_by_way_of_rtpengine(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    with practice_network(write_files(tmp_path / "network")) as network:
        address = f"127.0.0.1:{network.port}"
        with edge_with_media(tmp_path / "edge", [edge_line("practice", address)]) as edge:

            async def story() -> None:
                way = EdgeWay(address=edge.address, sign=signature)
                options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=address, capacity=1, edge=way)
                async with open_line(options) as line:
                    call = await line.dial(spent(NUMBER_OF["talker"]))
                    await signals_until(call, Answered)
                    assert await loudness(call, for_s=1.2) > 500, "heard"
                    await loudness(call, for_s=0.8, say=True)
                    assert await loudness(call, for_s=1.6) > 500, "and answered when spoken to"
                    await call.hang_up()
                    await signals_until(call, Closed)

            asyncio.run(story())


@asynccontextmanager
async def carrier_and_caller() -> AsyncIterator[tuple[Carrier, Caller]]:
    carrier, caller = Carrier(100, 180, 200), Caller()
    await carrier.open("127.0.0.31")
    await caller.open("127.0.0.1")
    try:
        yield carrier, caller
    finally:
        for one in (carrier, caller):
            one.close()
        await asyncio.sleep(0)


async def dialled(caller: Caller, edge: Edge) -> tuple[int, str]:
    caller.edge = edge.address
    now = int(time.time())
    claims = Claims(
        permit=str(uuid4()), at=now, until=now + 20, line="trunk-1", number="+8615400000001", caller="+8615499990001"
    )
    return await caller.invite(claims.number, claims.caller, signed(claims, KEY))


@needs_rtpengine
def test_the_carrier_gets_srtp_where_it_wants_it_and_no_address_of_ours(tmp_path: Path) -> None:
    async def story() -> None:
        async with carrier_and_caller() as (carrier, caller):
            with edge_with_media(tmp_path, [edge_line("trunk-1", carrier.address, srtp=True)]) as edge:
                status, answer = await dialled(caller, edge)
                assert status == 200, edge.log
                [invite] = carrier.invites
                offer = invite.partition("\r\n\r\n")[2]
                assert re.search(r"m=audio \d+ RTP/SAVP ", offer) and "a=crypto:1 " in offer
                assert f"c=IN IP4 {OUTSIDE}" in offer and "127.0.0.1\r\n" not in offer
                assert f"c=IN IP4 {INSIDE}" in answer and "RTP/AVP " in answer
                assert await caller.say("INVITE", answer, cseq=2, body=SDP) == 200, "a hold keeps it so"
                held = carrier.invites[-1].partition("\r\n\r\n")[2]
                assert "RTP/SAVP " in held and f"c=IN IP4 {OUTSIDE}" in held
                assert await caller.say("BYE", answer, cseq=3) == 200

    asyncio.run(story())


def test_no_call_leaves_in_clear_when_rtpengine_is_not_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with carrier_and_caller() as (carrier, caller):
            media = Media(control="127.0.0.1:9", inside=INSIDE, outside=OUTSIDE)
            lines = [edge_line("trunk-1", carrier.address, srtp=True)]
            with running_edge(tmp_path, lines, media=media) as edge:
                status, answer = await dialled(caller, edge)
                assert status == 500 and "rtpengine" in field(answer, "Reason")
                assert carrier.invites == []

    asyncio.run(story())
