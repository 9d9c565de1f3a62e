"""What a claim and the gate cost with 10^4, 10^6 and 10^7 contacts in the campaign, on the embedded PostgreSQL.

Synthetic: contacts and past calls are made by SQL, past triggers and foreign keys; a tenth of the people have refused. Batches
of 16, as a dialer asks (`campaign.dialer.MOST_CLAIMED`), commits as in production, one connection after the other. No peer
claims contacts by law; beside ours stands one row that is selected by its primary key, as often.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.harness import goal, report
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.permits import ask
from fairdial.ledger.calls.runs import start_run
from fairdial.ledger.embedded import embedded_server
from tests.core.cases import PACKS
from tests.ledger.many import NAME, fill
from tests.ledger.stories import TENANT, ledger, no_holidays

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,1000000,10000000").split(",")]
CALLS = 100_000
BATCHES, BATCH = 300, 16


async def one_size(url: str, contacts: int) -> dict[str, float]:
    """Milliseconds of a claim and of asking for a batch: median and 99th of a hundred."""
    await fill(url, contacts=contacts, calls=CALLS)
    claims, asks = [], []
    async with ledger(url) as database:
        task = await start_run(database, tenant=TENANT, campaign=NAME)
        for _ in range(BATCHES):
            began = time.perf_counter()
            claimed = await claim(database, task, count=BATCH, worker="bench")
            then = time.perf_counter()
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker="bench")
            asks.append(time.perf_counter() - then)
            claims.append(then - began)
            assert len(answers) == BATCH
    warm = BATCHES // 10
    return {
        "claim_ms": _part(claims[warm:], 0.5),
        "claim_p99_ms": _part(claims[warm:], 0.99),
        "ask_ms": _part(asks[warm:], 0.5),
        "ask_p99_ms": _part(asks[warm:], 0.99),
        "database_mb": _size_mb(url),
        "primary_key_ms": _by_key(url),
    }


def _part(seconds: list[float], part: float) -> float:
    return round(sorted(seconds)[int(part * (len(seconds) - 1))] * 1e3, 2)


def _size_mb(url: str) -> float:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        assert found is not None
        return round(float(found[0]))


def _by_key(url: str) -> float:
    times = []
    with psycopg.connect(url, autocommit=True) as connection:
        for contact in range(1001, 1001 + BATCHES):
            began = time.perf_counter()
            connection.execute("SELECT sealed FROM contact WHERE id = %s", (contact,)).fetchone()
            times.append(time.perf_counter() - began)
    return _part(times, 0.5)


def main() -> None:
    figures: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_server(Path(folder) / "pg" / "postgres", cleanup_mode="delete")
        for size in SIZES:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE c{size}")
            figures[size] = asyncio.run(one_size(server.get_uri().replace("/postgres?", f"/c{size}?"), size))
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE c{size} WITH (FORCE)")
        server.cleanup()
    small, large = figures[SIZES[0]], figures[SIZES[-1]]
    middle = figures[SIZES[len(SIZES) // 2]]
    cost = [one["claim_ms"] + one["ask_ms"] for one in (small, middle)]
    report(
        "claims",
        ours={f"{size:.0e} contacts: {name}": value for size, one in figures.items() for name, value in one.items()}
        | {"batch": BATCH, "synthetic": True},
        peers={
            "a row by its primary key": {f"{size:.0e} contacts": one["primary_key_ms"] for size, one in figures.items()}
        },
        goals=[
            goal("p99 of a claim at the largest size, ms", 10, large["claim_p99_ms"], at_least=False),
            goal("cost of a batch at 10^6, times that at 10^4", 1.2, cost[1] / cost[0], at_least=False),
        ],
        runs=1,
    )


if __name__ == "__main__":
    main()
