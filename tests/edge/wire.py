"""Both sides of an edge, down to the text of a message: who dials through it, and who is dialled."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Mapping
from typing import cast

from fairdial.core.permit import SpentPermit
from fairdial.core.permit_signature import SIGNATURE_HEADER, Claims, EdgeKey, sign
from fairdial.ports import PERMIT_HEADER

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
_COUNT = itertools.count(1)


def claims_of(spent: SpentPermit, *, at: int, until: int) -> Claims:
    permit = spent.permit
    return Claims(
        permit=str(permit.id),
        at=at,
        until=until,
        line=permit.line,
        number=permit.number,
        caller=permit.caller_number,
    )


def signed(claims: Claims, key: EdgeKey) -> dict[str, str]:
    """The two headers a worker sends."""
    return {PERMIT_HEADER: claims.permit, SIGNATURE_HEADER: sign(claims, key)}


class Socket(asyncio.DatagramProtocol):
    """A UDP socket that keeps the messages it received."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def open(self, host: str, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    @property
    def address(self) -> str:
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def send(self, message: str, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._transport.sendto(message.encode(), (host, int(port)))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = data.decode()
        self.heard.append(message)
        self.took(message, f"{addr[0]}:{addr[1]}")

    def took(self, message: str, sender: str) -> None:
        """Called for each message."""

    def close(self) -> None:
        self._transport.close()


class Carrier(Socket):
    """A carrier's door: answers OPTIONS, and INVITEs with the statuses in `answers`, one after the other."""

    def __init__(self, *answers: int) -> None:
        super().__init__()
        self.answers = answers
        self.is_silent = False
        self._branches: set[str] = set()

    @property
    def invites(self) -> list[str]:
        """Each INVITE once, without its repetitions."""
        kept = {field(one, "Via") + field(one, "CSeq"): one for one in self.heard if one.startswith("INVITE ")}
        return list(kept.values())

    def took(self, message: str, sender: str) -> None:
        method = message.split(" ", 1)[0]
        if self.is_silent or method in ("ACK", "SIP/2.0"):
            return
        statuses = self.answers if method == "INVITE" else (200,)
        for status in statuses:
            self._say(message, status, sender)

    def refuse(self, invite: str, status: int) -> None:
        """The final answer to an INVITE that was left ringing."""
        via = fields(invite, "Via")[0]
        self._say(invite, status, via.split()[1].partition(";")[0])

    def _say(self, request: str, status: int, to: str) -> None:
        vias = [f"Via: {one}" for one in fields(request, "Via")]
        routes = [f"Record-Route: {one}" for one in fields(request, "Record-Route")]
        body = SDP if status == 200 and request.startswith("INVITE") else ""
        lines = [
            f"SIP/2.0 {status} Said",
            *vias,
            *routes,
            f"From: {field(request, 'From')}",
            f"To: {field(request, 'To')}" + ("" if "tag=" in field(request, "To") else ";tag=carrier"),
            f"Call-ID: {field(request, 'Call-ID')}",
            f"CSeq: {field(request, 'CSeq')}",
            f"Contact: <sip:carrier@{self.address}>",
            "X-Fairdial-Line: told-by-the-carrier",
            *(['WWW-Authenticate: Digest realm="c", nonce="n"'] if status == 401 else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.send("\r\n".join(lines) + "\r\n\r\n" + body, to)


class Caller(Socket):
    """Whoever sends INVITEs to an edge, with a permit or without."""

    def __init__(self) -> None:
        super().__init__()
        self.edge = ""
        """Where the edge listens, `host:port`."""
        self.sent = ""
        """The last INVITE."""

    async def invite(
        self,
        number: str,
        caller: str,
        headers: Mapping[str, str],
        *,
        call_id: str | None = None,
        cseq: int = 1,
        host: str = "carrier.example",
    ) -> tuple[int, str]:
        """Send an INVITE; the final status and its message, acknowledged."""
        name = call_id or f"call{next(_COUNT)}@test"
        head = "\r\n".join(
            [
                f"INVITE sip:{number}@{host} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{name}{cseq};rport",
                f"Route: <sip:{self.edge};lr>",
                "Max-Forwards: 70",
                f"From: <sip:{caller}@{host}>;tag=from-{name.partition('@')[0]}",
                f"To: <sip:{number}@{host}>",
                f"Call-ID: {name}",
                f"CSeq: {cseq} INVITE",
                f"Contact: <sip:worker@{self.address}>",
                *(f"{key}: {value}" for key, value in headers.items()),
                "Content-Type: application/sdp",
                f"Content-Length: {len(SDP)}",
            ]
        )
        self.sent = f"{head}\r\n\r\n{SDP}"
        self.send(self.sent, self.edge)
        answer = await self.answer_to(name, f"{cseq} INVITE")
        self._acknowledge(answer, number, host)
        return status_of(answer), answer

    def cancel(self) -> str:
        """The CANCEL of the INVITE sent last."""
        kept = [
            line
            for line in self.sent.partition("\r\n\r\n")[0].split("\r\n")
            if not line.startswith(("X-", "Content", "Contact"))
        ]
        lines = [line.replace("INVITE", "CANCEL", 1) if line.startswith(("INVITE", "CSeq")) else line for line in kept]
        return "\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n"

    async def answer_to(self, call_id: str, cseq: str, *, within_s: float = 10.0) -> str:
        """The final answer to a request."""
        async with asyncio.timeout(within_s):
            while True:
                for one in self.heard:
                    if (
                        one.startswith("SIP/2.0")
                        and (field(one, "Call-ID"), field(one, "CSeq")) == (call_id, cseq)
                        and status_of(one) >= 200
                    ):
                        return one
                await asyncio.sleep(0.005)

    async def say(self, method: str, answer: str, *, cseq: int = 2, body: str = "") -> int:
        """A request within the call that `answer` opened; its final status."""
        self._say_within(method, answer, cseq=cseq, body=body)
        return status_of(await self.answer_to(field(answer, "Call-ID"), f"{cseq} {method}"))

    async def ask(self, method: str, address: str) -> int:
        """A request of no call; its final status."""
        call_id = f"ask{next(_COUNT)}"
        self.send(
            f"{method} sip:edge@{address} SIP/2.0\r\nVia: SIP/2.0/UDP {self.address};branch=z9hG4bK{call_id};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:t@t>;tag=t\r\nTo: <sip:t@t>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
            "Content-Length: 0\r\n\r\n",
            address,
        )
        return status_of(await self.answer_to(call_id, f"1 {method}"))

    def _acknowledge(self, answer: str, number: str, host: str) -> None:
        cseq = int(field(answer, "CSeq").split()[0])
        if status_of(answer) < 300:
            self._say_within("ACK", answer, cseq=cseq)
            return
        via = fields(answer, "Via")[0]
        self.send(
            f"ACK sip:{number}@{host} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\nFrom: {field(answer, 'From')}\r\n"
            f"To: {field(answer, 'To')}\r\nCall-ID: {field(answer, 'Call-ID')}\r\nCSeq: {cseq} ACK\r\n"
            "Content-Length: 0\r\n\r\n",
            self.edge,
        )

    def _say_within(self, method: str, answer: str, *, cseq: int, body: str = "") -> None:
        target = re.search(r"<([^>]+)>", field(answer, "Contact"))
        assert target is not None
        lines = [
            f"{method} {target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{method}{next(_COUNT)};rport",
            *(f"Route: {one}" for one in reversed(fields(answer, "Record-Route"))),
            "Max-Forwards: 70",
            f"From: {field(answer, 'From')}",
            f"To: {field(answer, 'To')}",
            f"Call-ID: {field(answer, 'Call-ID')}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:worker@{self.address}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.send("\r\n".join(lines) + "\r\n\r\n" + body, self.edge)


def status_of(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def fields(message: str, name: str) -> list[str]:
    """Every value of a header, in order."""
    head = message.partition("\r\n\r\n")[0]
    found = [line.partition(":") for line in head.split("\r\n")[1:]]
    values = [value.strip() for key, _, value in found if key.strip().lower() == name.lower()]
    return [
        one.strip() for value in values for one in (value.split(",") if name in ("Via", "Record-Route") else [value])
    ]


def field(message: str, name: str) -> str:
    return next(iter(fields(message, name)), "")
