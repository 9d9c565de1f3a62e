"""Clips from a person's recordings and from a speech server, at one loudness."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fairdial.core.script.clip import Wording, clip_id
from fairdial.errors import InputError, SpeechError
from fairdial.voice.recorded import Recorded
from fairdial.voice.render import RATE, render_missing
from fairdial.voice.speech_endpoint import SpeechEndpoint

HELLO = Wording(text="您好", voice="alloy")
PRICE = Wording(text="2860元", voice="alloy", reads="两千八百六十元")


def tone(*, loudness: float, rate_hz: int) -> np.ndarray:
    """A second of sound between two halves of silence."""
    quiet = np.zeros(rate_hz // 2)
    wave = loudness * np.sin(np.arange(rate_hz) * 2 * np.pi * 220 / rate_hz)
    return np.concatenate([quiet, wave, quiet]).astype(np.float32)


@contextmanager
def speech_server(answer: bytes, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server of the OpenAI shape that always says the same; yields its base URL and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wav(samples: np.ndarray, rate_hz: int) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate_hz, format="WAV", subtype="PCM_16")
    return out.getvalue()


def loudness(path: Path) -> float:
    """Decibels of the voiced part, full scale 0."""
    samples, _ = soundfile.read(path)
    voiced = samples[np.abs(samples) > 0.012]
    return float(10 * np.log10(np.mean(voiced**2)))


def test_recordings_come_first_and_everything_is_equally_loud_and_trimmed(tmp_path: Path) -> None:
    studio, clips = tmp_path / "studio", tmp_path / "clips"
    studio.mkdir()
    soundfile.write(studio / f"{clip_id(HELLO)}.wav", tone(loudness=0.9, rate_hz=44_100), 44_100)
    with speech_server(wav(tone(loudness=0.05, rate_hz=16_000), 16_000)) as (url, asked):
        endpoint = SpeechEndpoint(url=url, model="m", key="secret")
        speakers = [Recorded(studio).speak, endpoint.speak]
        assert render_missing([HELLO, PRICE], clips, speakers, done=lambda _: None) == 2
        assert render_missing([HELLO, PRICE], clips, speakers, done=lambda _: None) == 0, "nothing is missing"
    [request] = asked
    assert request["path"] == "/v1/audio/speech" and request["key"] == "Bearer secret"
    assert (request["input"], request["voice"], request["model"]) == ("两千八百六十元", "alloy", "m")
    for wording in (HELLO, PRICE):
        path = clips / f"{clip_id(wording)}.ogg"
        assert loudness(path) == pytest.approx(-21, abs=1)
        assert soundfile.info(path).duration == pytest.approx(1.12, abs=0.05), "silence at both ends is cut"
    assert RATE == 24_000 and "2860元" in (clips / "index.tsv").read_text(encoding="utf-8")


def test_what_nobody_has_spoken_is_named_with_its_text(tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    with pytest.raises(InputError, match=f"{clip_id(HELLO)} 您好"):
        render_missing([HELLO], tmp_path / "clips", [Recorded(tmp_path / "studio").speak], done=lambda _: None)
    assert "您好" in (tmp_path / "clips" / "index.tsv").read_text(encoding="utf-8"), "the names to record under"


@pytest.mark.parametrize(("answer", "status"), [(b"busy", 503), (b"this is no sound", 200)])
def test_a_server_that_does_not_speak_is_said_to(tmp_path: Path, answer: bytes, status: int) -> None:
    with speech_server(answer, status) as (url, _), pytest.raises(SpeechError, match=r"127\.0\.0\.1"):
        render_missing([HELLO], tmp_path, [SpeechEndpoint(url=url, model="m").speak], done=lambda _: None)
