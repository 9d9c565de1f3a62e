"""One embedded PostgreSQL for the session, a fresh database for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import NullPool, create_engine, make_url
from xdist.scheduler import LoadScopeScheduling

from fairdial.ledger.database import migrate
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.protection.keys import KeySettings

settings.register_profile("fairdial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fairdial")  # a busy machine fails no test: none is about time


REAL_TIME = ("tests/journeys/", "tests/edge/")


class CallsAlone(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """What holds calls in real time is one process's, a journey after another; everything else goes by file."""

    def _split_scope(self, nodeid: str) -> str:
        return "calls" if nodeid.startswith(REAL_TIME) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> CallsAlone:
    return CallsAlone(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Calls come last, when nothing else runs: beside a browser, or one another, their sound comes late and is misheard."""
    items.sort(key=lambda item: item.nodeid.startswith(REAL_TIME))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server that lives as long as the tests."""
    running = embedded_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(scope="session")
def migrated(server: str) -> str:
    """Name of a database with this version's schema, and nothing in it: its copy is there in a tenth of the migrations' time."""
    name, keys = "migrated", KeySettings(folder=Path("/nonexistent"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    address = make_url(_named(server, name)).set(drivername="postgresql+psycopg")
    with create_engine(address, poolclass=NullPool).begin() as connection:
        migrate(connection, keys)
    return name


@pytest.fixture
def database_url(server: str, migrated: str) -> Iterator[str]:
    """Address of a database of this test's own, which nobody has opened yet."""
    with _database(server, f"TEMPLATE {migrated}") as address:
        yield address


@pytest.fixture
def empty_database_url(server: str) -> Iterator[str]:
    """Address of a database of this test's own without a schema."""
    with _database(server) as address:
        yield address


@contextmanager
def _database(server: str, like: str = "") -> Iterator[str]:
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {like}")
    yield _named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


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
