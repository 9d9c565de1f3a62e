"""Labels of a sentence with calibrated confidence: a linear model over features, and over an embedding if there is one.

Pure. The weights come as a value; who loads them is not this file's business. Two
models stand side by side, each with a sharpness of its own: one over characters and
sounds alone, and one over these and the embedding together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairdial.core.dialogue.features import WIDTH, Features, features

Floats = npt.NDArray[np.float32]

EMBEDDED = 384
"""Numbers in an embedding; in the joint model they stand behind the features."""

_BEHIND = np.arange(WIDTH, WIDTH + EMBEDDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """One linear model: `weights` is (width, labels) of small integers, times `scale` a label, plus `bias`."""

    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats

    def of(self, vector: Features) -> Floats:
        """Scores of a sparse vector, (labels,)."""
        places, values = vector
        return np.asarray(values @ self.weights[places] * self.scale + self.bias, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A trained model for one set of labels.

    `text` is (WIDTH, labels), `joint` is (WIDTH + EMBEDDED, labels). `sharpness` turns
    the scores of either into probabilities (softmax of sharpness x score). `centre` and
    `spread` standardise an embedding of (384,) before it is scored.
    """

    labels: tuple[str, ...]
    text: Linear
    joint: Linear
    centre: Floats
    spread: Floats
    sharpness: tuple[float, float]

    def probabilities(self, sentence: str, embedded: Floats | None = None) -> Floats:
        """How likely each label is; (labels,) summing to one.

        Args:
            sentence: What was heard.
            embedded: Its embedding of (384,), or None to do without.
        """
        if embedded is None:
            return _softmax(self.text.of(features(sentence)), self.sharpness[0])
        return _softmax(self.joint.of(self.joined(sentence, embedded)), self.sharpness[1])

    def joined(self, sentence: str, embedded: Floats) -> Features:
        """What the joint model sees: the features, and behind them the standardised embedding."""
        places, values = features(sentence)
        return np.concatenate([places, _BEHIND]), np.concatenate([values, self.standard(embedded)])

    def standard(self, embedded: Floats) -> Floats:
        """An embedding centred, of equal spread and of length one; (384,) like the one given."""
        level = (embedded - self.centre) / self.spread
        return np.asarray(level / np.linalg.norm(level), dtype=np.float32)

    def best(self, probabilities: Floats) -> tuple[str, float]:
        """The likeliest label and its probability."""
        at = int(np.argmax(probabilities))
        return self.labels[at], float(probabilities[at])


def _softmax(scores: Floats, sharpness: float) -> Floats:
    raised = np.exp(sharpness * (scores - scores.max()))
    return np.asarray(raised / raised.sum(), dtype=np.float32)
