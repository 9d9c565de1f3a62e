"""What leaves the line, read by a third SIP stack (SIPp)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from fairdial.core.policy.case import LineKind
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.ports import Answered, Closed, Ringing
from tests.line.contract import signals_until, spent
from tests.rehearsal.practice import free_port

pytestmark = pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp is missing: apt-get install sip-tester")


def test_sipp_reads_permit_caller_and_codecs_and_the_whole_dialog(tmp_path: Path) -> None:
    port = free_port()
    command = ["sipp", "-sf", str(Path(__file__).with_name("sipp_callee.xml"))]
    command += ["-i", "127.0.0.1", "-p", str(port), "-m", "3", "-nostdin", "-timeout", "30s", "-timeout_error"]
    sipp = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    async def three_calls() -> None:
        options = LineOptions(name="sipp", kind=LineKind.PRACTICE, address=f"127.0.0.1:{port}", capacity=1)
        async with open_line(options) as line:
            for _ in range(3):
                call = await line.dial(spent("+8615400000001", line=options.name))
                assert await signals_until(call, Answered) == [Ringing(), Answered()]
                await asyncio.sleep(0.2)
                await call.hang_up()
                await signals_until(call, Closed)

    try:
        asyncio.run(three_calls())
        printed, _ = sipp.communicate(timeout=30)
    finally:
        sipp.kill()
    assert sipp.returncode == 0, printed[-2000:]
