"""Speech to text by any OpenAI-compatible `/audio/transcriptions`: FunASR, vLLM, SenseVoice and Whisper servers."""

from __future__ import annotations

import io
import json

import httpx
import soundfile

from fairdial.core.hearing.hints import Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.errors import RecognitionError
from fairdial.settings import TranscriptionSettings
from fairdial.voice.sound import RECOGNISED_RATE, TELEPHONE_RATE, Samples, resample

_LONGEST_BODY = 64 * 1024
"""Bytes read of an answer; a sentence takes some hundred."""

_LONGEST_PROMPT = 200
"""Characters of hot words; Whisper servers read the last 224 tokens, so the question stands behind them."""


class TranscriptionEndpoint:
    """Sends each utterance as WAV and reads its text (`fairdial.ports.Recogniser`).

    Args:
        client: Closed by whoever opened it.
    """

    def __init__(self, settings: TranscriptionSettings, client: httpx.AsyncClient) -> None:
        self._settings, self._client = settings, client

    async def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        wide = resample(samples, source_hz=TELEPHONE_RATE, target_hz=RECOGNISED_RATE)
        wav = io.BytesIO()
        soundfile.write(wav, wide, RECOGNISED_RATE, format="WAV", subtype="PCM_16")
        form = {"model": self._settings.model, "language": "zh", "response_format": "json", "temperature": "0"}
        prompt = ",".join(hints.words)[:_LONGEST_PROMPT] + hints.asked
        if prompt and not hints.sure_from:  # no endpoint tells how sure it is
            form["prompt"] = prompt
        try:
            return Recognised(text=await self._text(wav.getvalue(), form), confidence=1.0)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, RecursionError) as error:
            raise RecognitionError(f"transcription endpoint: {type(error).__name__} 转写服务没有给出文字") from error

    async def _text(self, wav: bytes, form: dict[str, str]) -> str:
        """The text of the answer.

        Raises:
            httpx.HTTPError: The endpoint is out of reach or answers with an error.
            ValueError, LookupError, TypeError, RecursionError: Its answer has another shape or is too long.
        """
        headers = {"Accept-Encoding": "identity"}
        if self._settings.key:
            headers["Authorization"] = f"Bearer {self._settings.key}"
        url = f"{self._settings.url}/audio/transcriptions"
        files = {"file": ("speech.wav", wav, "audio/wav")}
        async with self._client.stream("POST", url, data=form, files=files, headers=headers) as response:
            response.raise_for_status()
            answer = bytearray()
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > _LONGEST_BODY:
                    raise ValueError("the answer is too long")
        text = json.loads(answer)["text"]
        if not isinstance(text, str):
            raise TypeError("the text is none")
        return text
