"""An installation for one measurement: its own home, embedded PostgreSQL, list, campaign; worked as an operator works it.

Synthetic people with practice numbers, all with the same attributes, so that the example's recorded clips serve everybody.
"""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from fairdial.ledger.embedded import embedded_server

EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance-renewal"
HEAD = ("姓名", "称呼", "电话", "地区", "产品", "到期日", "保费", "数据来源", "依据")
PERSON = ("何平", "先生", "重庆", "医疗险", "2026-12-18", "1360", "2025 年投保单登记", "现有客户")
MORNING = "2026-11-26T10:00"
CALLER = "+8615499990001"


@dataclass
class Installation:
    """Runs `fairdial`; `folder` holds everything it leaves."""

    folder: Path
    url: str
    postmaster: int
    contacts: int = 0
    _environment: dict[str, str] = field(default_factory=dict)

    def runs(self, *arguments: str) -> str:
        done = subprocess.run(
            _command(arguments), env=self._environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"fairdial {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def prepares(self) -> None:
        """Everything but lists, lines and campaigns."""
        script = str(EXAMPLE / "script.yaml")
        self.runs("rehearsal", "clock", MORNING)
        self.runs("script", "submit", script, "--by", "王编写")
        self.runs("script", "approve", script, "--by", "李审核")
        self.runs("tenant", "set", "--seat", "CN", "--purpose", "service", "--contract-until", "2027-12-31")
        self.runs("caller", "add", CALLER, "--documents-until", "2027-12-31")

    def takes_list(self, name: str, contacts: int) -> float:
        """Import so many people whom no other list has; returns the seconds it took."""
        called, title, *rest = PERSON
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(HEAD)
            first = self.contacts + 1
            rows.writerows((called, title, f"154{n:08d}", *rest) for n in range(first, first + contacts))
        self.contacts += contacts
        began = time.monotonic()
        self.runs("list", "import", f"{name}.csv", "--name", name)
        return time.monotonic() - began

    def has_campaign(self, name: str, *, port: int, capacity: int) -> None:
        """A line to a carrier on this machine, and a campaign that calls the list of the same name over it."""
        until = ("--purpose", "service", "--documents-until", "2027-12-31")
        self.runs(
            *("line", "add", name, "--address", f"127.0.0.1:{port}", "--kind", "practice"),
            *("--capacity", str(capacity), *until),
        )
        self.runs(
            *("campaign", "create", name, "--list", name, "--script", str(EXAMPLE / "script.yaml")),
            *("--line", name, "--caller-number", CALLER),
        )

    @contextlib.contextmanager
    def running(self, campaign: str, *, processes: int) -> Iterator[psutil.Process]:
        """The campaign's run with its workers; stopped politely, as by Ctrl-C, when left."""
        arguments = ("campaign", "run", campaign, "--clips", str(EXAMPLE / "clips"), "--processes", str(processes))
        with (self.folder / f"{campaign}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                _command(arguments), env=self._environment, cwd=self.folder, stdout=log, stderr=log, text=True
            )
            try:
                yield psutil.Process(process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()

    def reads(self, sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql, values).fetchall()


@contextlib.contextmanager
def installation() -> Iterator[Installation]:
    """A new one with its server, removed when left."""
    with tempfile.TemporaryDirectory(prefix="fairdial-load-") as name:
        folder = Path(name)
        home = folder / "home"
        server = embedded_server(home / "postgres", cleanup_mode="delete")
        try:
            pid = int((home / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
            url = str(server.get_uri())
            keys = {"FAIRDIAL_NUMBER_KEY": secrets.token_hex(32), "FAIRDIAL_MASTER_KEY": secrets.token_hex(32)}
            places = {"FAIRDIAL_DATABASE_URL": url, "FAIRDIAL_HOME": str(home), "COLUMNS": "200"}
            yield Installation(folder=folder, url=url, postmaster=pid, _environment=os.environ | keys | places)
        finally:
            server.cleanup()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "fairdial.cli.entry", *arguments]
