"""TLS at the edge: a listener with a certificate of its own making, and carriers whose certificate is checked."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from fairdial.core.permit_signature import Claims
from fairdial.edge.files import CERTIFICATE, PRIVATE_KEY, own_certificate, put_files
from fairdial.edge.plan import Listener
from tests.edge.running import EDGE_HOST, KEY, MISSING, edge_line, has_kamailio, running_edge
from tests.edge.wire import Caller, Carrier, signed

CARRIER_HOST = "127.0.0.31"


class TlsCarrier(Carrier):
    """The same carrier over TLS."""

    async def serve(self, folder: Path, name: str) -> None:
        """Listen with a certificate for `name`, which lies in the folder then."""
        put_files(folder, own_certificate(folder, name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / CERTIFICATE, folder / PRIVATE_KEY)
        self._server = await asyncio.start_server(self._take, CARRIER_HOST, 0, ssl=context)
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def address(self) -> str:
        return f"{CARRIER_HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"Content-Length: (\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                self.heard.append(head + body.decode())
                self.took(self.heard[-1], "")
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return

    def send(self, message: str, address: str) -> None:
        self._writers[-1].write(message.encode())

    def close(self) -> None:
        for one in self._writers:
            one.close()
        self._server.close()


@pytest.mark.skipif(not has_kamailio(), reason=MISSING)
@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_carrier_over_tls_is_called_only_when_its_certificate_is_trusted(tmp_path: Path, is_trusted: bool) -> None:
    async def story() -> None:
        carrier, caller = TlsCarrier(100, 180, 200), Caller()
        for one in ("carrier", "edge"):
            (tmp_path / one).mkdir()
        await carrier.serve(tmp_path / "carrier", CARRIER_HOST)
        await caller.open("127.0.0.1")
        put_files(tmp_path / "edge", own_certificate(tmp_path / "edge", EDGE_HOST))
        trusted = tmp_path / ("carrier" if is_trusted else "edge") / CERTIFICATE
        try:
            with running_edge(
                tmp_path / "edge",
                [edge_line("trunk-1", carrier.address, transport="tls")],
                listeners=[Listener(transport="tls", address=f"{EDGE_HOST}:45061")],
                certificate=str(tmp_path / "edge" / CERTIFICATE),
                private_key=str(tmp_path / "edge" / PRIVATE_KEY),
                ca_list=str(trusted),
            ) as edge:
                caller.edge = edge.address
                now = int(time.time())
                claims = Claims(
                    permit=str(uuid4()),
                    at=now,
                    until=now + 20,
                    line="trunk-1",
                    number="+861540001",
                    caller="+861549991",
                )
                status, _ = await caller.invite(claims.number, claims.caller, signed(claims, KEY))
                assert (status == 200, len(carrier.invites)) == ((True, 1) if is_trusted else (False, 0)), edge.log
                await _asks_over_tls(tmp_path / "edge" / CERTIFICATE)
        finally:
            for socket in (carrier, caller):
                socket.close()
            await asyncio.sleep(0.1)

    asyncio.run(story())


async def _asks_over_tls(certificate: Path) -> None:
    """OPTIONS by a client that trusts nobody but this certificate, and checks the name."""
    context = ssl.create_default_context(cafile=str(certificate))
    reader, writer = await asyncio.open_connection(EDGE_HOST, 45061, ssl=context)
    writer.write(
        b"OPTIONS sip:edge@127.0.0.20 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKt\r\nMax-Forwards: 5\r\n"
        b"From: <sip:t@t>;tag=1\r\nTo: <sip:t@t>\r\nCall-ID: tls\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"SIP/2.0 200")
    writer.close()


def test_an_own_certificate_is_kept_while_it_holds_and_names_the_edge(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    first = own_certificate(tmp_path, "sip.example.cn", now=now)
    put_files(tmp_path, first)
    assert own_certificate(tmp_path, "sip.example.cn", now=now + timedelta(days=700)) == first
    assert own_certificate(tmp_path, "sip.example.cn", now=now + timedelta(days=800)) != first, "renewed in time"
    assert own_certificate(tmp_path, "203.0.113.5", now=now) != first, "another name"
    assert (tmp_path / PRIVATE_KEY).stat().st_mode & 0o777 == 0o600
