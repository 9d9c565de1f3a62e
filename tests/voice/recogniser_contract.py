"""What any recogniser does, whichever engine it is made of. Subclass `RecogniserContract` and give `opened`."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np
import pytest

from fairdial.core.hearing.hints import MOST_WORDS, NO_HINTS, Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.ports import Recogniser
from fairdial.voice.recognition import Engine, Recognition
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound

EXAMPLES = Path(__file__).parents[2] / "examples"
WORDS = "你们怎么有我的电话"
"""What is said in `SPOKEN`, as every engine can be expected to hear it."""

SPOKEN = read_sound(EXAMPLES / "insurance-renewal" / "persona-clips" / "920285fa373e4d62.ogg")
EVERYTHING = Hints(asked="需要请保险顾问给您回个电话吗?", words=tuple(f"热词{n}" for n in range(MOST_WORDS)))


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * TELEPHONE_RATE), dtype=np.int16)


def noise(seconds: float, *, loudness: float) -> Samples:
    chance = np.random.default_rng(5)
    return (chance.normal(0, loudness, int(seconds * TELEPHONE_RATE)) * 32767).astype(np.int16)


def hum(seconds: float) -> Samples:
    return (3000 * np.sin(np.arange(int(seconds * TELEPHONE_RATE)) * 2 * np.pi * 50 / TELEPHONE_RATE)).astype(np.int16)


class RecogniserContract:
    def opened(self) -> AbstractAsyncContextManager[Recogniser]:
        """A recogniser that hears `WORDS` in `SPOKEN`."""
        raise NotImplementedError

    def hear(self, *utterances: Samples, hints: Hints = NO_HINTS) -> list[Recognised]:
        """All of them at once."""

        async def ask() -> list[Recognised]:
            async with self.opened() as recogniser:
                return await asyncio.gather(*(recogniser.recognise(samples, hints) for samples in utterances))

        return asyncio.run(ask())

    def test_two_people_at_once_are_both_written_down(self) -> None:
        for recognised in self.hear(SPOKEN, SPOKEN):
            assert re.sub(r"\W", "", recognised.text) == WORDS and 0 < recognised.confidence <= 1

    def test_hints_are_taken_and_not_believed(self) -> None:
        (recognised,) = self.hear(SPOKEN, hints=EVERYTHING)
        assert re.sub(r"\W", "", recognised.text) == WORDS

    def test_the_longest_utterance_is_taken(self) -> None:
        (recognised,) = self.hear(np.concatenate([SPOKEN, silence(29.0)])[: 29 * TELEPHONE_RATE])
        assert "电话" in recognised.text

    @pytest.mark.parametrize("hints", [NO_HINTS, EVERYTHING], ids=["", "hints"])
    def test_neither_noise_nor_silence_nor_a_moment_has_words(self, hints: Hints) -> None:
        sounds = [silence(2), noise(3, loudness=0.02), noise(1, loudness=0.3), hum(2), SPOKEN[:100], SPOKEN[:0]]

        async def ask() -> list[str]:
            async with self.opened() as recogniser:
                recognition = Recognition([Engine(name="it", recogniser=recogniser, timeout_s=30.0)])
                return [(await recognition.words(samples, hints)).text for samples in sounds]

        assert asyncio.run(ask()) == [""] * len(sounds)
