"""How soon a page that watches 200 living calls is told of a change, and what that costs the server.

A worker's process changes each call's state twice a second (a step, our words, the person's), as talking calls do; a server's
process tells one viewer over HTTP on loopback. Synthetic words; the time from the change to its arrival at the viewer,
both read from this machine's one clock.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import tempfile
import threading
import time
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

import httpx
import psutil

from bench.harness import RUNS, goal, median, report
from fairdial.core.access.roles import Role
from fairdial.core.live_call import LiveCall, Stage
from fairdial.core.policy.case import Level
from fairdial.ledger.access.users import add_user, make_link
from fairdial.ledger.calls.live import LiveFeed
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.runs import only_run
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.people.readers import set_reader
from tests.console.served import served
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, person, run_of

CALLS = 200
SECONDS = int(os.environ.get("SECONDS", "20"))
"""Of each run."""
CHANGES_S = 2.0
"""Changes of each call in a second."""


def serve(url: str, told: Connection) -> None:
    """The server, in a process of its own: tells its address, a link's token and its number, ends when told anything."""
    with served(url) as there:
        database = there.there.app.database

        async def made() -> str:
            await add_user(database, tenant=TENANT, name="bench", roles=[Role.OPERATOR], by="bench")
            await set_reader(database, tenant=TENANT, name="bench", level=Level.PRIVATE, by="王经理")
            return await make_link(database, tenant=TENANT, name="bench")

        told.send((there.base, there.do(made()), os.getpid()))
        told.recv()


def call_people(url: str, told: Connection) -> None:
    """The worker, in a process of its own: 200 calls whose states change; ends when told anything."""
    asyncio.run(_call_people(url, told))


async def _call_people(url: str, told: Connection) -> None:
    async with ledger(url) as database, AsyncExitStack() as held:
        await held.enter_async_context(only_run(database, tenant=TENANT, campaign="renewal"))
        task = await run_of(database)
        for asked in await ask_all(database, task):
            assert asked.permit is not None
            await redeem(database, asked.permit)
        feed = LiveFeed(database, campaign_id=task.campaign_id)
        running = asyncio.create_task(feed.run())
        told.send("ready")
        turn = 0
        while not told.poll():
            turn += 1
            for number in range(1, CALLS + 1):
                words = f"您的车险快到期了 {time.time():.6f}"
                feed.tell(LiveCall(attempt_id=number, stage=Stage.TALKING, step="remind", said=words, heard="多少钱啊"))
                await asyncio.sleep(1 / (CHANGES_S * CALLS))
        running.cancel()


def watch(client: httpx.Client, server: psutil.Process) -> tuple[float, float, int]:
    """One run: 95th percentile of the delay in ms, share of a core, and how many changes arrived."""
    delays: list[float] = []
    end = threading.Event()

    def read() -> None:
        with client.stream("GET", "/api/v1/campaigns/renewal/live", timeout=30) as stream:
            kind = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "call":
                    said = json.loads(line.removeprefix("data: "))["said"]
                    delays.append((time.time() - float(said.rpartition(" ")[2])) * 1e3)
                if end.is_set():
                    return

    reader = threading.Thread(target=read)
    reader.start()
    end.wait(3)  # until the feed has heard that somebody watches
    delays.clear()
    server.cpu_percent()
    end.wait(SECONDS)
    share = server.cpu_percent() / 100
    end.set()
    reader.join()
    return quantiles(delays, n=20)[-1], share, len(delays)


def main() -> None:
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        running = embedded_server(Path(folder) / "data", cleanup_mode="delete")
        url = running.get_uri()
        asyncio.run(_two_hundred(url))
        (ours, theirs), (to_worker, from_us) = spawn.Pipe(), spawn.Pipe()
        server = spawn.Process(target=serve, args=(url, theirs), daemon=True)
        server.start()
        base, token, pid = ours.recv()
        worker = spawn.Process(target=call_people, args=(url, from_us), daemon=True)
        worker.start()
        to_worker.recv()
        with httpx.Client(base_url=base) as client:
            client.post("/api/v1/session/link", json={"token": token}).raise_for_status()
            runs = [watch(client, psutil.Process(pid)) for _ in range(RUNS)]
        to_worker.send("over")
        ours.send("over")
        for process in (server, worker):
            process.join(20)
        running.cleanup()
    delay, share = median([run[0] for run in runs]), median([run[1] for run in runs])
    report(
        "live",
        ours={
            "calls": CALLS,
            "changes_told": [run[2] for run in runs],
            "p95_ms": round(delay),
            "server_core": round(share, 3),
        },
        peers={},
        goals=[
            goal("from a change to the viewer: p95, ms", 500, delay, at_least=False),
            goal("the server's share of a core", 0.1, share, at_least=False),
        ],
    )


async def _two_hundred(url: str) -> None:
    async with ledger(url) as database:
        await campaign(database, [person(index) for index in range(CALLS)])


if __name__ == "__main__":
    main()
