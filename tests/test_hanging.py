"""A process whose loop stands still ends itself, and says where it stood."""

from __future__ import annotations

import subprocess
import sys

_HANGS = """
import asyncio, ctypes
from fairdial.app import work

async def hang():
    work.HANGS_S = 1.0
    watching = asyncio.create_task(work.watched())
    await asyncio.sleep(0.1)
    ctypes.PyDLL(None).sleep(60)  # native code that keeps the interpreter's lock

asyncio.run(hang())
"""


def test_a_worker_that_hangs_in_native_code_is_gone_and_its_claims_are_free() -> None:
    """It lived on without its leases, and whoever had started it waited for it without end."""
    done = subprocess.run([sys.executable, "-c", _HANGS], capture_output=True, text=True, timeout=50)
    assert done.returncode == 1 and "in hang" in done.stderr
