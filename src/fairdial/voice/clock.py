"""One clock for the sound of all calls of a process: every 20 ms, one detector run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

from fairdial.voice.call_voice import CallVoice
from fairdial.voice.sound import FRAME_MS, Samples
from fairdial.voice.vad import VadStream

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_MOST_AT_ONCE = 10
"""Ticks made up for after a stall (200 ms); what is older is given up, so that sound stays live."""


class SpeechDetector(Protocol):
    """Speech probabilities for one window of each call at once; see `voice.vad.SileroVad`."""

    def probabilities(self, windows: Sequence[Samples], streams: Sequence[VadStream]) -> list[float]: ...


class VoiceClock:
    """Moves the sound of every call that has been added; `run` is its only task."""

    def __init__(self, vad: SpeechDetector) -> None:
        self._vad = vad
        self._voices: set[CallVoice] = set()
        self.late_ticks = 0

    def add(self, voice: CallVoice) -> None:
        self._voices.add(voice)

    def remove(self, voice: CallVoice) -> None:
        self._voices.discard(voice)

    async def run(self) -> None:
        """Tick until cancelled; a stall is made up for, within bounds."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            now = loop.time()
            behind = int((now - due) * 1000 // FRAME_MS)
            if behind > _MOST_AT_ONCE:
                self.late_ticks += behind
                due = now
            while due <= now:
                self.tick()
                due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))

    def tick(self) -> None:
        """Move one frame of every call and run the detector over all full windows."""
        ticked = [(voice, self._guarded(voice, voice.tick)) for voice in tuple(self._voices)]
        full = [(voice, window) for voice, window in ticked if window is not None]
        if not full:
            return
        probabilities = self._vad.probabilities([w for _, w in full], [v.vad for v, _ in full])
        for (voice, _), probability in zip(full, probabilities, strict=True):
            self._guarded(voice, partial(voice.hear, probability))

    def _guarded(self, voice: CallVoice, step: Callable[[], _Result]) -> _Result | None:
        """Take one step of one call; a defect in it ends that call's sound and never that of the others."""
        try:
            return step()
        except Exception:
            _log.exception("a call's sound stopped by a defect; the call is ended")
            self._voices.discard(voice)
            voice.give_up()
            return None


@asynccontextmanager
async def running(clock: VoiceClock) -> AsyncIterator[VoiceClock]:
    """Keep the clock ticking inside the block."""
    task = asyncio.create_task(clock.run(), name="voice-clock")
    try:
        yield clock
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
