"""Settings of this process, read once by `fairdial.app` from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairdial.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and who calls.

    Attributes:
        home: Folder of the embedded database and the installation's keys; one a user, whatever folder they stand in.
        database_url: A PostgreSQL server of your own; None starts the embedded one.
        number_key: Secret under which numbers are hashed; needed with `database_url`.
        master_key: Key that wraps the keys personal data are sealed with, 64 hexadecimal digits; needed with `database_url`.
        models: Cache folder of model files.
        rulepacks: Folder of rule packs; None uses those shipped.
        wordlists: Folder of word lists that scripts are checked against; None uses those shipped.
        tenant: The enterprise this command works for.
    """

    home: Path
    database_url: str | None
    number_key: str | None = field(repr=False)
    master_key: str | None = field(repr=False)
    models: Path
    rulepacks: Path | None
    wordlists: Path | None
    tenant: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read every setting; all problems are reported at once.

    Raises:
        SettingsError: Names each variable that is wrong and what it should be.
    """
    problems = []
    url, key = environment.get("FAIRDIAL_DATABASE_URL"), environment.get("FAIRDIAL_NUMBER_KEY")
    if url is not None and not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        problems.append("FAIRDIAL_DATABASE_URL must begin with postgresql://")
    if url is not None and not key:
        problems.append("FAIRDIAL_NUMBER_KEY must be set when FAIRDIAL_DATABASE_URL is")
    if key is not None and len(key) < 32:
        problems.append("FAIRDIAL_NUMBER_KEY must have at least 32 characters")
    master = environment.get("FAIRDIAL_MASTER_KEY")
    if url is not None and not master:
        problems.append(
            "FAIRDIAL_MASTER_KEY must be set when FAIRDIAL_DATABASE_URL is; `openssl rand -hex 32` makes one"
        )
    if master is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", master):
        problems.append("FAIRDIAL_MASTER_KEY must have 64 hexadecimal digits; `openssl rand -hex 32` makes one")
    packs = environment.get("FAIRDIAL_RULEPACKS")
    if packs is not None and not Path(packs).is_dir():
        problems.append(f"FAIRDIAL_RULEPACKS: {packs} is not a folder")
    words = environment.get("FAIRDIAL_WORDLISTS")
    if words is not None and not Path(words).is_dir():
        problems.append(f"FAIRDIAL_WORDLISTS: {words} is not a folder")
    home = environment.get("FAIRDIAL_HOME")
    if home and Path(home).exists() and not Path(home).is_dir():
        problems.append(f"FAIRDIAL_HOME: {home} is not a folder")
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        home=Path(environment.get("FAIRDIAL_HOME") or _default_home(environment)).expanduser().absolute(),
        database_url=url,
        number_key=key,
        master_key=master,
        models=Path(environment.get("FAIRDIAL_MODELS", "~/.cache/fairdial/models")).expanduser(),
        rulepacks=Path(packs) if packs else None,
        wordlists=Path(words) if words else None,
        tenant=environment.get("FAIRDIAL_TENANT") or "default",
    )


def _default_home(environment: Mapping[str, str]) -> str:
    """Where data of this user belong (XDG base directories); a system folder for root."""
    if os.geteuid() == 0:
        return "/var/lib/fairdial"
    return str(Path(environment.get("XDG_DATA_HOME") or "~/.local/share") / "fairdial")
