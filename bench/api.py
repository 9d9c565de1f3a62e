"""A list of a million contacts in the browser's way: first page, deep page, filtered page; and the console's first picture.

Synthetic: a million rows of the practice range, imported as a list is, which takes minutes. Requests go over HTTP on
loopback to a server in a process of its own; a page holds 50 contacts.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import psycopg

from bench.harness import RUNS, goal, median, report
from fairdial.core.access.roles import SECOND_LOOKS, Permission, Role
from fairdial.core.contacts.rows import ContactRow
from fairdial.ledger.access.sessions import make_key
from fairdial.ledger.access.users import add_user, make_link
from fairdial.ledger.embedded import embedded_server
from tests.console.served import served
from tests.ledger.stories import TENANT, campaign, person

CONTACTS = int(os.environ.get("CONTACTS", "1000000"))
REQUESTS = 100
"""In each of the runs; the 95th of a hundred is told."""

REGIONS = {777_777: "澳门"}
"""A region with one contact; one in a thousand is of 西藏, the others of 上海."""


def people() -> list[ContactRow]:
    made = person(0)
    region = {i: REGIONS.get(i) or ("西藏" if i % 1000 == 0 else "上海") for i in range(CONTACTS)}
    return [replace(made, line=i + 1, number=f"+86154{i:08d}", region=region[i]) for i in range(CONTACTS)]


def serve(url: str, told: Connection) -> None:
    """In a process of its own: a server; tells its address, a key and a link, ends when told anything."""
    with served(url) as there:
        database = there.there.app.database

        async def made() -> tuple[str, str]:
            await campaign(database, people())
            ends_at = datetime.now(UTC) + timedelta(days=1)
            key = await make_key(
                database,
                tenant=TENANT,
                name="bench",
                scopes=set(Permission) - SECOND_LOOKS,
                ends_at=ends_at,
                by="bench",
            )
            await add_user(database, tenant=TENANT, name="bench", roles=list(Role), by="bench")
            return key, await make_link(database, tenant=TENANT, name="bench")

        key, token = there.do(made(), within_s=3600)
        told.send((there.base, key, f"{there.base}/sign-in#{token}"))
        told.recv()


def milliseconds(client: httpx.Client, address: str) -> float:
    """The 95th percentile of one address, median of the runs."""
    found = []
    for _ in range(RUNS):
        each = []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            client.get(address).raise_for_status()
            each.append((time.perf_counter() - began) * 1e3)
        found.append(quantiles(each, n=20)[-1])
    return median(found)


def cursor_at(client: httpx.Client, pages: int) -> str:
    """The cursor after so many pages."""
    after = ""
    for _ in range(pages):
        answer = client.get(f"/api/v1/lists/renewal/contacts?limit=100{after}")
        assert answer.status_code == 200, answer.text
        after = answer.json()["next"]
        after = f"&after={after}"
    return after


def largest_paint_ms(link: str, base: str) -> float | None:
    """When the largest thing of the first page stood there, signed in, nothing in the browser's cache; None without it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    measure = (
        "() => new Promise(done => new PerformanceObserver(seen => done(seen.getEntries().at(-1).startTime))"
        ".observe({type: 'largest-contentful-paint', buffered: true}))"
    )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.locator("input[type=password]").first.wait_for()
        state: Any = context.storage_state()
        found = []
        for _ in range(RUNS):
            fresh = browser.new_context(storage_state=state)
            page = fresh.new_page()
            page.goto(base)
            page.locator("nav").first.wait_for()
            page.wait_for_load_state("networkidle")
            found.append(float(page.evaluate(measure)))
            fresh.close()
        browser.close()
    return median(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        running = embedded_server(Path(folder) / "data", cleanup_mode="delete")
        url = running.get_uri()
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        child = multiprocessing.get_context("spawn").Process(target=serve, args=(url, theirs), daemon=True)
        child.start()
        base, key, link = ours.recv()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        pages = {
            "first": "limit=50",
            "one region in a thousand": "limit=50&region=西藏",
            "a region with one contact": "limit=50&region=澳门",
            "a region nobody has": "limit=50&region=无",
        }
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
            pages["after 10,000 contacts"] = f"limit=50{cursor_at(client, 100)}"
            p95 = {name: milliseconds(client, f"/api/v1/lists/renewal/contacts?{q}") for name, q in pages.items()}
        painted = largest_paint_ms(link, base)
        ours.send(None)
        child.join(60)
        running.cleanup()
    goals = [goal(f"{name}: p95, ms", 150, value, at_least=False) for name, value in p95.items()]
    if painted is not None:
        goals.append(goal("largest contentful paint, ms", 1500, painted, at_least=False))
    ours_told = {"p95_ms": {name: round(value, 1) for name, value in p95.items()}, "largest_paint_ms": painted}
    report("api", ours=ours_told, peers={}, goals=goals)


if __name__ == "__main__":
    sys.exit(main())
