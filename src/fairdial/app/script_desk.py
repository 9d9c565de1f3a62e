"""What a server does with scripts that takes a while: off its loop, bounded, one rehearsal of a tenant's at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from fairdial.app import App
from fairdial.app.clips import Renders
from fairdial.app.rehearse import Talked, rehearse, talk
from fairdial.app.scripts import Read, read, standards_of
from fairdial.rehearsal.report.report import Report
from fairdial.review.graph import Graph
from fairdial.script_check import Standards
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.recognition import Recognition
from fairdial.voice.sound import spoken_wav

_Done = TypeVar("_Done")

LONGEST_HEARD_S = 29.0
"""What is said at once may take as long as a recogniser takes it."""

_AT_ONCE = 2
"""Texts that are worked on at the same time; others wait their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    report: Report
    graph: Graph


class ScriptDesk:
    """Reads texts of scripts; what it needs is loaded when it is first asked."""

    def __init__(self, opened: App, *, clips: Path | None = None) -> None:
        self._opened, self._clips = opened, clips
        self._ears: Recognition | None = None
        self._opening = asyncio.Lock()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._stage = asyncio.Semaphore(1)
        self._rehearsing: set[str] = set()

    @cached_property
    def renders(self) -> Renders:
        """The renderings of this server."""
        return Renders(self._clips, models=self._opened.settings.models)

    @cached_property
    def standards(self) -> Standards:
        return standards_of(self._opened.settings, self._opened.packs)

    async def loaded(self) -> Standards:
        """The standards, loaded off the loop."""
        return await asyncio.to_thread(lambda: self.standards)

    async def work(self, work: Callable[[], _Done]) -> _Done:
        """Do something that takes a while in a thread, when it is its turn."""
        async with self._turn:
            return await asyncio.to_thread(work)

    def is_rehearsing(self, tenant: str) -> bool:
        """Whether a rehearsal of this tenant's goes on."""
        return tenant in self._rehearsing

    async def rehearse(self, tenant: str, text: str, *, callees: int, seed: int, cer: float) -> Rehearsed:
        """Rehearse a text; only when none of this tenant's goes on.

        Raises:
            InputError: The text has an error, or it takes too long.
        """
        assert tenant not in self._rehearsing, "asked before"
        self._rehearsing.add(tenant)

        def work() -> Rehearsed:
            found = self.read(text)
            told = rehearse(found.require_sound(), callees=callees, seed=seed, cer=cer)
            assert found.graph is not None, "it is a script"
            return Rehearsed(report=told, graph=found.graph)

        async def whole() -> Rehearsed:
            try:
                async with self._stage:
                    return await asyncio.to_thread(work)
            finally:
                self._rehearsing.discard(tenant)

        return await asyncio.shield(asyncio.ensure_future(whole()))  # a thread goes on when nobody waits any more

    async def talk(self, text: str, *, values: Mapping[str, str], heard: Sequence[str]) -> Talked:
        """Go through a conversation with a text.

        Raises:
            InputError: The text has an error, a variable is not its own, or something is no command.
        """

        def work() -> Talked:
            return talk(self.read(text).require_sound(), values=values, heard=heard)

        return await self.work(work)

    async def hear(self, wav: bytes) -> str:
        """What was said into a microphone, by the recogniser of calls; empty when it was nothing.

        Args:
            wav: 16-bit PCM, mono, at most `LONGEST_HEARD_S`.

        Raises:
            InputError: It is something else.
            ModelError, SettingsError: No recogniser is installed; names the remedy.
        """
        samples = await asyncio.to_thread(spoken_wav, wav, longest_s=LONGEST_HEARD_S)
        async with self._opening:
            if self._ears is None:
                settings = self._opened.settings
                self._ears = await open_recognition(settings.recognition, settings.models)
        return (await self._ears.words(samples)).text

    async def close(self) -> None:
        """Let go of what was loaded, and end what goes on."""
        await self.renders.close()
        if self._ears is not None:
            await self._ears.close()

    def read(self, text: str) -> Read:
        """Everything about a text; takes a while (`work`).

        Raises:
            InputError: It is too large.
        """
        return read(text, self.standards)
