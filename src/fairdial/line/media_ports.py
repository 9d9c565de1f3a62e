"""A range of UDP ports for the media of each process of this machine, so that no two look for the same one.

A range is a locked file in a folder of the machine's; the system gives the lock back with the process, however it went.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fairdial.errors import LineError

EACH = 250
"""Ports of one process: RTP and RTCP of 120 calls and some that have just ended."""

RANGES = (*range(30_000, 32_000, EACH), *range(24_000, 30_000, EACH))
"""Where each begins, in the order in which they are taken; from 32768 on the system gives ports to whoever asks for any."""


@asynccontextmanager
async def own_media_ports() -> AsyncIterator[tuple[int, int]]:
    """First and last port of a range that is this process's inside the block.

    Raises:
        LineError: All ranges of this machine are taken.
    """
    folder = Path(tempfile.gettempdir()) / "fairdial-media"
    folder.mkdir(exist_ok=True)
    with contextlib.suppress(PermissionError):  # another user's, who has done so
        folder.chmod(0o1777)
    for first in RANGES:
        descriptor = _locked(folder / f"{first}.lock")
        if descriptor is None:
            continue
        try:
            yield first, first + EACH - 1
        finally:
            os.close(descriptor)
        return
    raise LineError(
        f"{len(RANGES)} processes of this machine have all media ports; end some of them"
        " 本机媒体端口已用尽,请减少进程数"
    )


def _locked(path: Path) -> int | None:
    """The descriptor of a file that only this process has locked; None when another has."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        descriptor = os.open(path, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
