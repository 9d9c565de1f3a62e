"""Three workers carry one campaign; one dies, another's network is cut for 20 s, PostgreSQL restarts: nobody is called twice."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg
import pytest

from fairdial.ledger.calls.run_orders import want_run
from fairdial.ledger.database import open_database
from fairdial.ledger.protection.person_key import PersonKey
from tests.cuttable import cable
from tests.journeys.operator import Operator, invites, wait_until
from tests.ledger.stories import KEYS, TENANT, campaign, ledger, person
from tests.ledger.test_chaos import own_server as own_server
from tests.ledger.test_chaos import restart
from tests.own_server import start
from tests.rehearsal.practice import Network, network_of

PERSONS, CAPACITY, CUT_S = 100, 5, 20.0
PEOPLE = """
voice: zm_yunxi
personas:
  busy: {behaviour: reject, status: 486, ring_ms: 900}
  away: {behaviour: reject, status: 480, ring_ms: 1400}
  leaver: {behaviour: answer, ring_ms: 300, turns: [{when: answered, after_ms: 2500, hang_up: true}]}
"""
OF_TEN = ("busy", "away", "busy", "leaver", "away", "busy", "away", "busy", "away", "busy")


@dataclass
class Machines(Operator):
    """Several machines of one installation: they share its database and its keys."""

    @property
    def environment(self) -> dict[str, str]:
        assert KEYS.number is not None and KEYS.master is not None
        return super().environment | {
            "FAIRDIAL_NUMBER_KEY": KEYS.number,
            "FAIRDIAL_MASTER_KEY": KEYS.master,
            "FAIRDIAL_TENANT": TENANT,
        }

    def writes(self, sql: str) -> None:
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql)

    def prepares_persons(self, network: Network, count: int) -> None:
        """What `prepares` does by commands, which take their time."""

        async def prepare() -> None:
            async with ledger(self.database_url) as database:
                people = [person(index) for index in range(1, count + 1)]
                await campaign(database, people, name="renewals", capacity=CAPACITY)

        asyncio.run(prepare())
        self.writes(f"UPDATE line SET address = '127.0.0.1:{network.port}'")

    def orders(self, name: str) -> None:
        """What `campaign start` does."""

        async def order() -> None:
            async with open_database(url=self.database_url, keys=KEYS) as database:
                await want_run(database, tenant=TENANT, campaign=name, by="王运营")

        asyncio.run(order())


@pytest.fixture
def machines(tmp_path: Path, own_server: Path, example: Path) -> Machines:
    return Machines(folder=tmp_path, database_url=start(own_server), example=example)


@contextmanager
def workers(*machines: Machines) -> Iterator[list[subprocess.Popen[str]]]:
    running = [one.starts("worker", "--clips", str(one.example / "clips")) for one in machines]
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.communicate()


def dies(worker: subprocess.Popen[str]) -> None:
    """As when its machine loses its power: with the processes it started, all at once."""
    gone = [*psutil.Process(worker.pid).children(recursive=True), psutil.Process(worker.pid)]
    for process in gone:
        process.suspend()
    for process in gone:
        process.kill()


def most_at_once(network: Network) -> int:
    """Calls that lived at the same moment, as the network saw them."""
    living: set[str] = set()
    most = 0
    for line in network.lines:
        if line["event"] == "invite":
            living.add(line["call_id"])
        elif line["event"] in ("bye", "cancel", "reject"):
            living.discard(line["call_id"])
        most = max(most, len(living))
    return most


def is_over(machines: Machines) -> bool:
    try:
        return machines.reads("SELECT ended_at IS NOT NULL FROM run") == [(True,)]
    except psycopg.OperationalError:  # being restarted
        return False


def test_a_worker_dies_another_is_cut_off_and_postgresql_restarts_in_mid_campaign(
    machines: Machines, own_server: Path
) -> None:
    persona_of = {person(index).number: OF_TEN[index % len(OF_TEN)] for index in range(1, PERSONS + 1)}
    with network_of(machines.folder, PEOPLE, persona_of) as network, cable(machines.database_url) as wire:
        machines.prepares_persons(network, PERSONS)
        with workers(machines, machines, replace(machines, database_url=wire.address)) as running:
            machines.writes("UPDATE line SET calls_per_second = 1")  # until all of them are there
            machines.orders("renewals")
            wait_until(lambda: machines.reads("SELECT count(DISTINCT worker) >= 3 FROM attempt")[0][0], within_s=180)
            machines.writes("UPDATE line SET calls_per_second = NULL")
            assert machines.reads("SELECT array_length(carriers, 1) FROM run_order") == [(3,)]
            made = len(invites(network))
            wire.cut()
            cut_at = time.monotonic()
            dies(running[1])
            wait_until(lambda: len(invites(network)) >= made + 10, within_s=120)
            wait_until(lambda: time.monotonic() - cut_at >= CUT_S)
            wire.mend()
            restart(own_server)
            wait_until(lambda: is_over(machines), within_s=180)
            running[0].send_signal(signal.SIGTERM)
            assert running[0].wait(30) == 0

        dialled = Counter(number for number, _ in invites(network))
        permits = Counter(permit for _, permit in invites(network))
        assert max(dialled.values()) == 1 and max(permits.values()) == 1, "nobody twice, no permit twice"
        unknown = {
            key
            for (key,) in machines.reads(
                "SELECT c.number_key FROM attempt a JOIN contact c ON c.id = a.contact_id WHERE a.state = 'unknown'"
            )
        }
        missing = {PersonKey(KEYS.number or "").of(number) for number in set(persona_of) - set(dialled)}
        assert missing <= unknown, (
            "nobody is forgotten: whose permit was spent in the moment of a death counts as called"
        )
        assert most_at_once(network) <= CAPACITY
        assert machines.reads("SELECT ended_at IS NOT NULL, last_words FROM run_order") == [(True, None)]
        states = dict(machines.reads("SELECT state, count(*) FROM attempt WHERE dialled_at IS NOT NULL GROUP BY state"))
        assert set(states) <= {"ended", "unknown"} and sum(states.values()) == PERSONS
        assert len(unknown) <= 2 * CAPACITY, "what was under way when a worker died, and when the server did"
        print(f"{len(dialled)} called, {len(unknown)} unknown, at most {most_at_once(network)} at once", states)
        assert machines.reads("SELECT count(*) FROM campaign_contact WHERE due_at <= fairdial_now()") == [(0,)]
