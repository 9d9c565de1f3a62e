"""Ask a language model what a doubtful sentence means: one attempt, a hard time limit, a budget, a rest after failures.

A hand: it carries a question of `core/dialogue/choosing.py` to an OpenAI-compatible endpoint and an id back. Whatever
goes wrong, the built-in meaning stands. Neither key nor words nor answers are logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from fairdial.core.contacts.levels import is_within, level_of
from fairdial.core.dialogue.choosing import Question, chosen, question_about, settled
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.state import State
from fairdial.core.script.model import Script
from fairdial.settings import ChooserSettings
from fairdial.voice.rest import Rest

_log = logging.getLogger(__name__)

_LONGEST_BODY = 64 * 1024
"""Bytes read of an answer; an id takes some hundred."""

_LONGEST_ID = 16
"""Tokens asked for; more would be prose."""

_REST_S = 60.0

_HOUR_S = 3600.0


class EndpointChooser:
    """Asks an OpenAI-compatible endpoint (`fairdial.ports.Chooser`).

    Args:
        client: Closed by whoever opened it.
        now: Seconds on a clock that only goes forward.
    """

    def __init__(
        self, settings: ChooserSettings, client: httpx.AsyncClient, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._client = settings, client
        self._allowance = _Allowance(settings.budget, now)

    async def settle(self, script: Script, state: State, heard: SentenceHeard) -> SentenceHeard:
        question = question_about(script, state, heard, at_most=self._settings.level)
        if question is None or not self._allowance.take():
            return heard
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                reply = await self._reply(question)
        except (
            TimeoutError,
            httpx.HTTPError,
            httpx.InvalidURL,
            ValueError,
            LookupError,
            TypeError,
            RecursionError,
        ) as error:
            self._allowance.failed(type(error).__name__)
            return heard
        self._allowance.succeeded()
        return settled(heard, chosen(question.options, reply))

    async def _reply(self, question: Question) -> str:
        """The text of the answer.

        Raises:
            httpx.HTTPError: The endpoint is out of reach or answers with an error.
            ValueError, LookupError, TypeError, RecursionError: Its answer has another shape or is too long.
        """
        body = {
            "model": self._settings.model,
            "messages": [
                {"role": "system", "content": question.instruction},
                {"role": "user", "content": question.sentence},
            ],
            "temperature": 0,
            "max_tokens": _LONGEST_ID,
        }
        headers = {"Accept-Encoding": "identity"}
        if self._settings.key:
            headers["Authorization"] = f"Bearer {self._settings.key}"
        url = f"{self._settings.url}/chat/completions"
        async with self._client.stream("POST", url, json=body, headers=headers) as response:
            response.raise_for_status()
            answer = bytearray()
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > _LONGEST_BODY:
                    raise ValueError("the answer is too long")
        return str(json.loads(answer)["choices"][0]["message"]["content"])


class _Allowance:
    """How often the endpoint may still be asked: so many times an hour, and not while it rests after failures."""

    def __init__(self, budget: int, now: Callable[[], float]) -> None:
        self._budget, self._now = budget, now
        self._hour_began, self._spent = now(), 0
        self._rest = Rest(_REST_S, now)

    def take(self) -> bool:
        if self._rest.lasts:
            return False
        now = self._now()
        if now - self._hour_began >= _HOUR_S:
            self._hour_began, self._spent = now, 0
        self._spent += 1
        if self._spent == self._budget + 1:
            _log.warning(
                "chooser 选择器: the budget of %d requests for this hour is spent 本小时额度已用完", self._budget
            )
        return self._spent <= self._budget

    def failed(self, what: str) -> None:
        if self._rest.failed():
            _log.warning("chooser 选择器: not asked for %d s 暂停 after failures, the last %s", _REST_S, what)

    def succeeded(self) -> None:
        self._rest.succeeded()


@asynccontextmanager
async def open_chooser(settings: ChooserSettings | None) -> AsyncIterator[EndpointChooser | None]:
    """Open who is asked about doubtful sentences; None when nobody is."""
    if settings is None:
        yield None
        return
    if not is_within(level_of("heard"), settings.level):
        _log.warning(
            "chooser 选择器: never asked 不会使用: FAIRDIAL_CHOOSER_LEVEL=%s keeps what people say here", settings.level
        )
    async with httpx.AsyncClient(timeout=settings.timeout_s, trust_env=False) as client:
        yield EndpointChooser(settings, client)
