"""Health of the API server: for everybody, and telling nothing but names and `ok`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from fairdial.app import App
from fairdial.app.readiness import checks_of
from fairdial.observe import health
from fairdial.web.server import create_server
from tests.virtual_time import run_virtually
from tests.web.stories import Site, site


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEEP_S", 0.0)


async def ready(there: Site) -> tuple[int, dict[str, str]]:
    answer = await there.browser().get("/readyz")
    body = answer.json()
    assert set(body) == {"status", "checks"} and set(body["checks"].values()) <= {"ok", "failed"}
    assert answer.headers["cache-control"] == "no-store" and "content-security-policy" in answer.headers
    return answer.status_code, body["checks"]


async def schema_is(there: Site, version: str) -> None:
    async with there.app.database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_a_server_is_alive_and_ready_for_whoever_asks(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            answer = await there.browser().get("/healthz")
            assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"loop": "ok"}})
            assert await ready(there) == (200, {"database": "ok", "migrations": "ok"})
            assert (await there.browser().head("/readyz")).status_code == 200

    asyncio.run(story())


def test_an_older_schema_is_not_ready_and_a_newer_one_is_and_the_log_says_why_once(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            for _ in range(2):
                await schema_is(there, "0001")
                assert await ready(there) == (503, {"database": "ok", "migrations": "failed"})
            await schema_is(there, "9999")
            assert (await ready(there))[0] == 200

    asyncio.run(story())
    told = [record.getMessage() for record in caplog.records if record.name == "fairdial.observe.health"]
    assert told == ["not ready 未就绪: migrations: ledger", "ready again 恢复: migrations"]


def test_a_server_that_runs_campaigns_wants_models_and_room(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        nothing = {"FAIRDIAL_MODELS": str(tmp_path / "nothing"), "FAIRDIAL_MIN_FREE_MB": "999999999"}
        async with site(
            database_url, clips=tmp_path, recordings=tmp_path / "yet" / "to come", settings=nothing
        ) as there:
            wanting = {"database": "ok", "migrations": "ok", "models": "failed", "disk": "failed"}
            assert await ready(there) == (503, wanting)
            roomy = replace(there.app, settings=replace(there.app.settings, min_free_mb=0))
            await checks_of(roomy, recordings=tmp_path / "yet" / "to come")["disk"]()

    asyncio.run(story())


def test_a_database_out_of_reach_is_not_ready_and_still_alive(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            await there.app.database.engine.dispose()
            object.__setattr__(there.app.database, "engine", _nowhere())
            assert await ready(there) == (503, {"database": "failed", "migrations": "failed"})
            assert (await there.browser().get("/healthz")).status_code == 200

    asyncio.run(story())


def _nowhere() -> object:
    from sqlalchemy.ext.asyncio import create_async_engine

    return create_async_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing")


def test_asking_often_costs_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEEP_S", 60.0)
    looked: list[str] = []

    async def look() -> None:
        looked.append("database")
        await asyncio.sleep(1)

    async def story() -> None:
        asked = health.Health({"database": look})
        answers = await asyncio.gather(*(asked.ready() for _ in range(50)))
        assert all(one.is_ok for one in answers) and looked == ["database"]
        await asyncio.sleep(61)
        await asked.ready()

    run_virtually(story())
    assert looked == ["database"] * 2


def test_requests_are_counted_by_route_and_addresses_never_are(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = there.browser()
            await browser.get("/api/v1/calls/13800138000")
            await browser.get("/api/v1/nothing/13800138000")
            await browser.request("王女士".encode().hex(), "/healthz")
            registry = there.app.watch.meters.registry
            found = [dict(one.labels) for family in registry.collect() for one in family.samples if "http" in one.name]
            counted = {(one["method"], one["route"], one["status"]) for one in found if "status" in one}
            assert ("GET", "/calls/{call_id}", "401") in counted
            assert {one[0] for one in counted} == {"GET", "other"}
            assert "13800138000" not in str(found)

    asyncio.run(story())


def test_nothing_else_is_answered_to_strangers_outside_the_contract() -> None:
    paths = {getattr(route, "path", "") for route in create_server(App.__new__(App)).routes}
    assert {path for path in paths if not path.startswith("/api/v1")} - {"", "/assets", "/{page:path}"} == {
        "/healthz", "/readyz", "/api/openapi.json",
    }  # fmt: skip
