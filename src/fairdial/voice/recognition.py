"""Who is asked what was said, in which order, and for how long.

A hand: it asks one recogniser after another and lets `core/hearing` say what of it can be believed. Whatever
fails, a call goes on: without words the conversation hears that nothing was clear. Neither sound nor words are logged.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.words_heard import NOTHING, Recognised, holds_speech, words_heard
from fairdial.errors import RecognitionError
from fairdial.ports import Recogniser
from fairdial.voice.rest import Rest
from fairdial.voice.sound import TELEPHONE_RATE, Samples, levels_db

_log = logging.getLogger(__name__)

_REST_S = 30.0
"""An engine that failed again and again is not asked for so long, unless nobody comes after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A recogniser under its name; `timeout_s` bounds all tries of one utterance, None waits for what runs here."""

    name: str
    recogniser: Recogniser
    timeout_s: float | None = None
    retries: int = 0


class Recognition:
    """Asks engines in their order until one has written something down.

    Args:
        held: Clients and threads of the engines, let go by `close`.
        now: Seconds on a clock that only goes forward.
        failed: Is told the name of an engine that did not answer.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        *,
        held: AsyncExitStack | None = None,
        now: Callable[[], float] = time.monotonic,
        failed: Callable[[str], None] = lambda _engine: None,
    ) -> None:
        self._engines = tuple((engine, Rest(_REST_S, now)) for engine in engines)
        self._held = held or AsyncExitStack()
        self._failed = failed

    async def words(self, samples: Samples, hints: Hints = NO_HINTS) -> Recognised:
        """The words of one utterance, 8000 Hz; `NOTHING` when there are none or every engine failed."""
        if not holds_speech(levels_db(samples)):
            return NOTHING
        for engine, rest in self._engines:
            if rest.lasts and engine is not self._engines[-1][0]:
                continue
            try:
                recognised = await _ask(engine, samples, hints)
            except RecognitionError as error:
                _log.warning("recognition 语音识别: %s failed 失败: %s", engine.name, error)
                rest.failed()
                self._failed(engine.name)
                continue
            rest.succeeded()
            return words_heard(recognised, seconds=len(samples) / TELEPHONE_RATE, sure_from=hints.sure_from)
        _log.error("recognition 语音识别: no engine answered 全部失败; the person is asked again")
        return NOTHING

    async def close(self) -> None:
        await self._held.aclose()


async def _ask(engine: Engine, samples: Samples, hints: Hints) -> Recognised:
    """Ask one engine, again within its time if it fails.

    Raises:
        RecognitionError: It failed every time, or its time is over.
    """
    try:
        async with asyncio.timeout(engine.timeout_s):
            for _ in range(engine.retries):
                try:
                    return await engine.recogniser.recognise(samples, hints)
                except RecognitionError:
                    continue
            return await engine.recogniser.recognise(samples, hints)
    except TimeoutError as error:
        raise RecognitionError(f"no answer within {engine.timeout_s} s 超时") from error


class BlockingRecogniser(Protocol):
    """What runs in this process and takes its time; see `WhisperRecogniser`."""

    def recognise(self, samples: Samples, hints: Hints) -> Recognised: ...


class InThread:
    """A blocking recogniser on its own thread, off the voice clock (`fairdial.ports.Recogniser`)."""

    def __init__(self, recogniser: BlockingRecogniser, worker: ThreadPoolExecutor) -> None:
        self._recogniser, self._worker = recogniser, worker

    async def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._recogniser.recognise, samples, hints)
