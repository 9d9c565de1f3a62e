"""Ears of a process: recognition and understanding on worker threads, off the voice clock."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.understand import is_certain, understand_by_rule
from fairdial.voice.meanings import Meanings
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.sound import Samples


class LocalEars:
    """Whisper and the trained classifier in this process (`fairdial.ports.Ears`)."""

    def __init__(self, recogniser: WhisperRecogniser, meanings: Meanings) -> None:
        self._recogniser = recogniser
        self._meanings = meanings
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ears")

    async def words(self, samples: Samples) -> str:
        loop = asyncio.get_running_loop()
        recognised = await loop.run_in_executor(self._worker, self._recogniser.recognise, samples)
        return recognised.text

    async def meaning(self, text: str) -> Understood:
        ruled = understand_by_rule(text)
        if ruled is not None and is_certain(ruled):
            return ruled
        by_model = partial(self._meanings.by_model, text, suspected=ruled)
        return await asyncio.get_running_loop().run_in_executor(None, by_model)

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
