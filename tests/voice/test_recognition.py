"""Whatever happens to a recogniser, the next is asked, and the call hears at worst that nothing was clear."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import websockets.exceptions

from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.words_heard import NOTHING, Recognised
from fairdial.errors import ModelError, RecognitionError
from fairdial.settings import TranscriptionSettings, read_settings
from fairdial.voice.recognise_endpoint import TranscriptionEndpoint
from fairdial.voice.recognise_funasr import FunasrRecogniser
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.recognition import Engine, Recognition
from fairdial.voice.sound import Samples
from tests.voice.endpoint import Endpoint, endpoint
from tests.voice.funasr_server import FunasrServer, serving
from tests.voice.recogniser_contract import SPOKEN, WORDS


class Fixed:
    """Always hears the same, or fails so many times first."""

    def __init__(self, text: str = "好的", *, failing: int = 0, error: Exception | None = None) -> None:
        self.text, self.failing, self.asked = text, failing, 0
        self.error = error or RecognitionError("away")

    async def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        self.asked += 1
        if self.asked <= self.failing:
            raise self.error
        return Recognised(text=self.text, confidence=1.0)


class Slow(Fixed):
    async def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        await asyncio.sleep(5)
        return await super().recognise(samples, hints)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def words(*engines: Engine, times: int = 1, clock: Callable[[], float] = time.monotonic) -> list[str]:
    async def ask() -> list[str]:
        recognition = Recognition(engines, now=clock)
        return [(await recognition.words(SPOKEN)).text for _ in range(times)]

    return asyncio.run(ask())


NEVER = 1000


def test_the_next_is_asked_when_one_fails() -> None:
    first, second = Fixed(failing=NEVER), Fixed("不需要")
    assert words(Engine(name="a", recogniser=first), Engine(name="b", recogniser=second)) == ["不需要"]


def test_one_that_fails_is_asked_again_as_often_as_is_set() -> None:
    flaky, other = Fixed("是我", failing=2), Fixed("不需要")
    assert words(Engine(name="a", recogniser=flaky, retries=2), Engine(name="b", recogniser=other)) == ["是我"]
    assert flaky.asked == 3 and other.asked == 0


def test_nobody_waits_for_a_slow_one() -> None:
    began = time.monotonic()
    slow = Engine(name="a", recogniser=Slow(), timeout_s=0.1, retries=3)
    assert words(slow, Engine(name="b", recogniser=Fixed("不需要"))) == ["不需要"]
    assert time.monotonic() - began < 2.0


def test_when_all_fail_nothing_was_clear(caplog: pytest.LogCaptureFixture) -> None:
    assert words(
        Engine(name="a", recogniser=Fixed(failing=NEVER)), Engine(name="b", recogniser=Slow(), timeout_s=0.05)
    ) == [""]
    assert "no engine answered" in caplog.text


def test_one_that_keeps_failing_rests_and_is_asked_again_after_its_rest() -> None:
    bad, good, clock = Fixed("是我", failing=3), Fixed("不需要"), Clock()
    failed: list[str] = []

    async def ask() -> list[str]:
        engines = [Engine(name="a", recogniser=bad), Engine(name="b", recogniser=good)]
        recognition = Recognition(engines, now=clock, failed=failed.append)
        early = [(await recognition.words(SPOKEN)).text for _ in range(5)]
        clock.now += 30
        return [*early, (await recognition.words(SPOKEN)).text]

    assert asyncio.run(ask()) == ["不需要"] * 5 + ["是我"] and bad.asked == 4
    assert failed == ["a"] * 3


def test_the_last_one_never_rests() -> None:
    bad = Fixed("是我", failing=4)
    assert words(Engine(name="a", recogniser=bad), times=5, clock=Clock()) == ["", "", "", "", "是我"]


def test_what_is_heard_is_guarded_whoever_heard_it() -> None:
    assert words(Engine(name="a", recogniser=Fixed("謝謝謝謝謝謝謝謝謝謝"))) == ["谢谢谢"]
    assert words(Engine(name="a", recogniser=Fixed("请不吝点赞订阅"))) == [""]
    assert words(Engine(name="a", recogniser=Fixed("好" + "的话" * 40_000))) == [""]


def test_a_defect_is_no_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        words(Engine(name="a", recogniser=Fixed(failing=1, error=ZeroDivisionError())), times=1)


def fails_over_http(prepare: Callable[[Endpoint], None], *, timeout_s: float = 5.0) -> list[str]:
    """Ask an endpoint that has been prepared, then one that works."""

    async def ask() -> list[str]:
        with endpoint() as server:
            prepare(server)
            async with httpx.AsyncClient(trust_env=False) as client:
                settings = TranscriptionSettings(url=server.url, model="m", key=None)
                engine = TranscriptionEndpoint(settings, client)
                recognition = Recognition(
                    [
                        Engine(name="openai", recogniser=engine, timeout_s=timeout_s),
                        Engine(name="next", recogniser=Fixed("不需要")),
                    ]
                )
                return [(await recognition.words(SPOKEN)).text]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><html><body>502 Bad Gateway</body></html>", b"", b"[]", b'"text"', b'{"text": null}',
        b'{"text": 7}', b'{"error": {"message": "no such model"}}', b"[" * 60_000, b"\xff\xfe\x00", b" " * 1_000_000,
    ],
)  # fmt: skip
def test_an_endpoint_that_answers_otherwise_is_passed_over(body: bytes) -> None:
    assert fails_over_http(lambda server: setattr(server, "body", body)) == ["不需要"]


@pytest.mark.parametrize("status", [301, 401, 404, 413, 429, 500, 503])
def test_an_endpoint_with_an_error_is_passed_over(status: int) -> None:
    def prepare(server: Endpoint) -> None:
        server.status, server.body = status, b'{"text": "error"}'

    assert fails_over_http(prepare) == ["不需要"]


def test_an_endpoint_that_closes_or_is_slow_is_passed_over() -> None:
    assert fails_over_http(lambda server: setattr(server, "hangs_up", True)) == ["不需要"]
    assert fails_over_http(lambda server: server.released.clear(), timeout_s=0.2) == ["不需要"]


@pytest.mark.parametrize("fails", ["closes", "garbage", "silent", "endless"])
def test_a_funasr_server_that_fails_is_passed_over(fails: str) -> None:
    async def ask() -> str:
        async with serving(FunasrServer(hears=WORDS, fails=fails)) as server:
            engine = Engine(name="funasr", recogniser=FunasrRecogniser(server.url), timeout_s=0.5)
            recognition = Recognition([engine, Engine(name="next", recogniser=Fixed("不需要"))])
            return (await recognition.words(SPOKEN)).text

    assert asyncio.run(ask()) == "不需要"


def test_what_speaks_http_or_nothing_at_all_is_no_funasr_server() -> None:
    async def ask(url: str) -> None:
        with pytest.raises(RecognitionError):
            await FunasrRecogniser(url).recognise(SPOKEN, NO_HINTS)

    with endpoint() as web:
        asyncio.run(ask(web.url.replace("http", "ws")))
    asyncio.run(ask("ws://127.0.0.1:9"))


def test_every_error_of_the_libraries_below_is_one_of_ours() -> None:
    below = [e for _, e in inspect.getmembers(httpx, inspect.isclass) if issubclass(e, Exception)]
    told = (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError)
    ours_alone = (httpx.CookieConflict, httpx.StreamError)  # we neither read cookies nor a stream twice
    assert [e for e in below if not issubclass(e, told + ours_alone)] == []
    named = [getattr(websockets.exceptions, name) for name in websockets.exceptions.__all__]
    sockets = [e for e in named if issubclass(e, Exception)]
    assert [
        e
        for e in sockets
        if not issubclass(e, (websockets.exceptions.WebSocketException, OSError, ValueError, TypeError))
    ] == []


def test_neither_words_nor_keys_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert fails_over_http(lambda server: setattr(server, "body", '{"words": "别再打了"}'.encode())) == ["不需要"]
    assert "openai failed" in caplog.text and not any(told in caplog.text for told in ("别再打了", "不需要"))


def test_a_model_that_is_missing_is_said_before_any_call(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="models fetch whisper-base"):
        asyncio.run(open_recognition(read_settings({}).recognition, tmp_path))


def test_engines_are_opened_in_their_order_and_closed(tmp_path: Path) -> None:
    with endpoint() as server:
        server.body = '{"text": "是我"}'.encode()
        settings = read_settings(
            {
                "FAIRDIAL_RECOGNISER": "funasr,openai",
                "FAIRDIAL_FUNASR_URL": "ws://127.0.0.1:9",
                "FAIRDIAL_TRANSCRIPTION_URL": server.url,
                "FAIRDIAL_TRANSCRIPTION_MODEL": "m",
            }
        ).recognition

        async def ask() -> Recognised:
            recognition = await open_recognition(settings, tmp_path)
            try:
                return await recognition.words(SPOKEN)
            finally:
                await recognition.close()

        assert asyncio.run(ask()) == Recognised(text="是我", confidence=1.0) != NOTHING
