"""Speech to text by a local model through sherpa-onnx: SenseVoice, Paraformer or zipformer, from a folder of the operator's.

The package is an extra (`pip install fairdial[sherpa]`); the models are named in `models.toml`. What a folder holds is
told by its name, as sherpa-onnx's releases are named.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from fairdial.core.hearing.hints import Hints
from fairdial.core.hearing.words_heard import Recognised
from fairdial.errors import ModelError, RecognitionError, SettingsError
from fairdial.voice.sound import TELEPHONE_RATE, Samples

KINDS = ("sense-voice", "paraformer", "zipformer-ctc", "zipformer")
"""What stands in the name of a folder; the first that fits decides."""


class SherpaRecogniser:
    """Recognises utterances on this machine; blocking, one utterance at a time.

    Raises:
        ModelError: A file is missing or cannot be loaded.
        SettingsError: The package is not installed, or the folder's name tells no kind.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        kind = next((kind for kind in KINDS if kind in folder.name), None)
        if kind is None:
            raise SettingsError(
                f"FAIRDIAL_SHERPA_MODEL: {folder.name} tells no kind of model 文件夹名须含模型种类; one of {', '.join(KINDS)}"
            )
        try:
            sherpa = importlib.import_module("sherpa_onnx")
        except ImportError as error:
            raise SettingsError(
                "FAIRDIAL_RECOGNISER=sherpa needs the package sherpa-onnx 需要安装: pip install 'fairdial[sherpa]'"
            ) from error
        self._takes_hot_words = kind == "zipformer"
        try:
            self._recogniser = _open(sherpa.OfflineRecognizer, kind, folder, threads)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{folder}: sherpa-onnx cannot load it 无法加载 ({error})") from error

    def recognise(self, samples: Samples, hints: Hints) -> Recognised:
        """Write down one utterance.

        Args:
            samples: s16 mono, 8000 Hz; sherpa-onnx resamples.
            hints: Hot words are used by transducers (zipformer) only; the others have no way to take them.

        Raises:
            RecognitionError: The engine failed.
        """
        try:
            words = "/".join(map(" ".join, hints.words)) if self._takes_hot_words else ""
            stream = self._recogniser.create_stream(words) if words else self._recogniser.create_stream()
            stream.accept_waveform(TELEPHONE_RATE, samples.astype(np.float32) / 32768.0)
            self._recogniser.decode_stream(stream)
            return Recognised(text=str(stream.result.text), confidence=1.0)
        except (RuntimeError, ValueError) as error:
            raise RecognitionError(f"sherpa-onnx: {type(error).__name__} 没有给出文字") from error


def _open(recognizer: Any, kind: str, folder: Path, threads: int) -> Any:
    tokens = _file(folder, "tokens*.txt")
    if kind == "sense-voice":
        model = _file(folder, "model*.onnx")
        return recognizer.from_sense_voice(model, tokens, num_threads=threads, language="zh", use_itn=True)
    if kind == "paraformer":
        return recognizer.from_paraformer(_file(folder, "model*.onnx"), tokens, num_threads=threads)
    if kind == "zipformer-ctc":
        return recognizer.from_zipformer_ctc(_file(folder, "model*.onnx"), tokens, num_threads=threads)
    parts = [_file(folder, f"{part}*.onnx") for part in ("encoder", "decoder", "joiner")]
    return recognizer.from_transducer(*parts, tokens, num_threads=threads, decoding_method="modified_beam_search")


def _file(folder: Path, pattern: str) -> str:
    """The file of a model; the 8-bit one where there are several.

    Raises:
        ModelError: There is none.
    """
    found = sorted(folder.glob(pattern), key=lambda path: (".int8." not in path.name, path.name))
    if not found:
        raise ModelError(f"{folder}: {pattern} is missing 缺少文件; put the files of the model there")
    return str(found[0])
