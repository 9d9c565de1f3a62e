"""What strangers send to our SIP and media ports: refused, counted, never a call.

Packets of the agreed codec are heard whoever sends them: the stack checks neither address nor SSRC (docs/traps.md).
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from fairdial.core.policy.case import LineKind
from fairdial.line.baresip_line import BaresipLine, open_line
from fairdial.line.options import LineOptions
from fairdial.ports import Answered, Closed
from tests.line.callee import answered_by, rtp
from tests.line.contract import loudness, signals_until, spent
from tests.rehearsal.practice import NUMBER_OF, free_port, practice_network, write_files


def request(method: str, to: int, port: int, *, branch: str, user: str = "+8615499990001") -> bytes:
    """A request from nobody we know, with an offer that we could take."""
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"
    body = sdp if method == "INVITE" else ""
    return (
        f"{method} sip:{user}@127.0.0.1:{to} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:stranger@127.0.0.1>;tag={branch}\r\nTo: <sip:{user}@127.0.0.1:{to}>\r\n"
        f"Call-ID: {branch}@stranger\r\nCSeq: 1 {method}\r\nContact: <sip:stranger@127.0.0.1:{port}>\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Stranger(asyncio.DatagramProtocol):
    """A UDP socket that keeps the status lines it is answered with."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.answers.append(data.split(b"\r\n", 1)[0].decode())

    def statuses(self) -> set[int]:
        return {int(answer.split()[1]) for answer in self.answers if answer.startswith("SIP/2.0")}


@asynccontextmanager
async def a_line(folder: Path, *, capacity: int = 2) -> AsyncIterator[tuple[BaresipLine, int, int]]:
    """The embedded stack on the practice network; our SIP port, and the first of our media ports."""
    ours, rtp = free_port(), 31_500
    with practice_network(write_files(folder)) as network:
        options = LineOptions(
            name="practice",
            kind=LineKind.PRACTICE,
            address=f"127.0.0.1:{network.port}",
            capacity=capacity,
            listen=f"127.0.0.1:{ours}",
            rtp_ports=(rtp, rtp + 20),
        )
        async with open_line(options) as line:
            yield line, ours, rtp


def test_stray_invites_and_options_are_refused_and_counted_while_our_own_call_goes_on(tmp_path: Path) -> None:
    """A stray INVITE rang in the stack for two minutes and took a place of the line."""

    async def story() -> None:
        async with a_line(tmp_path) as (line, ours, _):
            loop = asyncio.get_running_loop()
            transport, stranger = await loop.create_datagram_endpoint(Stranger, local_addr=("127.0.0.1", 0))
            port = transport.get_extra_info("sockname")[1]
            call = await line.dial(spent(NUMBER_OF["talker"]))
            await signals_until(call, Answered)
            for i in range(20):
                transport.sendto(request("INVITE", ours, port, branch=f"i{i}"), ("127.0.0.1", ours))
                transport.sendto(request("OPTIONS", ours, port, branch=f"o{i}", user="x"), ("127.0.0.1", ours))
                await asyncio.sleep(0.01)
            for i in range(300):
                transport.sendto(request("OPTIONS", ours, port, branch=f"f{i}", user="x"), ("127.0.0.1", ours))
            transport.sendto(b"\0" * 1200, ("127.0.0.1", ours))
            transport.sendto(b"INVITE sip:x SIP/2.0\r\n\r\n", ("127.0.0.1", ours))
            assert await loudness(call, for_s=1.0) > 300, "the far end's first words"
            another = await line.dial(spent(NUMBER_OF["listener"]))
            await signals_until(another, Answered)
            assert 0 < line.strangers <= 20
            assert {status // 100 for status in stranger.statuses() if status != 180} == {4}, stranger.answers
            for one in (call, another):
                await one.hang_up()
                assert isinstance((await signals_until(one, Closed))[-1], Closed)
            transport.close()

    asyncio.run(story())


def test_packets_of_another_codec_ancient_ones_and_garbage_are_no_sound_of_the_call(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_line(tmp_path) as (line, _, first):
            call = await line.dial(spent(NUMBER_OF["listener"]))
            await signals_until(call, Answered)
            await loudness(call, for_s=0.3)
            loud = bytes([0x2A, 0xAA] * 80)  # the loudest sound of A-law
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for i in range(50):
                    for port in range(first, first + 20, 2):
                        for kind in (3, 18, 96, 127):  # GSM, G.729, two that were never agreed
                            sender.sendto(rtp(i, i * 160, kind=kind, ssrc=7, payload=loud), ("127.0.0.1", port))
                        sender.sendto(b"\x80", ("127.0.0.1", port))
                        sender.sendto(b"garbage" * 100, ("127.0.0.1", port))
                    if i % 10 == 0:
                        await asyncio.sleep(0.02)
            assert await loudness(call, for_s=0.5) < 300
            await call.hang_up()
            assert isinstance((await signals_until(call, Closed))[-1], Closed)

    asyncio.run(story())


def test_packets_that_come_twice_or_too_late_are_heard_once_or_not_at_all() -> None:
    """Half a second of sound, each packet twice and with one of two seconds ago behind it; then nothing."""

    async def story() -> None:
        async with answered_by() as (call, callee):
            loud, heard = bytes([0x2A, 0xAA] * 80), bytearray()
            for i in range(25):
                fresh = rtp(1000 + i, i * 160, kind=8, ssrc=5, payload=loud)
                ancient = rtp(900 + i, (i - 100) * 160, kind=8, ssrc=5, payload=loud)
                for packet in (fresh, fresh, ancient):
                    callee.sends(packet)
                await asyncio.sleep(0.02)
                heard += call.read()
            for _ in range(25):
                await asyncio.sleep(0.02)
                heard += call.read()
            loudly = np.count_nonzero(np.abs(np.frombuffer(bytes(heard), dtype=np.int16).astype(np.int32)) > 5000)
            assert 0.3 <= loudly / 8000 <= 0.7, "twice would be 1.0, and with the ancient ones 1.5"
            await call.hang_up()
            assert isinstance((await signals_until(call, Closed))[-1], Closed)

    asyncio.run(story())


def test_packets_up_to_sixty_ms_late_are_heard() -> None:
    """Two seconds of sound, whose packets leave in bursts: a jitter of 60 ms, which carriers of mobile calls have."""

    async def story() -> None:
        loop, chance = asyncio.get_running_loop(), random.Random(5)
        async with answered_by() as (call, callee):
            loud, heard, packets = bytes([0x2A, 0xAA] * 80), bytearray(), 100
            too_late = 0
            began = loop.time()
            for i in range(packets):
                await asyncio.sleep(max(0.0, began + i * 0.02 + chance.uniform(0, 0.06) - loop.time()))
                too_late += loop.time() > began + i * 0.02 + 0.06  # a busy machine is later than the jitter meant
                callee.sends(rtp(1000 + i, i * 160, kind=8, ssrc=5, payload=loud))
                heard += call.read()
            for _ in range(25):
                await asyncio.sleep(0.02)
                heard += call.read()
            loudly = np.count_nonzero(np.abs(np.frombuffer(bytes(heard), dtype=np.int16).astype(np.int32)) > 5000)
            assert loudly / 160 >= 0.93 * packets - 2 * too_late, "a buffer of 20 ms loses a tenth and more"
            await call.hang_up()
            assert isinstance((await signals_until(call, Closed))[-1], Closed)

    asyncio.run(story())
