"""A working day on ten lines (channels) in some minutes: how many calls a line makes with every limit kept.

Synthetic people and endings; the ledger, the gate with China's pack, permits, places, retries and records are real, on an
embedded PostgreSQL whose rehearsal clock is moved from event to event. Nothing is dialled: set-up and talk are durations drawn
below. No peer publishes how it counts; the trade's headline stands beside ours.
"""

from __future__ import annotations

import asyncio
import heapq
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import text

from bench.harness import goal, report
from fairdial.core.call_record import CallRecord, Disposition
from fairdial.core.permit import Permit
from fairdial.ledger.calls.attempts import end_attempt
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask, redeem
from fairdial.ledger.database import Database, set_rehearsal_clock
from fairdial.ledger.embedded import embedded_server
from tests.core.cases import CN_MORNING, PACKS
from tests.ledger.stories import campaign, ledger, no_holidays, person, run_of

LINES, PEOPLE = 10, 12_000
IDLE = timedelta(seconds=20)
"""How far the clock moves when nobody is due and nothing ends."""

SHARES = {
    Disposition.ANSWERED: 0.32,
    Disposition.NO_ANSWER: 0.30,
    Disposition.BUSY: 0.12,
    Disposition.REJECTED: 0.06,
    Disposition.POWERED_OFF: 0.12,
    Disposition.SUSPENDED: 0.04,
    Disposition.INVALID_NUMBER: 0.04,
}
"""Endings of a first try: an assumption, in the range that operators of such systems tell."""


class Endings:
    """Draws how calls end and how long they hold a line: three seconds until it rings, then by ending."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def draw(self) -> tuple[Disposition, timedelta, timedelta]:
        """An ending, the time to an answer, the time in all."""
        how = list(SHARES)[self._random.choice(len(SHARES), p=list(SHARES.values()))]
        rings = 3.0 + self._random.gamma(4.0, 2.0)
        match how:
            case Disposition.ANSWERED:
                talks = float(np.clip(self._random.lognormal(3.2, 0.8), 3, 300))
            case Disposition.NO_ANSWER:
                rings, talks = 33.0, 0.0
            case Disposition.BUSY | Disposition.REJECTED:
                talks = 0.0
            case _:
                rings, talks = 5.0 + self._random.gamma(2.0, 1.0), 0.0
        return how, timedelta(seconds=rings), timedelta(seconds=rings + talks)


async def one_day(url: str, seed: int) -> dict[str, Any]:
    """From six in the morning to midnight."""
    async with ledger(url) as database:
        await campaign(database, [person(i) for i in range(1, PEOPLE + 1)], capacity=LINES)
        dawn = CN_MORNING.astimezone(UTC).replace(minute=0, second=0) - timedelta(hours=3)
        await _at(database, dawn)
        most = await _work(database, await run_of(database), dawn, Endings(seed))
        return await _told(database) | {"most_at_once": most}


async def _work(database: Database, task: Task, now: datetime, endings: Endings) -> int:
    until, order, most = now + timedelta(hours=18), count(), 0
    living: list[tuple[datetime, int, Permit, CallRecord]] = []
    while now < until:
        claimed = (
            await claim(database, task, count=min(LINES - len(living), 16), worker="day") if len(living) < LINES else []
        )
        if claimed:
            answers = await ask(database, claimed, task, PACKS, no_holidays, worker="day")
            for permit in [answer.permit for answer in answers.values() if answer.permit is not None]:
                await redeem(database, permit)
                how, rings, holds = endings.draw()
                record = _record(how, now, rings, holds)
                heapq.heappush(living, (now + holds, next(order), permit, record))
            most = max(most, len(living))
            if len(living) < LINES:
                continue
        now = min(living[0][0], now + IDLE) if living else now + IDLE
        await _at(database, now)
        while living and living[0][0] <= now:
            _, _, permit, record = heapq.heappop(living)
            await end_attempt(database, attempt_id=permit.attempt_id, record=record)
    return most


def _record(how: Disposition, now: datetime, rings: timedelta, holds: timedelta) -> CallRecord:
    plain = CallRecord(
        disposition=how, sip_status=None, announcement=None, call_id=None, answered_at=None, ended_at=now + holds,
        goodbye_ended_at=None, first_word_ms=None, grade="F", outcome=None, recording=None, turns=(),
    )  # fmt: skip
    if how is not Disposition.ANSWERED:
        return plain
    return replace(plain, answered_at=now + rings, first_word_ms=300, grade="C", outcome="finished")


async def _at(database: Database, moment: datetime) -> None:
    await set_rehearsal_clock(database, moment - datetime.now(UTC))


async def _told(database: Database) -> dict[str, Any]:
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT person_id, disposition, extract(hour FROM dialled_at AT TIME ZONE 'Asia/Shanghai') AS hour"
                " FROM attempt WHERE dialled_at IS NOT NULL"
            )
        )
        made = rows.all()
        waits = await connection.execute(text("SELECT count(*) FROM verdict WHERE outcome <> 'allow'"))
        held = waits.scalar_one()
    hours, people = Counter(int(row.hour) for row in made), Counter(row.person_id for row in made)
    return {
        "calls": len(made),
        "by_hour": dict(sorted(hours.items())),
        "by_ending": dict(Counter(row.disposition for row in made)),
        "most_a_person": max(people.values()),
        "verdicts_that_held": held,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_server(Path(folder) / "pg" / "postgres", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE day")
        day = asyncio.run(one_day(server.get_uri().replace("/postgres?", "/day?"), seed=7))
        server.cleanup()
    hours = [hour for hour, calls in day["by_hour"].items() if calls]
    report(
        "day",
        ours={"lines": LINES, "calls_a_line": day["calls"] / LINES, **day, "synthetic": True},
        peers={"the trade's headline": {"calls_a_line": "800 to 1000"}},
        goals=[
            goal("calls a line in a day", 1000, day["calls"] / LINES),
            goal("calls at once, of ten lines", LINES, day["most_at_once"], at_least=False),
            goal("first hour of a call", 8, min(hours)),
            goal("last hour of a call", 21, max(hours), at_least=False),
        ],
        runs=1,
    )


if __name__ == "__main__":
    main()
