"""A worker for `test_chaos.py`: real ledger, no telephone; every spent permit is one line in a shared log.

It claims, asks, spends, writes its line, sometimes records a refusal, ends the attempt. It may be killed anywhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from dataclasses import replace
from datetime import datetime

from fairdial.core.call_record import CallRecord, Disposition
from fairdial.core.permit import Permit
from fairdial.core.policy.kinds import SpacingTest
from fairdial.core.policy.pack import Pack
from fairdial.errors import LedgerError, PermitError
from fairdial.ledger.calls import attempts, claims
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask
from fairdial.ledger.database import Database, open_database
from tests.core.cases import PACKS
from tests.ledger.stories import KEYS, no_holidays


def without_spacing() -> dict[str, Pack]:
    """The packs without the rule that lets a person's second call wait for two hours; two calls a day remain."""
    return {
        j: replace(pack, rules=tuple(r for r in pack.rules if not isinstance(r.test, SpacingTest)))
        for j, pack in PACKS.items()
    }


async def work(url: str, tasks: list[Task], log: int, seed: int) -> None:
    """Work to the end; a server that is just being restarted is waited for, as whoever supervises a worker would."""
    chance, worker = random.Random(seed), f"w{os.getpid()}"
    while True:
        try:
            async with open_database(url=url, keys=KEYS) as database:
                await work_in(database, tasks, worker, log, chance)
                return
        except LedgerError:
            await asyncio.sleep(0.5)


async def work_in(database: Database, tasks: list[Task], worker: str, log: int, chance: random.Random) -> None:
    packs = without_spacing()
    while True:
        try:
            if await one_round(database, tasks, packs, worker, log, chance):
                continue
            await attempts.settle_dead(database)
            if not sum([await claims.held_elsewhere(database, task, worker=worker) for task in tasks]):
                return
        except LedgerError:
            pass  # the server is being restarted; what was under way is settled by its lease
        await asyncio.sleep(0.5)


async def one_round(
    database: Database, tasks: list[Task], packs: dict[str, Pack], worker: str, log: int, chance: random.Random
) -> bool:
    """Claim a few contacts of one campaign and call whoever may be called; False when nothing is left."""
    for task in chance.sample(tasks, len(tasks)):
        claimed = await claims.claim(database, task, count=5, worker=worker)
        for answer in (await ask(database, claimed, task, packs, no_holidays, worker=worker)).values():
            if answer.permit is not None:
                await call(LedgerBook(database), answer.permit, log, chance)
        if claimed:
            return True
    return False


async def call(book: LedgerBook, permit: Permit, log: int, chance: random.Random) -> None:
    try:
        spent = await book.redeem(permit)
    except PermitError:
        return
    line = {"permit": str(permit.id), "person": permit.person_id, "at": spent.dialled_at.isoformat()}
    os.write(log, (json.dumps(line) + "\n").encode())
    await asyncio.sleep(chance.random() * 0.02)
    now: datetime = await book.now()
    if chance.random() < 0.15:
        await book.refuse(permit, kind="hard", words="别再打了", understood_at=now)
    await book.end(permit, unanswered(now))


async def ended_now(database: Database, permit: Permit) -> None:
    """End a call that nobody answered."""
    await LedgerBook(database).end(permit, unanswered(await database.now()))


def unanswered(at: datetime) -> CallRecord:
    return CallRecord(
        disposition=Disposition.NO_ANSWER,
        sip_status=None,
        announcement=None,
        call_id=None,
        answered_at=None,
        ended_at=at,
        goodbye_ended_at=None,
        first_word_ms=None,
        grade="D",
        outcome=None,
        recording=None,
        turns=(),
    )


def main() -> None:
    url, tasks, log, seed, is_clock_off = (
        sys.argv[1],
        json.loads(sys.argv[2]),
        sys.argv[3],
        int(sys.argv[4]),
        sys.argv[5],
    )
    if is_clock_off == "yes":
        real = time.time
        time.time = lambda: real() + 3600.0
    parsed = [Task(**task | {"variables": tuple(map(tuple, task["variables"]))}) for task in tasks]
    asyncio.run(work(url, parsed, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), seed))


if __name__ == "__main__":
    main()
