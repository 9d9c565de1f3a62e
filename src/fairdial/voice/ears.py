"""Ears of a process: what was said and what it means, off the voice clock."""

from __future__ import annotations

import asyncio
from functools import partial

from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.understand import is_certain, understand_by_rule
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.voice.meanings import Meanings
from fairdial.voice.recognition import Recognition
from fairdial.voice.sound import Samples


class LocalEars:
    """Whoever recognises, and the trained classifier in this process (`fairdial.ports.Ears`)."""

    def __init__(self, recognition: Recognition, meanings: Meanings) -> None:
        self._recognition = recognition
        self._meanings = meanings

    async def words(self, samples: Samples, hints: Hints = NO_HINTS) -> str:
        return (await self._recognition.words(samples, hints)).text

    async def meaning(self, text: str) -> Understood:
        ruled = understand_by_rule(text)
        if ruled is not None and is_certain(ruled):
            return ruled
        by_model = partial(self._meanings.by_model, text, suspected=ruled)
        return await asyncio.get_running_loop().run_in_executor(None, by_model)

    async def close(self) -> None:
        await self._recognition.close()
