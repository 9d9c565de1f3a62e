"""Version N and N + 1 on one database: what runs beside what, and what is said when it cannot."""

from __future__ import annotations

import asyncio
import importlib
import re
from pathlib import Path

import psycopg
import pytest

from fairdial.errors import LedgerError
from fairdial.ledger import database as opened
from fairdial.ledger.versions import CODE, OLDEST_BESIDE, needs_migration, refuse_beneath
from tests.ledger.stories import ledger

VERSIONS = sorted((Path(opened.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
NEWEST = VERSIONS[-1].name[:4]


def test_what_is_migrated_what_runs_beside_and_what_does_not() -> None:
    assert needs_migration(mine="0031", stands=None, oldest_beside=None)
    assert needs_migration(mine="0031", stands="0029", oldest_beside="0027")
    assert not needs_migration(mine="0031", stands="0031", oldest_beside="0027")
    assert not needs_migration(mine="0031", stands="0033", oldest_beside="0030")
    for mark in ("0032", None):
        with pytest.raises(LedgerError, match="schema 0033; this version knows 0031"):
            needs_migration(mine="0031", stands="0033", oldest_beside=mark)


def test_nobody_is_migrated_away_beneath() -> None:
    refuse_beneath(["psql", CODE.format(OLDEST_BESIDE), CODE.format(NEWEST), ""], mine=NEWEST)
    with pytest.raises(LedgerError, match="fairdial 0019 works on this database"):
        refuse_beneath([CODE.format("0019"), CODE.format(NEWEST)], mine=NEWEST)


def test_a_migration_says_whether_older_workers_may_go_on() -> None:
    for path in VERSIONS:
        number = path.name[:4]
        if number <= OLDEST_BESIDE:
            continue
        module = importlib.import_module(f"fairdial.ledger.migrations.versions.{path.stem}")
        assert re.search(r"^Before: ", module.__doc__ or "", re.MULTILINE), (
            f"{path.name}: raise OLDEST_BESIDE or say why not"
        )


def test_a_newer_schema_is_left_as_it_is_by_code_that_may_run_on_it_and_refused_by_code_that_may_not(
    database_url: str,
) -> None:
    async def open_it() -> None:
        async with ledger(database_url):
            pass

    asyncio.run(open_it())
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '9001'")
    asyncio.run(open_it())
    with psycopg.connect(database_url) as owner:
        assert owner.execute("SELECT version_num FROM alembic_version").fetchone() == ("9001",)
        owner.execute("UPDATE installation SET value = '9000' WHERE key = 'oldest_beside'")
    with pytest.raises(LedgerError, match="install version 9000 or newer"):
        asyncio.run(open_it())


def test_a_migration_is_not_made_while_older_workers_work_that_could_not_go_on(empty_database_url: str) -> None:
    async def open_it() -> None:
        async with ledger(empty_database_url):
            pass

    with (
        psycopg.connect(empty_database_url, application_name=CODE.format("0019"), autocommit=True),
        pytest.raises(LedgerError, match="stop the older workers"),
    ):
        asyncio.run(open_it())
    asyncio.run(open_it())
