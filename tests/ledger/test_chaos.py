"""Eight workers, three campaigns, people on several lists, kills, a restart: every promise holds all the same."""

from __future__ import annotations

import asyncio
import json
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from fairdial.ledger.calls.facts import Task
from tests.ledger.stories import campaign, ledger, person, run_of
from tests.own_server import send, start

WORKERS, PERSONS, NUMBERS_A_PERSON, CONTACTS, CAMPAIGNS = 8, 500, 2, 2000, 3
ALLOWED_A_DAY = 2
AT_MOST_S = 150.0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Path]:
    """A server of this test's own, which it may restart."""
    data = tmp_path / "own" / "postgres"
    yield data
    send(data, signal.SIGINT)


def restart(data: Path) -> None:
    """As an operator does: a fast shutdown, then a start."""
    send(data, signal.SIGINT)
    give_up = time.monotonic() + 20
    while (data / "postmaster.pid").exists() and time.monotonic() < give_up:
        select.select([], [], [], 0.05)
    start(data)


async def prepare(url: str) -> list[Task]:
    """Three campaigns over 2,000 contacts who are 500 people with two numbers each."""
    numbers = list(range(1, PERSONS * NUMBERS_A_PERSON + 1))
    sizes = [CONTACTS // CAMPAIGNS + (1 if i < CONTACTS % CAMPAIGNS else 0) for i in range(CAMPAIGNS)]
    chance = random.Random(7)
    async with ledger(url) as database:
        async with database.transaction() as connection:
            for owner in range(1, PERSONS + 1):
                await connection.execute(text("INSERT INTO person DEFAULT VALUES"))
                for number in range(NUMBERS_A_PERSON * (owner - 1) + 1, NUMBERS_A_PERSON * owner + 1):
                    key = database.person_key.of(person(number).number)
                    await connection.execute(
                        text("INSERT INTO person_number (number_key, person_id) VALUES (:key, :person)"),
                        {"key": key, "person": owner},
                    )
        tasks = []
        for index, size in enumerate(sizes):
            people = [replace(person(n), line=line) for line, n in enumerate(chance.sample(numbers, size), start=2)]
            await campaign(database, people, name=f"campaign-{index}")
            tasks.append(await run_of(database, f"campaign-{index}"))
        return tasks


def test_no_promise_breaks_under_kills_restarts_and_a_wrong_clock(own_server: Path, tmp_path: Path) -> None:
    url, log, chance = start(own_server), tmp_path / "invites.jsonl", random.Random(11)
    tasks = json.dumps([asdict(task) for task in asyncio.run(prepare(url))])

    def worker(number: int) -> subprocess.Popen[bytes]:
        order = [sys.executable, "-m", "tests.ledger.chaos_worker", url, tasks, str(log), str(number)]
        return subprocess.Popen([*order, "yes" if number == 0 else "no"])

    workers, began, started = [worker(i) for i in range(WORKERS)], time.monotonic(), WORKERS
    kill_at = sorted(began + 4 + chance.random() * 10 for _ in range(6))
    restart_at: float | None = began + 9
    try:
        while any(w.poll() is None for w in workers):
            now = time.monotonic()
            assert now - began < AT_MOST_S, "the workers did not come to an end"
            if kill_at and now >= kill_at[0]:
                kill_at.pop(0)
                victim = chance.choice([w for w in workers if w.poll() is None] or workers)
                victim.kill()
                victim.wait()
                workers.append(worker(started))
                started += 1
            if restart_at is not None and now >= restart_at:
                restart(own_server)
                restart_at = None
            select.select([], [], [], 0.1)
    finally:
        for w in workers:
            w.kill()
            w.wait()

    invites = [json.loads(line) for line in log.read_text().splitlines()]
    with psycopg.connect(url) as connection:
        states: dict[str, int] = dict(
            connection.execute("SELECT state, count(*) FROM attempt GROUP BY state").fetchall()
        )
        spent = {str(row[0]) for row in connection.execute("SELECT id FROM permit WHERE used_at IS NOT NULL")}
        dialled = connection.execute(
            "SELECT person_id, dialled_at FROM attempt WHERE dialled_at IS NOT NULL"
        ).fetchall()
        refusals = connection.execute("SELECT person_id, min(durable_at) FROM refusal GROUP BY person_id").fetchall()
        unasked = connection.execute("SELECT count(*) FROM campaign_contact WHERE due_at <= fairdial_now()").fetchone()

    permits = Counter(invite["permit"] for invite in invites)
    assert len(invites) > 300 and max(permits.values()) == 1, "no permit carried two INVITEs"
    assert set(permits) <= spent, "and none went out that was not spent"
    assert max(Counter(person_id for person_id, _ in dialled).values()) <= ALLOWED_A_DAY, "no allowance was exceeded"
    refused: dict[int, datetime] = dict(refusals)
    assert len(refused) > 20
    for invite in invites:
        durable = refused.get(invite["person"])
        assert durable is None or datetime.fromisoformat(invite["at"]) <= durable, "nobody was dialled after refusing"
    assert set(states) <= {"ended", "unknown"}, f"every attempt is accounted for: {states}"
    assert unasked == (0,), "and nobody was forgotten"
