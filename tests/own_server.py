"""A PostgreSQL server of a test's own, which it may kill and start again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

_START = (
    "import sys; from pathlib import Path; from fairdial.ledger.embedded import embedded_server;"
    " print(embedded_server(Path(sys.argv[1]), cleanup_mode=None).get_uri())"
)


def start(data: Path) -> str:
    """Start the server whose data lie there; it stays when the process that started it ends. Returns its address."""
    return subprocess.check_output([sys.executable, "-c", _START, str(data)], text=True).strip()


def send(data: Path, number: signal.Signals) -> None:
    """SIGKILL kills it, SIGINT is a fast shutdown; harmless when it does not run."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), number)
