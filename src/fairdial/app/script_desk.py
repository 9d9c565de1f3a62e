"""What a server does with scripts that takes a while: off its loop, bounded, one rehearsal of a tenant's at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from fairdial.app import App
from fairdial.app.scripts import Read, read, standards_of
from fairdial.script_check import Standards

_Done = TypeVar("_Done")

_AT_ONCE = 2
"""Texts that are worked on at the same time; others wait their turn."""


class ScriptDesk:
    """Reads texts of scripts; what it needs is loaded when it is first asked."""

    def __init__(self, opened: App) -> None:
        self._opened = opened
        self._turn = asyncio.Semaphore(_AT_ONCE)

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

    async def read(self, text: str) -> Read:
        """Everything about a text.

        Raises:
            InputError: It is too large.
        """
        return await self.work(lambda: read(text, self.standards))
