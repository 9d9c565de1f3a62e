"""A language model that is asked over HTTP: whatever it does, the call goes on within its time limit."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Iterator

import httpx
import pytest

from fairdial.core.dialogue.choosing import EVIDENCE
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Level
from fairdial.settings import ChooserSettings
from fairdial.voice.chooser import EndpointChooser, open_chooser
from tests.core.test_choosing import COURSE, INVITED, heard, id_of
from tests.voice.endpoint import Endpoint, endpoint

KEY = "key-that-nobody-may-read"


@pytest.fixture
def model() -> Iterator[Endpoint]:
    with endpoint() as told:
        told.says(id_of(Meaning.ASK_DETAIL))
        yield told


class Clock:
    """Seconds, moved on by the test."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def settings(url: str, *, timeout_s: float = 5.0, budget: int = 100, level: Level = Level.PRIVATE) -> ChooserSettings:
    return ChooserSettings(url=url, model="small", key=KEY, timeout_s=timeout_s, budget=budget, level=level)


def settle(
    chosen_by: ChooserSettings, *events: SentenceHeard, clock: Clock | None = None, wait_s: float = 0
) -> list[SentenceHeard]:
    """Ask about one sentence after another, `wait_s` on the clock apart."""
    clock = clock or Clock()

    async def ask() -> list[SentenceHeard]:
        async with httpx.AsyncClient(trust_env=False) as client:
            chooser = EndpointChooser(chosen_by, client, now=clock)
            answers = []
            for event in events:
                answers.append(await chooser.settle(COURSE, INVITED, event))
                clock.now += wait_s
            return answers

    return asyncio.run(ask())


def test_a_valid_choice_becomes_the_meaning(model: Endpoint) -> None:
    (answer,) = settle(settings(model.url), heard())
    assert answer.understood.meaning is Meaning.ASK_DETAIL and answer.understood.evidence == EVIDENCE
    ((path, headers, body),) = model.requests
    assert path == "/v1/chat/completions" and headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(body)["model"] == "small" and json.loads(body)["temperature"] == 0


@pytest.mark.parametrize(
    "content", ["c999", "选 c1,因为对方想了解", '{"choice": "c1"}', "", None, 7, ["c1"], {"id": "c1"}]
)
def test_an_answer_outside_of_the_options_leaves_the_built_in_meaning(model: Endpoint, content: object) -> None:
    model.says(content)
    assert settle(settings(model.url), heard()) == [heard()]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not json", b"[]", b'"c1"', b'{"choices": []}', b'{"choices": [{"text": "c1"}]}', b'{"choices": null}',
        b"[" * 60_000, b"x" * 1_000_000, gzip.compress(b'{"choices": [{"message": {"content": "c1"}}]}', mtime=0), b"\xff\xfe",
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_or_without_end_leaves_the_built_in_meaning(model: Endpoint, body: bytes) -> None:
    model.body = body
    assert settle(settings(model.url), heard()) == [heard()]


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500, 503])
def test_an_error_of_the_endpoint_leaves_the_built_in_meaning_and_is_not_tried_again(
    model: Endpoint, status: int
) -> None:
    model.status = status
    assert settle(settings(model.url), heard()) == [heard()] and len(model.requests) == 1


def test_nobody_there_leaves_the_built_in_meaning() -> None:
    assert settle(settings("http://127.0.0.1:9/v1"), heard()) == [heard()]


def test_a_slow_answer_is_not_waited_for(model: Endpoint) -> None:
    model.released.clear()
    began = time.monotonic()
    assert settle(settings(model.url, timeout_s=0.2), heard()) == [heard()]
    assert time.monotonic() - began < 2.0


def test_a_spent_budget_asks_no_more_until_the_hour_is_over(model: Endpoint) -> None:
    answers = settle(settings(model.url, budget=2), *[heard()] * 5, wait_s=900)
    assert [answer.understood.evidence for answer in answers] == [EVIDENCE, EVIDENCE, "model", "model", EVIDENCE]
    assert len(model.requests) == 3


def test_a_budget_of_nothing_asks_nobody(model: Endpoint) -> None:
    assert settle(settings(model.url, budget=0), heard()) == [heard()] and model.requests == []


def test_three_failures_in_a_row_let_the_endpoint_rest_for_a_minute(model: Endpoint) -> None:
    model.status = 500
    settle(settings(model.url), *[heard()] * 6, wait_s=19)
    assert len(model.requests) == 3


def test_the_endpoint_is_asked_again_after_its_rest(model: Endpoint) -> None:
    model.status, clock = 500, Clock()

    async def ask() -> list[str]:
        async with httpx.AsyncClient(trust_env=False) as client:
            chooser = EndpointChooser(settings(model.url), client, now=clock)
            for _ in range(3):
                await chooser.settle(COURSE, INVITED, heard())
            model.status = 200
            resting = await chooser.settle(COURSE, INVITED, heard())
            clock.now += 60
            return [resting.understood.evidence, (await chooser.settle(COURSE, INVITED, heard())).understood.evidence]

    assert asyncio.run(ask()) == ["model", EVIDENCE] and len(model.requests) == 4


def test_a_call_that_ends_while_somebody_is_asked_ends_at_once(model: Endpoint) -> None:
    model.released.clear()

    async def hang_up() -> None:
        async with open_chooser(settings(model.url)) as chooser:
            assert chooser is not None
            asking = asyncio.create_task(chooser.settle(COURSE, INVITED, heard()))
            while not model.requests:
                await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(hang_up())


def test_neither_key_nor_words_nor_answers_are_logged(model: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    model.says("回答里的话")
    settle(settings(model.url), heard("那个你讲讲看嘛"))
    model.status = 500
    settle(settings(model.url), *[heard("那个你讲讲看嘛")] * 4)
    assert "not asked for 60 s" in caplog.text
    assert not any(word in caplog.text for word in (KEY, "你讲讲看", "回答里的话"))
    assert KEY not in repr(settings(model.url))


def test_nothing_above_the_level_reaches_the_endpoint(model: Endpoint) -> None:
    event = heard("我是汪女士,电话 138 0000 1234,你讲讲数学思维课看嘛")
    assert settle(settings(model.url, level=Level.GENERAL), event) == [event] and model.requests == []
    settle(settings(model.url, level=Level.PRIVATE), event)
    ((_, _, body),) = model.requests
    told = json.dumps(json.loads(body), ensure_ascii=False)
    assert "你讲讲" in told
    assert not any(canary in told for canary in ("王女士", "汪女士", "数学思维课", "138", "1234"))


def test_without_settings_nobody_is_asked() -> None:
    async def opened() -> object:
        async with open_chooser(None) as chooser:
            return chooser

    assert asyncio.run(opened()) is None
