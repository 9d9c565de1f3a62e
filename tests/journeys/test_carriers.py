"""Three workers, an edge, two carriers: a carrier goes silent, the other answers 503, a worker dies, another's network is cut,
PostgreSQL restarts; nobody is dialled twice, no limit is passed, everybody is explained, the campaign ends."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fairdial.core.policy.case import Purpose
from fairdial.ledger.parties import add_line
from fairdial.ledger.protection.person_key import PersonKey
from fairdial.ledger.setup import create_campaign
from tests.core.scripts import renewal
from tests.cuttable import cable
from tests.edge.running import EDGE_HOST, MISSING, free_edge_port, has_kamailio, started
from tests.journeys.operator import wait_until
from tests.journeys.test_many_workers import Machines, dies, is_over, most_at_once, workers
from tests.ledger.stories import TENANT, campaign, ledger, line_entry, person
from tests.ledger.test_chaos import own_server as own_server
from tests.ledger.test_chaos import restart
from tests.own_server import start
from tests.rehearsal.practice import Network, network_of

PERSONS, CAPACITY, CUT_S, SILENT_S, REFUSING_S = 500, 8, 20.0, 12.0, 8.0
PEOPLE = """
voice: zm_yunxi
personas:
  busy: {behaviour: reject, status: 486, ring_ms: 500}
  away: {behaviour: reject, status: 480, ring_ms: 900}
  leaver: {behaviour: answer, ring_ms: 300, turns: [{when: answered, after_ms: 6500, hang_up: true}]}
