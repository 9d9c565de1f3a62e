"""One embedded PostgreSQL for the session, a fresh database for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from fairdial.ledger.embedded import embedded_server

settings.register_profile("fairdial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fairdial")  # a busy machine fails no test: none is about time


REAL_TIME = ("tests/journeys/", "tests/edge/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Calls are held one journey after another, from the first moment on; everything else goes by file beside them.

    Two journeys at once leave neither the processor that a call in real time needs.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(REAL_TIME))
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group("calls" if file.startswith(REAL_TIME) else file))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server that lives as long as the tests."""
    running = embedded_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def database_url(server: str) -> Iterator[str]:
    """Address of an empty database of this test's own."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def example() -> Path:
    return Path(__file__).parents[1] / "examples" / "insurance-renewal"


@pytest.fixture
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command reads of its environment, for an installation of this test's own."""
    for name, value in {
        "FAIRDIAL_DATABASE_URL": database_url,
        "FAIRDIAL_NUMBER_KEY": "k" * 32,
        "FAIRDIAL_MASTER_KEY": "5a" * 32,
        "FAIRDIAL_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
