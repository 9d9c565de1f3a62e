"""SIPp (package sip-tester, GPL, a program of its own) as the carrier, and as the caller it is compared with.

The carrier takes an INVITE only with a permit; what else comes is an unexpected message and fails the call.
"""

from __future__ import annotations

import contextlib
import csv
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairdial.ports import PERMIT_HEADER

_HEADERS = """[last_Via:]
      [last_From:]
      [last_To:];tag=[call_number]
      [last_Call-ID:]
      [last_CSeq:]"""
_SDP = """Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=caller 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000"""
_HEAD = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How every call ends: it rings for a while, and is refused as busy."""

    ring_s: float

    @property
    def name(self) -> str:
        return f"rung for {self.ring_s:g} s, busy"


def answering(ending: Ending) -> str:
    """The scenario of the carrier."""
    contact = "Contact: <sip:[local_ip]:[local_port];transport=[transport]>"
    parts = [
        f"""<recv request="INVITE"><action>
    <ereg regexp="[0-9a-f-]+" search_in="hdr" header="{PERMIT_HEADER}:" check_it="true" assign_to="permit"/>
  </action></recv>
  <Reference variables="permit"/>""",
        _sent(f"SIP/2.0 180 Ringing\n      {_HEADERS}\n      {contact}\n      Content-Length: 0"),
        f'<pause milliseconds="{1000 * ending.ring_s:.0f}"/>',
        _sent(f"SIP/2.0 486 Busy Here\n      {_HEADERS}\n      Content-Length: 0", retrans=True),
        '<recv request="ACK"/>',
    ]
    return f'{_HEAD}<scenario name="carrier">\n  ' + "\n  ".join(parts) + "\n</scenario>\n"


def calling() -> str:
    """The scenario of the peer that calls: what ours sends, with nothing behind it."""
    invite = f"""INVITE sip:+86154[call_number]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:+8615499990001@[local_ip]>;tag=[call_number]
      To: <sip:+86154[call_number]@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:+8615499990001@[local_ip]:[local_port]>
      {PERMIT_HEADER}: [call_number]
      Max-Forwards: 70
      {_SDP}"""
    ack = """ACK sip:+86154[call_number]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-3]
      From: <sip:+8615499990001@[local_ip]>;tag=[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0"""
    parts = [_sent(invite, retrans=True), '<recv response="180"/>', '<recv response="486"/>', _sent(ack)]
    return f'{_HEAD}<scenario name="caller">\n  ' + "\n  ".join(parts) + "\n</scenario>\n"


def _sent(message: str, *, retrans: bool = False) -> str:
    again = ' retrans="500"' if retrans else ""
    return f"<send{again}><![CDATA[\n\n      {message}\n\n  ]]></send>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What SIPp counted so far; `living` are calls it carries at this second."""

    living: int
    created: int
    successful: int
    failed: int
    retransmissions: int


NOTHING_YET = Counted(living=0, created=0, successful=0, failed=0, retransmissions=0)


@dataclass
class Sipp:
    """A running SIPp; its counts come from a file that it writes each second."""

    process: subprocess.Popen[bytes]
    port: int
    file: Path

    def counted(self) -> Counted:
        if not self.file.exists():
            return NOTHING_YET
        with self.file.open(encoding="utf-8") as stream:
            header, *rows = [*csv.reader(stream, delimiter=";")] or [[]]
        whole = [row for row in rows if len(row) == len(header)]  # the last may be on its way to the file
        if not whole:
            return NOTHING_YET
        row = dict(zip(header, whole[-1], strict=True))
        return Counted(
            living=int(row["CurrentCall"]),
            created=int(row["TotalCallCreated"]),
            successful=int(row["SuccessfulCall(C)"]),
            failed=int(row["FailedCall(C)"]),
            retransmissions=int(row["Retransmissions(C)"]),
        )


@contextlib.contextmanager
def carrier(folder: Path, ending: Ending) -> Iterator[Sipp]:
    """SIPp as the carrier, on a port of its own."""
    with sipp(folder, "carrier", answering(ending)) as running:
        yield running


@contextlib.contextmanager
def sipp(folder: Path, name: str, scenario: str, *arguments: str) -> Iterator[Sipp]:
    """SIPp with a scenario, until left."""
    path, file, port = folder / f"{name}.xml", folder / f"{name}.csv", free_port()
    path.write_text(scenario, encoding="utf-8")
    file.unlink(missing_ok=True)
    command = ["sipp", "-sf", str(path), "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-nostdin"]
    command += ["-mp", str(free_port()), "-trace_stat", "-stf", str(file), "-fd", "1", "-buff_size", "4000000"]
    command += ["-trace_err", "-error_file", str(folder / f"{name}.err"), *arguments]
    with (folder / f"{name}.out").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
    try:
        yield Sipp(process, port, file)
    finally:
        process.kill()
        process.wait()


def is_here() -> bool:
    return shutil.which("sipp") is not None


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
