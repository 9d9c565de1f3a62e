"""Speech to text by FunASR's WebSocket protocol: a streaming pass while sound arrives, a second one over the sentence.

Protocol: modelscope/FunASR, runtime/docs/websocket_protocol.md. A connection carries one utterance: settings as
JSON, sound in chunks, `is_speaking: false`, then results. What the second pass writes counts; a server may split
an utterance into several.
"""

from __future__ import annotations

import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from fairdial.core.hearing.hints import Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.errors import RecognitionError
from fairdial.voice.sound import RECOGNISED_RATE, TELEPHONE_RATE, Samples, resample

_CHUNK = RECOGNISED_RATE * 2 * 60 // 1000
"""Bytes of 60 ms; ten of them are a step of the streaming pass (`chunk_size` 5, 10, 5)."""

_WEIGHT = 20
"""Of a hot word, as in the protocol's own example."""

_MORE_S = 0.2
"""How long to wait for another part after one that is not said to be the last: servers differ in what `is_final` means."""

_LONGEST_MESSAGE = 64 * 1024
_MOST_MESSAGES = 1000


class FunasrRecogniser:
    """Asks a FunASR server (`fairdial.ports.Recogniser`); `url` begins with ws:// or wss://."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        try:
            server = await connect(
                self._url,
                subprotocols=[Subprotocol("binary")],
                compression=None,
                ping_interval=None,
                max_size=_LONGEST_MESSAGE,
                proxy=None,
            )
            try:
                await _speak(server, samples, hints)
                return Recognised(text=await _second_pass(server), confidence=1.0)
            finally:
                server.transport.abort()  # the person does not wait for a closing handshake
        except (WebSocketException, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise RecognitionError(f"FunASR server: {type(error).__name__} 语音识别服务没有给出文字") from error


async def _speak(server: ClientConnection, samples: Samples, hints: Hints) -> None:
    weights = dict.fromkeys(hints.words, _WEIGHT)
    settings = {
        "mode": "2pass",
        "wav_name": "call",
        "wav_format": "pcm",
        "audio_fs": RECOGNISED_RATE,
        "chunk_size": [5, 10, 5],
        "chunk_interval": 10,
        "is_speaking": True,
        "itn": True,
        "hotwords": json.dumps(weights, ensure_ascii=False),  # the C++ server
        "hotword": " ".join(hints.words),  # the Python server
    }
    await server.send(json.dumps(settings, ensure_ascii=False))
    sound = resample(samples, source_hz=TELEPHONE_RATE, target_hz=RECOGNISED_RATE).astype("<i2").tobytes()
    for start in range(0, len(sound), _CHUNK):
        await server.send(sound[start : start + _CHUNK])
    await server.send(json.dumps({"is_speaking": False}))


async def _second_pass(server: ClientConnection) -> str:
    """Everything the second pass writes, joined; waits as long as the caller does for its first part.

    Raises:
        ConnectionClosed: The server leaves without having written anything.
        ValueError, LookupError, TypeError: It sends another shape, or never stops.
    """
    parts: list[str] = []
    for _ in range(_MOST_MESSAGES):
        try:
            async with asyncio.timeout(_MORE_S if parts else None):
                told = json.loads(await server.recv())
        except TimeoutError:
            return "".join(parts)
        except ConnectionClosed:
            if parts:
                return "".join(parts)
            raise
        if told["mode"] in ("2pass-offline", "offline"):
            if not isinstance(told["text"], str):
                raise TypeError("the text is none")
            parts.append(told["text"])
            if told.get("is_final"):
                return "".join(parts)
    raise ValueError("the server never stops")
