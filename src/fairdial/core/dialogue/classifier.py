"""Labels of a sentence with calibrated confidence: a linear model over features, and over an embedding if there is one.

Pure. The weights come as a value; who loads them is not this file's business. The
embedding is a second voice added to the first: without it the model answers from
characters and sounds alone, with a temperature of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairdial.core.dialogue.features import features

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One linear view: `weights` is (width, labels) of small integers, times `scale` a label, plus `bias`."""

    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats

    def at(self, places: npt.NDArray[np.int64], values: Floats) -> Floats:
        """Scores of a sparse vector."""
        return np.asarray(values @ self.weights[places] * self.scale + self.bias, dtype=np.float32)

    def of(self, vector: Floats) -> Floats:
        """Scores of a dense vector."""
        return np.asarray(vector @ self.weights * self.scale + self.bias, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A trained model for one set of labels.

    `sharpness` turns scores into probabilities (softmax of sharpness x score), for
    text alone and for text with embedding; `embedding_share` weighs the second voice.
    `centre` and `spread` standardise an embedding of (384,) before it is scored.
    """

    labels: tuple[str, ...]
    text: Voice
    embedding: Voice
    centre: Floats
    spread: Floats
    embedding_share: float
    sharpness: tuple[float, float]

    def probabilities(self, sentence: str, embedded: Floats | None = None) -> Floats:
        """How likely each label is; (labels,) summing to one.

        Args:
            sentence: What was heard.
            embedded: Its embedding of (384,), or None to do without.
        """
        scores = self.text.at(*features(sentence))
        if embedded is None:
            return _softmax(scores, self.sharpness[0])
        joined = scores + self.embedding.of(self.standard(embedded)) * np.float32(self.embedding_share)
        return _softmax(joined, self.sharpness[1])

    def standard(self, embedded: Floats) -> Floats:
        """An embedding, or rows of them, as the second voice wants it: centred, of equal spread, of length one."""
        level = (embedded - self.centre) / self.spread
        return np.asarray(level / np.linalg.norm(level, axis=-1, keepdims=True), dtype=np.float32)

    def best(self, probabilities: Floats) -> tuple[str, float]:
        """The likeliest label and its probability."""
        at = int(np.argmax(probabilities))
        return self.labels[at], float(probabilities[at])


def _softmax(scores: Floats, sharpness: float) -> Floats:
    raised = np.exp(sharpness * (scores - scores.max()))
    return np.asarray(raised / raised.sum(), dtype=np.float32)