"""
OF_FIFTY = ("leaver", *("busy", "away") * 25)


@dataclass
class BehindAnEdge(Machines):
    """Machines whose calls go through an edge."""

    edge: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"FAIRDIAL_EDGE": self.edge}

    def prepares_carriers(self, *carriers: Network) -> None:
        """A campaign over a line for each carrier."""

        async def prepare() -> None:
            async with ledger(self.database_url) as database:
                people = [person(index) for index in range(1, PERSONS + 1)]
                await campaign(database, people, name="renewals", capacity=CAPACITY)
                names = [f"carrier-{index}" for index, _ in enumerate(carriers)]
                for name, carrier in zip(names, carriers, strict=True):
                    entry = replace(line_entry(name=name, capacity=CAPACITY), address=f"127.0.0.1:{carrier.port}")
                    await add_line(database, tenant=TENANT, line=entry)
                await create_campaign(
                    database,
                    tenant=TENANT,
                    name="renewals",
                    purpose=Purpose.SERVICE,
                    contact_list="renewals",
                    script_hash=renewal().hash,
                    line=names[0],
                    more_lines=names[1:],
                    caller_number="+8615499990001",
                    topics=["insurance"],
                )

        asyncio.run(prepare())


@contextmanager
def refusing(port: int) -> Iterator[list[str]]:
    """A carrier that lives, for it answers OPTIONS, and refuses every INVITE with 503; the Call-IDs that it refused."""
    refused: list[str] = []
    over = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front:
        front.bind(("127.0.0.1", port))
        front.settimeout(0.2)

        def answer() -> None:
            while not over.is_set():
                try:
                    packet, sender = front.recvfrom(65536)
                except TimeoutError:
                    continue
                method, *headers = packet.decode(errors="replace").split("\r\n")
                if not method.startswith(("INVITE", "OPTIONS")):
                    continue
                kept = [
                    one for one in headers if re.match(r"(Via|From|To|Call-ID|CSeq|Record-Route):", one, re.IGNORECASE)
                ]
                kept = [f"{one};tag=no" if one.lower().startswith("to:") and "tag=" not in one else one for one in kept]
                if method.startswith("INVITE"):
                    refused.extend(one.split(":", 1)[1].strip() for one in kept if one.lower().startswith("call-id"))
                status = "503 Service Unavailable" if method.startswith("INVITE") else "200 OK"
                said = "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""])
                front.sendto(said.encode(), sender)

        answering = threading.Thread(target=answer)
        answering.start()
        try:
            yield refused
        finally:
            over.set()
            answering.join()


def reached(network: Network) -> Counter[str]:
    """How often each number was called, as the carrier tells."""
    return Counter(line["to"] for line in network.lines if line["event"] == "invite")


@pytest.mark.skipif(not has_kamailio(), reason=MISSING)
def test_carriers_fail_in_turn_while_workers_and_the_database_do(
    tmp_path: Path, own_server: Path, example: Path
) -> None:
    address = f"{EDGE_HOST}:{free_edge_port()}"
    machines = BehindAnEdge(folder=tmp_path, database_url=start(own_server), example=example, edge=address)
    persona_of = {person(index).number: OF_FIFTY[index % len(OF_FIFTY)] for index in range(1, PERSONS + 1)}
    folders = [tmp_path / name for name in ("first", "second", "again")]
    for folder in folders:
        folder.mkdir()
    with (
        network_of(folders[0], PEOPLE, persona_of) as first,
        network_of(folders[1], PEOPLE, persona_of) as second,
        cable(machines.database_url) as wire,
    ):
        machines.prepares_carriers(first, second)
        machines.runs(
            *("edge", "render", "--to", str(tmp_path / "edge"), "--listen", address),
            *(
                "--silence-s",
                "2",
                "--ping-s",
                "1",
                "--calls-per-second",
                "carrier-0=50",
                "--calls-per-second",
                "carrier-1=50",
            ),
        )
        with (
            started(tmp_path / "edge", address),
            workers(machines, machines, replace(machines, database_url=wire.address)) as running,
        ):
            machines.writes("UPDATE line SET calls_per_second = 1")  # until all of them are there
            machines.orders("renewals")
            wait_until(lambda: machines.reads("SELECT count(DISTINCT worker) >= 3 FROM attempt")[0][0], within_s=240)
            machines.writes("UPDATE line SET calls_per_second = NULL")
            wait_until(lambda: reached(first).total() >= 10 and reached(second).total() >= 10, within_s=120)

            dies(running[1])
            wire.cut()
            cut_at = time.monotonic()
            first.process.send_signal(signal.SIGSTOP)
            wait_until(lambda: time.monotonic() - cut_at >= SILENT_S)
            first.process.send_signal(signal.SIGCONT)
            wait_until(lambda: time.monotonic() - cut_at >= CUT_S)
            wire.mend()

            assert second.end() == 0
            with refusing(second.port) as refused:
                refused_at = time.monotonic()
                wait_until(lambda: time.monotonic() - refused_at >= REFUSING_S and refused)
                restart(own_server)
            assert machines.reads("SELECT ended_at IS NULL FROM run") == [(True,)], "it all happened in mid-campaign"
            wait_until(lambda: is_over(machines), within_s=300)

        dialled = reached(first) + reached(second)
        assert max(dialled.values()) == 1, "no telephone rang twice"
        calls = machines.reads(
            "SELECT call_id, count(*) FROM attempt WHERE call_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
        )
        assert calls == [], "no permit carried two calls"
        assert most_at_once(second) <= CAPACITY
        explained = "due_at IS NOT NULL OR outcome IS NOT NULL"
        assert machines.reads(f"SELECT count(*) FROM campaign_contact WHERE NOT ({explained})") == [(0,)]
        assert machines.reads("SELECT count(*) FROM campaign_contact WHERE due_at <= fairdial_now()") == [(0,)]
        assert machines.reads(
            "SELECT count(*) FROM verdict v RIGHT JOIN contact c ON c.id = v.contact_id WHERE v.id IS NULL"
        ) == [(0,)]
        keys = {PersonKey("s" * 32).of(number) for number in dialled}
        never = machines.reads(
            "SELECT c.number_key FROM contact c WHERE NOT EXISTS (SELECT 1 FROM attempt a WHERE a.contact_id = c.id"
            " AND a.dialled_at IS NOT NULL)"
        )
        assert not keys & {key for (key,) in never}, "whoever was reached has an attempt that says so"
        states = Counter(
            dict(machines.reads("SELECT state, count(*) FROM attempt WHERE dialled_at IS NOT NULL GROUP BY state"))
        )
        assert set(states) <= {"ended", "unknown"} and states["unknown"] <= 4 * CAPACITY
        took = machines.reads("SELECT line, state, faults FROM line_state ORDER BY line")
        print(f"{len(dialled)} reached, {len(never)} never dialled", states, len(refused), "refused with 503", took)
