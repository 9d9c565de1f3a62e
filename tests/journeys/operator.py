"""An operator at the command line, with a database and a practice network of their own."""

from __future__ import annotations

import csv
import json
import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from fairdial.ledger.protection.person_key import PersonKey
from tests.rehearsal.practice import Network

NUMBER_KEY = "k" * 32
MORNING = "2026-11-26T10:00"
_IN_TURN = "import json, sys; from fairdial.cli.main import app; [app(one, standalone_mode=False) for one in json.load(sys.stdin)]"


@dataclass
class Operator:
    """Runs `fairdial` as a person would; `folder` holds everything they see."""

    folder: Path
    database_url: str
    example: Path

    @property
    def person_key(self) -> PersonKey:
        """Finds a number in the database, as the installation does."""
        return PersonKey(NUMBER_KEY)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "FAIRDIAL_DATABASE_URL": self.database_url,
            "FAIRDIAL_NUMBER_KEY": NUMBER_KEY,
            "FAIRDIAL_MASTER_KEY": "5a" * 32,
            "FAIRDIAL_HOME": str(self.folder / "home"),
            "COLUMNS": "200",
        }

    def runs(self, *arguments: str, code: int = 0) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            self._command(arguments), env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def starts(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and go on."""
        return subprocess.Popen(
            self._command(arguments),
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "fairdial.cli.entry", *arguments]

    def takes_the_list(self, *personas: str) -> dict[str, str]:
        """Write the example's list with only these people in it; returns number → persona."""
        persona_of = json.loads((self.example / "personas-assign.json").read_text(encoding="utf-8"))
        with (self.example / "customers.csv").open(encoding="utf-8") as stream:
            header, *rows = list(csv.reader(stream))
        chosen = [row for row in rows if persona_of.get(f"+86{row[2]}") in personas]
        assert len(chosen) == len(personas)
        with (self.folder / "customers.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *chosen])
        shutil.copytree(self.example / "consents", self.folder / "consents", dirs_exist_ok=True)
        return {f"+86{row[2]}": persona_of[f"+86{row[2]}"] for row in chosen}

    def prepares(self, network: Network, *, capacity: int = 3) -> None:
        """Everything up to the campaign, command by command."""
        script = str(self.example / "script.yaml")
        until = ("--purpose", "service", "--documents-until", "2027-12-31")
        where, over = (
            ("--address", f"127.0.0.1:{network.port}"),
            ("--line", "practice", "--caller-number", "+8615499990001"),
        )
        self.runs_in_turn(
            ("rehearsal", "clock", MORNING),
            ("list", "import", "customers.csv", "--name", "renewals"),
            ("script", "submit", script, "--by", "王编写"),
            ("script", "approve", script, "--by", "李审核"),
            ("tenant", "set", "--seat", "CN", "--purpose", "service", "--contract-until", "2027-12-31"),
            ("line", "add", "practice", *where, "--kind", "practice", "--capacity", str(capacity), *until),
            ("caller", "add", "+8615499990001", "--documents-until", "2027-12-31"),
            ("campaign", "create", "renewals", "--list", "renewals", "--script", script, *over),
        )

    def runs_in_turn(self, *commands: tuple[str, ...]) -> None:
        """Run commands one after another in one process, which spares each of them the second that loading takes."""
        done = subprocess.run(
            [sys.executable, "-c", _IN_TURN],
            input=json.dumps(commands),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def campaign(self) -> tuple[str, ...]:
        return ("campaign", "run", "renewals", "--clips", str(self.example / "clips"))

    def reads(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()


def invites(network: Network) -> list[tuple[str, str]]:
    """Called number and permit of every INVITE that reached the network."""
    log = network.folder / "network.jsonl"
    lines = network.lines if log.exists() else []
    return [(line["to"], line["permit"]) for line in lines if line["event"] == "invite"]


def wait_until(happened: Any, *, within_s: float = 60.0) -> None:
    """Wait for something in another process, polling."""
    give_up = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < give_up, "it never came"
        select.select([], [], [], 0.05)
