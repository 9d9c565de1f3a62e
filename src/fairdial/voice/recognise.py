"""Speech to text: Whisper base on CTranslate2, the encoder window cut to the utterance.

Whisper pads every utterance to 30 s; a window of 10 s (or the utterance and half
a second) costs a third of the time at the same error rate on telephone speech
(docs/why/hearing.md). Features: Radford et al. 2022, log-mel of 80 bands.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.errors import RecognitionError
from fairdial.voice.sound import RECOGNISED_RATE as _RATE
from fairdial.voice.sound import TELEPHONE_RATE, Samples, resample

_FFT, _HOP, _BANDS = 400, 160, 80
_LEAST_S = 10.0
_SPARE_S = 0.5
_TOKENS_A_SECOND = 9
"""More than people say; caps what Whisper makes up on noise."""

_PROMPT = "嗯。哦。喂,你好。对,是我。好的。"
"""What telephone answers look like: short words and simplified characters, so that the answer has them too.

What was just asked follows it: 我打七分 is no longer heard as 我打气氛 (docs/why/hearing.md).
"""

Floats = npt.NDArray[np.float32]


class WhisperRecogniser:
    """Recognises Mandarin utterances; blocking, one utterance at a time."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def recognise(self, samples: Samples, hints: Hints = NO_HINTS) -> Recognised:
        """Write down one utterance.

        Args:
            samples: s16 mono, 8000 Hz, up to 29 s.
            hints: What was asked becomes the text before the answer; hot words do not help here.

        Returns:
            The text, as Whisper wrote it; `confidence` is the mean probability of a token.

        Raises:
            RecognitionError: The engine failed.
        """
        try:
            return self._recognise(samples, self._prompt(hints.asked))
        except RuntimeError as error:
            raise RecognitionError("Whisper: the engine failed 引擎出错") from error

    def _prompt(self, asked: str) -> list[int]:
        plain = asked.replace("|", "")  # a value of a list may be written like a mark of Whisper's
        marked = f"<|startofprev|>{_PROMPT}{plain}<|startoftranscript|><|zh|><|transcribe|><|notimestamps|>"
        return list(self._tokenizer.encode(marked, add_special_tokens=False).ids)

    def _recognise(self, samples: Samples, prompt: list[int]) -> Recognised:
        seconds = len(samples) / TELEPHONE_RATE
        wide = resample(samples, source_hz=TELEPHONE_RATE, target_hz=_RATE).astype(np.float32) / 32768.0
        window_s = min(29.5, max(_LEAST_S, seconds + _SPARE_S))
        features = log_mel(np.pad(wide, (0, max(0, int(window_s * _RATE) - len(wide)))))
        result = self._model.generate(
            ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None])),
            [prompt],
            beam_size=5,
            max_length=len(prompt) + 4 + int(seconds * _TOKENS_A_SECOND),
            no_repeat_ngram_size=6,
            suppress_blank=True,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        text = self._tokenizer.decode(result.sequences_ids[0], skip_special_tokens=True).strip()
        return Recognised(text=text, confidence=float(np.exp(result.scores[0])), no_speech=float(result.no_speech_prob))


def log_mel(samples: Floats) -> Floats:
    """Whisper's features: (80, frames) with a frame every 10 ms.

    Args:
        samples: mono in [-1, 1], 16,000 Hz.
    """
    padded = np.pad(samples, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:-1]
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    mel = np.log10(np.maximum(power @ _mel_filters().T, 1e-10))
    limited = np.maximum(mel, mel.max() - 8.0)
    return np.asarray(((limited + 4.0) / 4.0).T, dtype=np.float32)


@cache
def _mel_filters() -> Floats:
    """Triangular filters on Slaney's mel scale, each of unit area: (80, 201)."""
    frequencies = np.linspace(0, _RATE / 2, _FFT // 2 + 1)
    edges = _hertz(np.linspace(_mel(0.0), _mel(_RATE / 2), _BANDS + 2))
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None], dtype=np.float32)


_LINEAR_TO_HZ = 1000.0
_HZ_A_MEL = 200.0 / 3.0
_LOG_STEP = np.log(6.4) / 27.0


def _mel(hertz: float) -> float:
    """Slaney's scale: linear to 1 kHz, logarithmic above (Auditory Toolbox, 1998)."""
    if hertz < _LINEAR_TO_HZ:
        return hertz / _HZ_A_MEL
    return float(_LINEAR_TO_HZ / _HZ_A_MEL + np.log(hertz / _LINEAR_TO_HZ) / _LOG_STEP)


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    knee = _LINEAR_TO_HZ / _HZ_A_MEL
    above = _LINEAR_TO_HZ * np.exp(_LOG_STEP * (mels - knee))
    return np.where(mels < knee, mels * _HZ_A_MEL, above)
