"""A carrier's SIP written by hand, over UDP, TCP or TLS: it answers each request as its script says, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, cast

from fairdial.core.trunk import Transport

REALM, NONCE = "carrier", "8d2f7c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; `after_s` since the one before."""

    status: str
    headers: tuple[str, ...] = ()
    sdp: bool = False
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    uri: str
    headers: dict[str, str]
    body: str


Answers = Callable[[Request], Sequence[Reply]]


def always(*replies: Reply) -> Answers:
    """The same to every INVITE; BYE, CANCEL and OPTIONS are taken."""
    return lambda request: replies if request.method == "INVITE" else (Reply(status="200 OK"),)


def challenged(
    password: str, then: Sequence[Reply], *, status: str = "401 Unauthorized", user: str = "fairdial"
) -> Answers:
    """Digest authentication (RFC 7616, MD5 as carriers still have it) before anything else."""
    header = "WWW-Authenticate" if status.startswith("401") else "Proxy-Authenticate"
    challenge = Reply(status=status, headers=(f'{header}: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5',))

    def answers(request: Request) -> Sequence[Reply]:
        if request.method not in ("INVITE", "REGISTER"):
            return (Reply(status="200 OK"),)
        given = request.headers.get("authorization") or request.headers.get("proxy-authorization") or ""
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', given))
        ha1 = _md5(f"{user}:{REALM}:{password}")
        ha2 = _md5(f"{request.method}:{said.get('uri', '')}")
        wanted = _md5(f"{ha1}:{NONCE}:{ha2}")
        if said.get("username") != user or said.get("response") != wanted:
            return (challenge,)
        if request.method == "REGISTER":
            return (Reply(status="200 OK", headers=(f"Contact: {request.headers['contact']};expires=300",)),)
        return then

    return answers


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class _Sends(Protocol):
    def __call__(self, data: bytes) -> None: ...


@dataclass(slots=True, kw_only=True)
class FarEnd:
    """What came, and the script of what is answered."""

    answers: Answers
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def of(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    def take(self, data: bytes, send: _Sends, transport: Transport) -> None:
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        if first.startswith("SIP/2.0"):
            return
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        request = Request(method=first.split(" ")[0], uri=first.split(" ")[1], headers=headers, body=body)
        is_again = f"{headers['via']}{request.method}" in self._seen
        self._seen.add(f"{headers['via']}{request.method}")
        if request.method == "ACK" or is_again:
            return
        self.requests.append(request)
        task = asyncio.ensure_future(self._reply(request, send, transport))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, request: Request, send: _Sends, transport: Transport) -> None:
        for reply in self.answers(request):
            await asyncio.sleep(reply.after_s)
            body = _SDP.replace("\n", "\r\n") if reply.sdp else ""
            kept = [f"{name}: {request.headers[name.lower()]}" for name in ("Via", "From", "Call-ID", "CSeq")]
            is_tagged = "tag=" in request.headers["to"] or reply.status.startswith("100")
            to = f"To: {request.headers['to']}{'' if is_tagged else ';tag=far'}"
            contact = f"Contact: <sip:far@{self.address};transport={transport}>"
            about = [] if any(one.startswith("Contact") for one in reply.headers) else [contact]
            about += ["Content-Type: application/sdp"] if body else []
            lines = [f"SIP/2.0 {reply.status}", *kept, to, *about, *reply.headers, f"Content-Length: {len(body)}"]
            send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())


_SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 9 RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, far: FarEnd) -> None:
        self._far = far

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._far.take(data, lambda answer: self._transport.sendto(answer, addr), Transport.UDP)


@asynccontextmanager
async def far_end(
    answers: Answers, *, transport: Transport = Transport.UDP, secure: ssl.SSLContext | None = None
) -> AsyncIterator[FarEnd]:
    """Such a carrier on a free port of this machine."""
    far, loop = FarEnd(answers=answers), asyncio.get_running_loop()
    if transport is Transport.UDP:
        sender, _ = await loop.create_datagram_endpoint(lambda: _Udp(far), local_addr=("127.0.0.1", 0))
        far.port = sender.get_extra_info("sockname")[1]
        try:
            yield far
        finally:
            sender.close()
        return

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.strip():  # and no keep-alive (RFC 5626)
                    length = re.search(rb"content-length: *([0-9]+)", head.lower())
                    body = await reader.readexactly(int(length.group(1))) if length else b""
                    far.take(head + body, writer.write, transport)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=secure)
    far.port = server.sockets[0].getsockname()[1]
    try:
        yield far
    finally:
        server.close()
