"""Each process of a machine has media ports of its own, for as long as it lives."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from fairdial.line.media_ports import EACH, own_media_ports

_OTHER = (
    "import asyncio, sys\nfrom fairdial.line.media_ports import own_media_ports\n"
    "async def hold():\n"
    "    async with own_media_ports() as ports:\n"
    "        print(ports[0], flush=True)\n"
    "        sys.stdin.read()\n"
    "asyncio.run(hold())"
)


def test_no_two_processes_share_a_port_and_a_dead_ones_range_is_free_again() -> None:
    async def mine() -> tuple[int, int]:
        async with own_media_ports() as ports:
            return ports

    with subprocess.Popen([sys.executable, "-c", _OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        first = int(other.stdout.readline())
        own = asyncio.run(mine())
        assert own[1] - own[0] == EACH - 1 and not own[0] <= first <= own[1]
        other.kill()
        other.wait()

        async def all_from(first: int) -> bool:
            async with own_media_ports() as one, own_media_ports() as two, own_media_ports() as three:
                return first in (one[0], two[0], three[0])

        assert asyncio.run(all_from(first)) or own[0] < first, "what a dead process had is given to the next"
