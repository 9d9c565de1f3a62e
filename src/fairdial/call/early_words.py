"""Recognition that begins in a pause, and what it says about whether the turn is over.

A text belongs to one pause. It is used for a turn that ended with that very
pause, and for no other, so that no word depends on the guess.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from fairdial.core.hearing.endpoint import Endpoint, Expects, silence_needed
from fairdial.core.hearing.hints import Hints
from fairdial.ports import Ears
from fairdial.voice.call_voice import CallVoice, Spoke
from fairdial.voice.sound import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyText:
    """What had been said by the pause that began at `pause`."""

    pause: int
    text: str


class EarlyWords:
    """The words of one call's latest pause."""

    def __init__(
        self,
        ears: Ears,
        voice: CallVoice,
        endpoint: Endpoint,
        *,
        report: Callable[[EarlyText], None],
    ) -> None:
        self._ears, self._voice, self._endpoint = ears, voice, endpoint
        self._report = report
        self._expects, self._over_ours = Expects.OPEN, False
        self._pause: int | None = None
        self._task: asyncio.Task[str] | None = None

    def begin(self, pause: int, hints: Hints, *, expects: Expects) -> None:
        """Begin to recognise what has been said until now; reports the text unless speech goes on before."""
        self.discard()
        self._expects, self._over_ours = expects, self._voice.mouth.has_more
        samples = self._voice.speech_until(pause)
        if samples is None:  # the person has gone on since, or the turn is over
            return
        self._pause = pause
        self._task = asyncio.create_task(self._recognise(samples, hints, pause))
        self._let_end(pause, None)

    def weigh(self, early: EarlyText, *, before: str) -> None:
        """Let the turn end as soon as its words allow; `before` are the words it began with."""
        self._let_end(early.pause, before + early.text)

    def discard(self) -> None:
        """Speech goes on: what was begun is not needed."""
        if self._task is not None:
            self._task.cancel()
        self._pause = self._task = None

    async def words(self, spoke: Spoke, hints: Hints) -> str:
        """The words of a whole turn; recognised anew when it did not end with the pause that was begun with.

        Raises:
            FairdialError: Recognition failed.
        """
        if self._task is None or self._pause != spoke.ended_at:
            self.discard()
            return await self._ears.words(spoke.samples, hints)
        task, self._pause, self._task = self._task, None, None
        return await task

    async def close(self) -> None:
        """End what is still under way."""
        task = self._task
        self.discard()
        if task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _let_end(self, pause: int, text: str | None) -> None:
        needed = silence_needed(text, expects=self._expects, endpoint=self._endpoint, over_ours=self._over_ours)
        self._voice.end_after(needed, pause=pause)

    async def _recognise(self, samples: Samples, hints: Hints, pause: int) -> str:
        text = await self._ears.words(samples, hints)
        self._report(EarlyText(pause=pause, text=text))
        return text
