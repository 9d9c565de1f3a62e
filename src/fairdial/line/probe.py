"""Ask a trunk whether it is there: OPTIONS (RFC 3261, section 11), on a socket of its own, so that a stack that hangs is no matter."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from fairdial.core.trunk import Transport
from fairdial.errors import LineError

PATIENCE_S = 4.0
"""Until a probe counts as unanswered."""

_AGAIN_S = (0.5, 1.0, 2.0)
"""When it is sent again over UDP (T1 of 500 ms, doubling)."""

_AWAY = frozenset({408, 503, 504})
"""What a proxy in front of a carrier says when that one is not there; any other answer is a sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a probe brought; `status` None is no answer within `PATIENCE_S`."""

    status: int | None
    after_ms: int | None = None

    @property
    def is_alive(self) -> bool:
        return self.status is not None and self.status not in _AWAY


async def probe(address: str, transport: Transport, *, patience_s: float = PATIENCE_S) -> Probed:
    """Send OPTIONS to `host:port` and wait for an answer.

    Raises:
        LineError: The address is none.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise LineError(f"the address must be host:port, not {address!r} 地址须为 主机:端口")
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(patience_s), _way(host, int(port), transport) as way:
            status = await _ask(way, host, int(port), transport)
    except (TimeoutError, OSError, ssl.SSLError):
        return Probed(status=None)
    return Probed(status=status, after_ms=round(1000 * (loop.time() - began)))


class _Way(Protocol):
    """A socket to the trunk; `local` is our address on it."""

    local: tuple[str, int]

    async def send(self, data: bytes) -> None: ...

    async def receive(self) -> bytes: ...


@asynccontextmanager
async def _way(host: str, port: int, transport: Transport) -> AsyncIterator[_Way]:
    if transport is Transport.UDP:
        loop = asyncio.get_running_loop()
        sender, datagrams = await loop.create_datagram_endpoint(_Datagrams, remote_addr=(host, port))
        datagrams.transport = sender
        datagrams.local = sender.get_extra_info("sockname")[:2]
        try:
            yield datagrams
        finally:
            sender.close()
        return
    secure = ssl.create_default_context() if transport is Transport.TLS else None
    reader, writer = await asyncio.open_connection(host, port, ssl=secure)
    try:
        yield _Stream(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport
        self.local: tuple[str, int]
        self._received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received.put_nowait(data)

    async def send(self, data: bytes) -> None:
        self.transport.sendto(data)

    async def receive(self) -> bytes:
        return await self._received.get()


class _Stream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.local: tuple[str, int] = writer.get_extra_info("sockname")[:2]

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise OSError("closed before it answered") from error


async def _ask(way: _Way, host: str, port: int, transport: Transport) -> int:
    call_id = secrets.token_hex(8)
    request = _options(host, port, transport, local=way.local, call_id=call_id)
    await way.send(request)
    again = asyncio.create_task(_send_again(way, request)) if transport is Transport.UDP else None
    try:
        while True:
            status = _final_status(await way.receive(), call_id)
            if status is not None:
                return status
    finally:
        if again is not None:
            again.cancel()


async def _send_again(way: _Way, request: bytes) -> None:
    for pause in _AGAIN_S:
        await asyncio.sleep(pause)
        await way.send(request)


def _options(host: str, port: int, transport: Transport, *, local: tuple[str, int], call_id: str) -> bytes:
    here = f"{local[0]}:{local[1]}"
    lines = (
        f"OPTIONS sip:{host}:{port};transport={transport} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:probe@{here}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:probe@{here};transport={transport}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _final_status(data: bytes, call_id: str) -> int | None:
    """The status of a final answer to our request, None for anything else."""
    head = data.decode("utf-8", "replace").partition("\r\n\r\n")[0]
    first = head.split("\r\n", 1)[0].split(" ")
    if len(first) < 2 or first[0] != "SIP/2.0" or not first[1].isdigit() or call_id not in head:
        return None
    status = int(first[1])
    return status if 200 <= status < 700 else None
