"""A telephone written by hand, down to the packet: for what no well-behaved network sends."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fairdial.core.policy.case import LineKind
from fairdial.line.baresip_line import BaresipCall, open_line
from fairdial.line.options import LineOptions
from fairdial.ports import Answered
from tests.line.contract import signals_until, spent
from tests.rehearsal.practice import free_port

PCMU, PCMA = 0, 8


def rtp(sequence: int, stamp: int, *, kind: int, ssrc: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, sequence & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


class Callee(asyncio.DatagramProtocol):
    """Answers every INVITE at once with one codec and takes every BYE; its media are what `sends` is given."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._dialog: dict[str, str] = {}
        self._requests = 0
        self.invites = 0
        self.answers: list[str] = []
        """Status lines and bodies that our own requests were answered with."""

    async def opens_media(self) -> None:
        loop = asyncio.get_running_loop()
        self._media, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head, _, body = data.decode().partition("\r\n\r\n")
        if head.startswith("SIP/2.0"):
            self.answers.append(head.split("\r\n", 1)[0] + "\n" + body)
            return
        method = head.split(" ", 1)[0]
        if method not in ("INVITE", "BYE"):
            return
        fields = {name: line for line in head.split("\r\n")[1:] for name in [line.split(":", 1)[0]]}
        to, offer = fields["To"], ""
        if method == "INVITE":
            self.invites += 1
            self._sends_to = (
                "127.0.0.1",
                next(int(x.split()[1]) for x in body.split("\r\n") if x.startswith("m=audio")),
            )
            to += ";tag=callee"
            self._dialog = fields | {"To": to, "at": f"{addr[0]}:{addr[1]}"}
            offer = self._sdp("sendrecv")
        kept = [fields["Via"], fields["From"], fields["Call-ID"], fields["CSeq"]]
        self._says("SIP/2.0 200 OK", *kept, to, body=offer, addr=addr)

    def asks(self, method: str, *, direction: str = "sendrecv", extra: tuple[str, ...] = ()) -> None:
        """Send a request inside the dialogue: a re-INVITE with this direction of its media, or another method."""
        self._requests += 1
        from_us, to_them = (self._dialog[one].split(":", 1)[1] for one in ("To", "From"))
        host, port = self._dialog["at"].split(":")
        self._says(
            f"{method} sip:us@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bKasks{self._requests}",
            "Max-Forwards: 70",
            f"From:{from_us}",
            f"To:{to_them}",
            self._dialog["Call-ID"],
            f"CSeq: {self._requests} {method}",
            *extra,
            body=self._sdp(direction) if method == "INVITE" else "",
            addr=(host, int(port)),
        )

    def sends(self, packet: bytes) -> None:
        """A packet from our media port to theirs."""
        self._media.sendto(packet, self._sends_to)

    def close(self) -> None:
        self._media.close()
        self._transport.close()

    def _says(self, first: str, *fields: str, body: str, addr: tuple[str, int]) -> None:
        closing = (
            f"Contact: <sip:callee@{self.address}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        )
        self._transport.sendto(("\r\n".join([first, *fields, *closing]) + "\r\n\r\n" + body).encode(), addr)

    @property
    def address(self) -> str:
        """Where its SIP is reached, `host:port`."""
        return f"127.0.0.1:{self._transport.get_extra_info('sockname')[1]}"

    def _sdp(self, direction: str) -> str:
        name = {PCMU: "PCMU", PCMA: "PCMA"}[self._kind]
        port = self._media.get_extra_info("sockname")[1]
        return (
            f"v=0\r\no=- 1 {self._requests + 1} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {self._kind}\r\na=rtpmap:{self._kind} {name}/8000\r\na={direction}\r\n"
        )


@asynccontextmanager
async def answered_by(kind: int = PCMA) -> AsyncIterator[tuple[BaresipCall, Callee]]:
    """A call of the embedded stack that such a telephone has answered."""
    loop, sip, callee = asyncio.get_running_loop(), free_port(), Callee(kind)
    await callee.opens_media()
    await loop.create_datagram_endpoint(lambda: callee, local_addr=("127.0.0.1", sip))
    options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=f"127.0.0.1:{sip}", capacity=2)
    async with open_line(options) as line:
        call = await line.dial(spent("+8615400000001"))
        await signals_until(call, Answered)
        yield call, callee
    callee.close()
