"""A real Kamailio on loopback, with the files an operator's edge would have."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairdial.core.permit_signature import EdgeKey, EdgeSecrets
from fairdial.core.policy.case import LineKind, Purpose
from fairdial.edge.files import fixed_files, put_files
from fairdial.edge.plan import EdgeLine, EdgeOptions, Listener, Media, render

EDGE_HOST = "127.0.0.20"
KEY = EdgeKey(number=1, secret=bytes(range(32)))
SECRETS = EdgeSecrets(keys=(KEY,), mask="0123456789abcdef")

MISSING = "kamailio is missing: apt-get install kamailio kamailio-tls-modules"


def has_kamailio() -> bool:
    return shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin:/usr/bin") is not None


def edge_line(
    name: str,
    address: str,
    *,
    calls: int = 100,
    each_second: int = 100,
    stand_ins: Sequence[str] = (),
    until: datetime | None = None,
    transport: str = "udp",
    srtp: bool = False,
) -> EdgeLine:
    return EdgeLine(
        name=name,
        tenant="default",
        kind=LineKind.PRACTICE,
        address=address,
        calls=calls,
        each_second=each_second,
        purposes=frozenset({Purpose.SERVICE}),
        documents_until=until or datetime.now(UTC) + timedelta(days=1),
        transport=transport,
        srtp=srtp,
        stand_ins=tuple(stand_ins),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A running edge: where workers reach it, its folder, its log."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def running_edge(
    folder: Path,
    lines: Sequence[EdgeLine],
    *,
    secrets: EdgeSecrets = SECRETS,
    silence_s: float = 2.0,
    listeners: Sequence[Listener] = (),
    media: Media | None = None,
    certificate: str | None = None,
    private_key: str | None = None,
    ca_list: str = "/etc/ssl/certs/ca-certificates.crt",
) -> Iterator[Edge]:
    """An edge that answers, with OPTIONS each second."""
    port = free_edge_port()
    options = EdgeOptions(
        folder=str(folder),
        listeners=(Listener(transport="udp", address=f"{EDGE_HOST}:{port}"), *listeners),
        silence_s=silence_s,
        ping_s=1,
        media=media,
        certificate=certificate,
        private_key=private_key,
        ca_list=ca_list,
    )
    put_files(folder, {**fixed_files(), **render(lines, secrets, options)})
    with started(folder, f"{EDGE_HOST}:{port}") as edge:
        yield edge


@contextmanager
def started(folder: Path, address: str) -> Iterator[Edge]:
    """Kamailio with the files of a folder, once it answers."""
    host, _, port = address.rpartition(":")
    with _process(folder) as process:
        _wait_until_it_answers(process, (host, int(port)), folder)
        yield Edge(address=address, folder=folder, process=process)


@contextmanager
def _process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = ["/usr/sbin/kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "32", "-Y", str(folder)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: tuple[str, int], folder: Path) -> None:
    give_up = time.monotonic() + 10
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("127.0.0.1", 0))
        asking.settimeout(0.1)
        port = asking.getsockname()[1]
        while process.poll() is None and time.monotonic() < give_up:
            asking.sendto(
                f"OPTIONS sip:edge@{address[0]} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKo{time.monotonic_ns()}\r\n"
                f"Max-Forwards: 1\r\nFrom: <sip:t@t>;tag=1\r\nTo: <sip:t@t>\r\nCall-ID: {time.monotonic_ns()}\r\n"
                "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode(),
                address,
            )
            try:
                asking.recv(4096)
                return
            except OSError:
                continue
    raise AssertionError((folder / "log").read_text(errors="replace")[-2000:])


def free_edge_port() -> int:
    """A UDP port of the edge's address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((EDGE_HOST, 0))
        return int(probe.getsockname()[1])
