"""Composition root: the only place where hands are joined to decisions; reads settings once."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fairdial.app.watch import Watch
from fairdial.core.policy.pack import Pack
from fairdial.ledger.database import Database, open_database
from fairdial.ledger.protection.keys import KeySettings
from fairdial.packs import load_packs
from fairdial.settings import Settings, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An open installation: settings, ledger and law, and what this process counts."""

    settings: Settings
    database: Database
    packs: Mapping[str, Pack]
    watch: Watch = field(default_factory=Watch)


@asynccontextmanager
async def open_app(settings: Settings | None = None) -> AsyncIterator[App]:
    """Read the settings, load the law, open the ledger.

    Raises:
        SettingsError: A setting or a rule pack is wrong.
        LedgerError: The database cannot be opened.
    """
    read = settings or read_settings(os.environ)
    packs = load_packs(read.rulepacks)
    keys = KeySettings(folder=read.home, number=read.number_key, master=read.master_key)
    async with open_database(url=read.database_url, keys=keys) as database:
        watch = Watch()
        watch.engine(database.engine)
        yield App(settings=read, database=database, packs=packs, watch=watch)
