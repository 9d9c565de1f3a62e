"""Clips that a script of the ledger needs, and the one command at a time that a server makes them by."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from fairdial.core.script.clip import Wording, clip_id
from fairdial.core.script.fields import speakable
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import all_wordings, fixed_wordings
from fairdial.errors import InputError, ModelError
from fairdial.ledger.database import Database
from fairdial.ledger.people.contacts import list_fields
from fairdial.ledger.script_drafts import draft_of, written_version
from fairdial.models import require
from fairdial.script_file import examine_text

_MOST_KEPT = 4000
"""Characters of what a command said last that are kept."""

_MOST_LOOKED_AT = 2000
"""People of a list whose clips are looked for before a run: some 100 ms."""


async def wanted_wordings(
    database: Database, *, tenant: str, name: str, version: str | None, contact_list: str | None
) -> list[Wording]:
    """Every clip a script says to anybody, and to everybody on a list if one is named.

    Args:
        version: Its hash; None for the text as it stands.

    Raises:
        InputError: There is no such script, version or list, or the text is no script.
    """
    script = await _script(database, tenant=tenant, name=name, version=version)
    fields = [] if contact_list is None else await list_fields(database, tenant=tenant, contact_list=contact_list)
    return list(dict.fromkeys([*fixed_wordings(script), *all_wordings(script, speakable(script, fields))]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """How many clips nobody has spoken yet.

    Attributes:
        everybody: What is said to whoever answers.
        people: What holds something of a person, such as their name, to the first people of the list.
    """

    everybody: int
    people: int


async def lacking(
    database: Database, folder: Path, *, tenant: str, name: str, version: str | None, contact_list: str | None
) -> Lacking:
    """What a run of this version over this list would miss; of a long list only the first people are looked at.

    Raises:
        InputError: There is no such script, version or list, or the text is no script.
    """
    script = await _script(database, tenant=tenant, name=name, version=version)
    fields = []
    if contact_list is not None:
        fields = await list_fields(database, tenant=tenant, contact_list=contact_list, most=_MOST_LOOKED_AT)
    fixed = set(fixed_wordings(script))
    of_people = set(all_wordings(script, speakable(script, fields))) - fixed
    missing = len(missing_clips(of_people, folder))
    return Lacking(everybody=len(missing_clips(fixed, folder)), people=missing)


def missing_clips(wanted: Iterable[Wording], folder: Path) -> list[Wording]:
    """Those that nobody has spoken yet."""
    return [wording for wording in wanted if not (folder / f"{clip_id(wording)}.ogg").is_file()]


async def _script(database: Database, *, tenant: str, name: str, version: str | None) -> Script:
    if version is not None:
        written = await written_version(database, tenant=tenant, script_hash=version)
        if written is None:
            raise InputError(f"version {version[:12]} is not known; `fairdial script history` lists them 没有这个版本")
        return parse_script(written.content, name=version[:12])
    draft = await draft_of(database, tenant=tenant, name=name)
    if draft is None:
        raise InputError(f"script {name} is not known; `fairdial script history` lists them 没有这个话术")
    examined = examine_text(draft.text, name=f"{name}.yaml")
    if examined.script is None:
        raise InputError("\n".join(examined.told(f) for f in examined.findings))
    return examined.script


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How far the newest rendering has come; `last_words` why it ended when it did not end well."""

    is_running: bool
    done: int
    total: int
    last_words: str | None


NEVER = Rendering(is_running=False, done=0, total=0, last_words=None)


class Renders:
    """The renderings this server has started: one at a time, each the command `fairdial script clips`."""

    def __init__(self, clips: Path | None, *, models: Path) -> None:
        self._clips, self._models = clips, models
        self._is_busy = False
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._newest: dict[tuple[str, str], Rendering] = {}

    def newest(self, tenant: str, script: str) -> Rendering:
        """How far it has come for one script."""
        return self._newest.get((tenant, script), NEVER)

    async def why_not(self) -> str | None:
        """Why nothing can be rendered now, with the remedy; None when something can."""
        if self._clips is None:
            return "the server was started without clips; `fairdial serve --clips FOLDER` 未指定录音文件夹"
        if not os.environ.get("FAIRDIAL_SPEECH_URL"):
            if importlib.util.find_spec("misaki") is None:
                return (
                    "nobody here speaks: `make clips` installs the voices, or name a speech server in FAIRDIAL_SPEECH_URL"
                    " 没有安装语音合成:运行 make clips 安装,或设置 FAIRDIAL_SPEECH_URL"
                )
            try:
                await asyncio.to_thread(require, "kokoro-82m", self._models)
            except ModelError as error:
                return str(error)
        if self._is_busy:  # looked at last: nothing is waited for until `start` sets it
            return "clips are being made; wait for their end 正在生成录音,请稍候"
        return None

    async def start(
        self, tenant: str, script: str, *, version: str | None, contact_list: str | None, missing: int
    ) -> None:
        """Begin a rendering; `why_not` has not objected."""
        assert self._clips is not None and not self._is_busy, "asked before"
        self._is_busy = True
        engine = "endpoint" if os.environ.get("FAIRDIAL_SPEECH_URL") else "kokoro"
        options = [f"--clips={self._clips}", f"--engine={engine}"]
        options += [f"--version={version}"] if version else []
        options += [f"--list={contact_list}"] if contact_list else []
        self._newest[tenant, script] = Rendering(is_running=True, done=0, total=missing, last_words=None)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairdial.cli.entry", "script", "clips", *options, "--", script),
            env=os.environ | {"FAIRDIAL_TENANT": tenant},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._watching = asyncio.create_task(self._watch((tenant, script), self._process), name=f"render-{script}")

    async def close(self) -> None:
        """End what goes on; what was made stays."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._watching is not None:
            await asyncio.wait({self._watching})

    async def _watch(self, key: tuple[str, str], process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None and process.stderr is not None, "asked for above"
        said = asyncio.create_task(process.stderr.read())
        while line := await process.stdout.readline():
            done, is_count, total = line.decode(errors="replace").strip().partition("/")
            if is_count and done.isdigit() and total.isdigit():
                self._newest[key] = Rendering(is_running=True, done=int(done), total=int(total), last_words=None)
        told = (await said)[-_MOST_KEPT:].decode(errors="replace").strip()
        status, newest = await process.wait(), self._newest[key]
        words = None if status == 0 else told or f"rendering ended with status {status} 生成录音异常结束"
        self._newest[key] = replace(newest, is_running=False, last_words=words)
        self._is_busy = False
