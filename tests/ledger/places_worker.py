"""A worker for `test_places.py`: real ledger, no telephone; each call is a line in a shared log when it begins and when it ends.

With a third argument its own clock is an hour off.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time

from fairdial.core.permit import Permit
from fairdial.errors import PermitError
from fairdial.ledger.calls import claims
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.database import Database, open_database
from tests.core.cases import PACKS
from tests.ledger.chaos_worker import ended_now
from tests.ledger.stories import KEYS, no_holidays


async def work(url: str, task: Task, log: int, chance: random.Random) -> None:
    """Claim and call, as many at once as this worker likes, until nobody is due."""
    worker, living = f"w{os.getpid()}", set[asyncio.Task[None]]()
    async with open_database(url=url, keys=KEYS) as database:
        while True:
            claimed = await claims.claim(database, task, count=chance.randint(1, 6), worker=worker)
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker=worker)
            for answer in answers.values():
                assert answer.permit is not None
                living.add(asyncio.create_task(call(database, answer.permit, log, chance)))
            living = {one for one in living if not one.done()}
            if not answers:
                await asyncio.sleep(0.005)
                if not claimed and not living and not await claims.held_elsewhere(database, task, worker=worker):
                    return


async def call(database: Database, permit: Permit, log: int, chance: random.Random) -> None:
    began = time.monotonic()
    await asyncio.sleep(permit.wait_s)
    try:
        await redeem(database, permit)
    except PermitError:
        return
    tell(log, "began", permit, asked_for_s=time.monotonic() - began)
    await asyncio.sleep(0.1 + chance.random() * 0.2)
    tell(log, "ended", permit)
    await ended_now(database, permit)


def tell(log: int, event: str, permit: Permit, **more: float) -> None:
    line = {"event": event, "permit": str(permit.id), "at": time.monotonic(), **more}
    os.write(log, (json.dumps(line) + "\n").encode())


def main() -> None:
    url, task, log, *is_off = sys.argv[1:]
    if is_off:
        real = time.time
        time.time = lambda: real() + 3600.0
    parsed = json.loads(task)
    told = Task(**parsed | {"variables": tuple(map(tuple, parsed["variables"]))})
    asyncio.run(work(url, told, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), random.Random(os.getpid())))


if __name__ == "__main__":
    main()
