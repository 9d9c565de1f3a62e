"""Text to speech by any OpenAI-compatible `/audio/speech`: asked ahead of the calls, never during one."""

from __future__ import annotations

import io
from dataclasses import dataclass

import httpx
import numpy as np
import soundfile

from fairdial.core.script.clip import Wording
from fairdial.errors import SpeechError
from fairdial.voice.render import Speech

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEndpoint:
    """A speech server; `url` is its base, such as `http://127.0.0.1:8000/v1`.

    The values of variables are part of what is sent: names, products, amounts.
    """

    url: str
    model: str
    key: str | None = None

    def speak(self, wording: Wording) -> Speech:
        """Have one wording spoken.

        Raises:
            SpeechError: The server does not answer, refuses, or sends no sound.
        """
        asked = {
            "model": self.model,
            "voice": wording.voice,
            "input": wording.aloud,
            "speed": wording.speed,
            "response_format": "wav",
        }
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            answer = httpx.post(
                f"{self.url.rstrip('/')}/audio/speech", json=asked, headers=headers, timeout=_PATIENCE_S
            )
            answer.raise_for_status()
            samples, rate = soundfile.read(io.BytesIO(answer.content), dtype="float32", always_2d=True)
        except httpx.HTTPError as error:
            raise SpeechError(f"{self.url}: {type(error).__name__}: {error} 语音合成服务没有应答") from error
        except soundfile.LibsndfileError as error:
            raise SpeechError(f"{self.url}: answered, but not with sound 返回的不是声音 ({error})") from error
        return Speech(np.ascontiguousarray(samples[:, 0]), int(rate))
