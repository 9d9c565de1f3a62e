"""One clock for the sound of all calls of a process: every 20 ms, one detector run."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from fairdial.core.hearing.punctuality import Punctuality
from fairdial.voice.call_voice import CallVoice
from fairdial.voice.sound import FRAME_MS, Samples
from fairdial.voice.vad import VadStream

_log = logging.getLogger(__name__)

_FRAME_S = FRAME_MS / 1000

_MOST_AT_ONCE = 10
"""Ticks made up for after a stall (200 ms); what is older is given up, so that sound stays live."""

_TELL_S = 10.0
"""Seconds of which one warning tells, when more than `_TOLERATED` of their ticks were late."""

_TOLERATED = 0.01


class SpeechDetector(Protocol):
    """Speech probabilities for one window of each call at once; see `voice.vad.SileroVad`."""

    def probabilities(self, windows: Sequence[Samples], streams: Sequence[VadStream]) -> list[float]: ...


class VoiceClock:
    """Moves the sound of every call that has been added; `run` is its only task."""

    def __init__(self, vad: SpeechDetector) -> None:
        self._vad = vad
        self._voices: set[CallVoice] = set()
        self.punctuality = Punctuality()

    @property
    def calls(self) -> int:
        """Calls whose sound is moved now."""
        return len(self._voices)

    def add(self, voice: CallVoice) -> None:
        self._voices.add(voice)

    def remove(self, voice: CallVoice) -> None:
        self._voices.discard(voice)

    async def run(self) -> None:
        """Tick until cancelled; a stall is made up for, within bounds."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        told, tell_at = self.punctuality, due + _TELL_S
        while True:
            now = loop.time()
            behind = int((now - due) / _FRAME_S)
            if behind > _MOST_AT_ONCE:
                if self._voices:
                    self.punctuality = self.punctuality.skipped(behind, late_s=now - due)
                due = now
            while due <= now:
                matters = bool(self._voices)
                self.tick()
                due += _FRAME_S
                if matters:
                    self.punctuality = self.punctuality.ticked(late_s=loop.time() - due)
            if now >= tell_at:
                lately = self.punctuality.since(told)
                if lately.late > _TOLERATED * lately.ticks:
                    _log.warning("the voice clock is late: %s", lately)
                told, tell_at = self.punctuality, now + _TELL_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    def tick(self) -> None:
        """Move one frame of every call and run the detector over all full windows."""
        full: list[tuple[CallVoice, Samples]] = []
        for voice in tuple(self._voices):
            try:
                window = voice.tick()
            except Exception:
                self._give_up(voice)
            else:
                if window is not None:
                    full.append((voice, window))
        if not full:
            return
        probabilities = self._vad.probabilities([w for _, w in full], [v.vad for v, _ in full])
        for (voice, _), probability in zip(full, probabilities, strict=True):
            try:
                voice.hear(probability)
            except Exception:
                self._give_up(voice)

    def _give_up(self, voice: CallVoice) -> None:
        """A defect in one call ends that call's sound and never that of the others."""
        _log.exception("a call's sound stopped by a defect; the call is ended")
        self._voices.discard(voice)
        voice.give_up()


@asynccontextmanager
async def running(clock: VoiceClock) -> AsyncIterator[VoiceClock]:
    """Keep the clock ticking inside the block.

    What the process has loaded by then is left out of garbage collection: looking through it (260,000 objects) stops
    everything for 120 ms, which is six ticks.
    """
    gc.freeze()
    task = asyncio.create_task(clock.run(), name="voice-clock")
    try:
        yield clock
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        gc.unfreeze()
