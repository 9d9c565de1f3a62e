"""One contract over every recogniser: embedded, local, over HTTP and over a WebSocket."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from fairdial.core.hearing.hints import ANNOUNCEMENT, Hints
from fairdial.errors import SettingsError
from fairdial.models import require
from fairdial.ports import Recogniser
from fairdial.settings import TranscriptionSettings, read_settings
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.recognise_endpoint import TranscriptionEndpoint
from fairdial.voice.recognise_funasr import FunasrRecogniser
from fairdial.voice.recognise_sherpa import SherpaRecogniser
from fairdial.voice.recognition import BlockingRecogniser, Engine, InThread, Recognition
from fairdial.voice.sound import Samples
from tests.voice.endpoint import endpoint
from tests.voice.funasr_server import FunasrServer, serving
from tests.voice.recogniser_contract import EVERYTHING, SPOKEN, WORDS, RecogniserContract, noise, silence

SHERPA = os.environ.get("FAIRDIAL_SHERPA_MODEL", "")


@cache
def whisper() -> WhisperRecogniser:
    return WhisperRecogniser(require("whisper-base", read_settings(os.environ).models))


@asynccontextmanager
async def threaded(recogniser: BlockingRecogniser) -> AsyncIterator[Recogniser]:
    with ThreadPoolExecutor(max_workers=1) as worker:
        yield InThread(recogniser, worker)


class TestWhisper(RecogniserContract):
    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Recogniser]:
        async with threaded(whisper()) as recogniser:
            yield recogniser

    def test_a_cough_says_nothing(self) -> None:
        """Synthetic bursts: a cough was heard as 嗯, which is a yes to a question of fact."""
        coughs = [cough(seconds) for seconds in (0.15, 0.3, 0.45)]

        async def ask() -> list[str]:
            async with self.opened() as recogniser:
                recognition = Recognition([Engine(name="it", recogniser=recogniser)])
                return [(await recognition.words(cough)).text for cough in coughs]

        assert asyncio.run(ask()) == ["", "", ""]


def cough(seconds: float) -> Samples:
    """A burst that dies away, on a line that is not quite silent."""
    sound = noise(seconds, loudness=0.1)
    dying = (sound * np.exp(-np.linspace(0, 6, len(sound)))).astype(np.int16)
    return (
        np.concatenate([silence(0.3), dying, silence(0.4)]) + noise(0.7 + seconds, loudness=0.0005)[: len(dying) + 5600]
    )


@pytest.mark.skipif(not SHERPA, reason="FAIRDIAL_SHERPA_MODEL names no folder of a sherpa-onnx model: not tested here")
class TestSherpa(RecogniserContract):
    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Recogniser]:
        async with threaded(SherpaRecogniser(Path(SHERPA))) as recogniser:
            yield recogniser


class TestEndpoint(RecogniserContract):
    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Recogniser]:
        with endpoint() as server:
            server.replies = heard_in_upload
            async with httpx.AsyncClient(trust_env=False) as client:
                yield TranscriptionEndpoint(TranscriptionSettings(url=server.url, model="small", key="k"), client)


class TestFunasr(RecogniserContract):
    flavour = "cpp"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Recogniser]:
        async with serving(FunasrServer(hears=WORDS, flavour=self.flavour)) as server:
            yield FunasrRecogniser(server.url)


class TestFunasrInPython(TestFunasr):
    flavour = "python"


def heard_in_upload(body: bytes) -> bytes:
    """`WORDS` when the WAV file in the form is loud."""
    sound, rate = soundfile.read(io.BytesIO(body[body.index(b"RIFF") :]))
    assert rate == 16_000
    return json.dumps({"text": WORDS if np.abs(sound).max(initial=0) > 0.02 else ""}).encode()


def told_to_the_endpoint(hints: Hints) -> str:
    async def ask() -> bytes:
        with endpoint() as server:
            server.replies = heard_in_upload
            async with httpx.AsyncClient(trust_env=False) as client:
                settings = TranscriptionSettings(url=server.url, model="small", key="secret")
                await TranscriptionEndpoint(settings, client).recognise(SPOKEN, hints)
            ((path, headers, body),) = server.requests
        assert path == "/v1/audio/transcriptions" and headers["Authorization"] == "Bearer secret"
        assert "secret" not in repr(settings)
        return body

    return asyncio.run(ask()).decode("utf-8", "replace")


def test_the_endpoint_is_told_language_model_and_hints() -> None:
    body = told_to_the_endpoint(Hints(asked="现在方便吗?", words=("明湖物业",)))
    assert all(told in body for told in ('name="model"', "small", 'name="language"', "zh", "明湖物业现在方便吗?"))


def test_the_endpoint_is_not_told_what_only_a_sure_recogniser_may_be() -> None:
    """It tells no confidence: what networks say could come back on anything."""
    assert "prompt" not in told_to_the_endpoint(ANNOUNCEMENT)


def test_funasr_is_told_hot_words_as_both_of_its_servers_read_them() -> None:
    async def ask() -> FunasrServer:
        async with serving(FunasrServer(hears=WORDS)) as server:
            await FunasrRecogniser(server.url).recognise(SPOKEN, EVERYTHING)
            return server

    server = asyncio.run(ask())
    (told,) = server.settings
    assert told["mode"] == "2pass" and told["audio_fs"] == 16_000 and told["is_speaking"] is True
    assert json.loads(told["hotwords"])["热词7"] == 20 and "热词7" in told["hotword"].split(" ")
    assert server.seconds == [pytest.approx(len(SPOKEN) / 8000, abs=0.01)]


def test_sherpa_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(SettingsError, match="tells no kind of model"):
        SherpaRecogniser(tmp_path / "model")
