"""Runs that somebody starts from afar: each is the command `fairdial campaign run`, a process of its own.

One way to run a campaign, whoever starts it: what the command refuses is refused here, in its own words.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from fairdial.errors import InputError

_BEGINS_S = 1.0
"""Within this a run that is refused at once has said so."""

_GOODBYE_S = 20.0
"""Seconds that living calls get to say goodbye when the server ends."""

_MOST_KEPT = 4000
"""Characters of what a run said last that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where runs find clips, by their content, and leave recordings; without clips none can be started."""

    clips: Path | None
    recordings: Path


class Runs:
    """The runs this server has started, by tenant and campaign."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._running: dict[tuple[str, str], asyncio.subprocess.Process] = {}
        self._last_words: dict[tuple[str, str], str] = {}
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def clips(self) -> Path | None:
        """Where clips lie, by their content."""
        return self._folders.clips

    def is_running(self, tenant: str, campaign: str) -> bool:
        """Whether a run of this server's goes on; one that was started elsewhere is not known here."""
        return (tenant, campaign) in self._running

    def last_words(self, tenant: str, campaign: str) -> str | None:
        """Why the newest run ended as it did, when it did not end well."""
        return self._last_words.get((tenant, campaign))

    async def start(self, tenant: str, campaign: str) -> None:
        """Begin a run.

        Raises:
            InputError: The server has no clips, the run goes on already, or the command refused.
        """
        if self._folders.clips is None:
            raise InputError("the server was started without clips; `fairdial serve --clips FOLDER` 未指定录音文件夹")
        key = (tenant, campaign)
        if key in self._running:
            raise InputError(f"campaign {campaign!r} runs already 任务正在运行")
        folders = ("--clips", str(self._folders.clips), "--recordings", str(self._folders.recordings))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairdial.cli.entry", "campaign", "run", campaign, *folders),
            env=os.environ | {"FAIRDIAL_TENANT": tenant},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._running[key] = process
        self._last_words.pop(key, None)
        watching = asyncio.create_task(self._watch(key, process), name=f"run-{campaign}")
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        await asyncio.wait({watching}, timeout=_BEGINS_S)
        if (words := self._last_words.get(key)) is not None and key not in self._running:
            raise InputError(words)

    def stop(self, tenant: str, campaign: str) -> bool:
        """Start no more calls and let the living ones say goodbye; False when no run of this server's goes on."""
        process = self._running.get((tenant, campaign))
        if process is None or process.returncode is not None:
            return False
        process.send_signal(signal.SIGINT)
        return True

    async def close(self) -> None:
        """Stop every run politely, and wait for its goodbyes."""
        for process in self._running.values():
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
        if self._watching:
            await asyncio.wait(self._watching, timeout=_GOODBYE_S)
        for process in self._running.values():
            if process.returncode is None:
                process.kill()

    async def _watch(self, key: tuple[str, str], process: asyncio.subprocess.Process) -> None:
        said = b""
        assert process.stderr is not None, "asked for above"
        while chunk := await process.stderr.read(1024):
            said = (said + chunk)[-_MOST_KEPT:]
        status = await process.wait()
        del self._running[key]
        if status not in (0, 130):
            told = said.decode(errors="replace").strip().splitlines()
            self._last_words[key] = told[-1] if told else f"the run ended with status {status} 运行异常结束"
