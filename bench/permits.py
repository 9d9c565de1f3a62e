"""Permits a second on the embedded PostgreSQL: facts read, judged, verdict, permit and reserved attempt written.

Synthetic people. A fresh database for each run, askers and spenders in one process, commits as in production. No
peer issues permits; beside ours stands what the same server can do at most for somebody who asks nothing: one bare row
a transaction, on as many connections.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psycopg

from bench.harness import RUNS, goal, median, report
from fairdial.core.permit import Claimed, Permit
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.database import Database
from fairdial.ledger.embedded import embedded_server
from tests.core.cases import PACKS
from tests.ledger.stories import campaign, ledger, no_holidays, person, run_of

PEOPLE, ASKERS = 2400, 8
BATCH = 16
"""Contacts a dialer asks for at once (`campaign.dialer.MOST_CLAIMED`)."""


async def one_run(url: str) -> tuple[float, float, float]:
    """Permits issued, permits spent and bare rows written, each a second."""
    async with ledger(url) as database:
        await campaign(database, [person(i) for i in range(1, PEOPLE + 1)], capacity=PEOPLE)
        task = await run_of(database)
        claimed = await claim(database, task, count=PEOPLE, worker="bench")
        began = time.perf_counter()
        share = [claimed[i::ASKERS] for i in range(ASKERS)]
        issued = [p for batch in await asyncio.gather(*(_ask(database, task, part) for part in share)) for p in batch]
        asked_s = time.perf_counter() - began
        began = time.perf_counter()
        await asyncio.gather(*(_spend(database, issued[i::ASKERS]) for i in range(ASKERS)))
        spent_s = time.perf_counter() - began
        return len(issued) / asked_s, len(issued) / spent_s, await _bare_rows(url)


async def _ask(database: Database, task: Task, part: list[Claimed]) -> list[Permit]:
    permits = []
    for start in range(0, len(part), BATCH):
        answers = await ask(database, part[start : start + BATCH], task, PACKS, no_holidays, worker="bench")
        permits += [answer.permit for answer in answers.values() if answer.permit is not None]
    return permits


async def _spend(database: Database, part: list[Permit]) -> None:
    for permit in part:
        await redeem(database, permit)


async def _bare_rows(url: str) -> float:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as owner:
        await owner.execute("CREATE TABLE bare (id serial PRIMARY KEY, words text)")

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            for _ in range(PEOPLE // ASKERS):
                await connection.execute("INSERT INTO bare (words) VALUES ('allow')")

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(ASKERS)))
    return PEOPLE / (time.perf_counter() - began)


def main() -> None:
    issued, spent, bare = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_server(Path(folder) / "pg" / "postgres", cleanup_mode="delete")
        base = server.get_uri()
        for run in range(RUNS + 1):
            with psycopg.connect(base, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE b{run}")
            rates = asyncio.run(one_run(base.replace("/postgres?", f"/b{run}?")))
            if run:  # the first warms up
                issued.append(rates[0])
                spent.append(rates[1])
                bare.append(rates[2])
        server.cleanup()
    report(
        "permits",
        ours={"issued_per_s": round(median(issued)), "spent_per_s": round(median(spent)), "synthetic": True},
        peers={"a bare row a transaction": {"per_s": round(median(bare))}},
        goals=[goal("permits issued a second", 1500, median(issued))],
    )


if __name__ == "__main__":
    main()
