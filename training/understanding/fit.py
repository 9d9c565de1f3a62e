"""Fit a classifier: two linear support vector machines, quantised, joined and calibrated on rows kept aside."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from fairdial.core.dialogue.classifier import Classifier, Voice
from fairdial.core.dialogue.features import WIDTH, features
from fairdial.rehearsal.noise import Noise
from training.understanding.rows import OWN, Row, dressed, misheard

Floats = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]

LEVELS = 31
"""Weights are rounded to -LEVELS … LEVELS; coarser ones compress better, and this costs no accuracy."""

SHARES = (0.35, 0.5, 0.75, 1.0)
SHARPNESSES = tuple(float(s) for s in np.geomspace(0.5, 12, 24))
KEPT_ASIDE = 10
COPIES = 3
NOISE = Noise(near=True)


def fit(rows: Sequence[Row], *, embed: Embed, dress: bool, seed: int = 7) -> Classifier:
    """Train on nine tenths to choose share and sharpness on the last, then on all with what was chosen.

    Only rows of full weight are kept aside: the others are believed less than what is measured with them.
    """
    mixed = random.Random(seed).sample(list(rows), len(rows))
    aside = [row for row in mixed[::KEPT_ASIDE] if row.weight == OWN]
    kept = {id(row) for row in aside}
    trial = _fit([row for row in rows if id(row) not in kept], embed=embed, dress=dress)
    share, sharpness = _calibrated(trial, aside, embed)
    return replace(_fit(rows, embed=embed, dress=dress), embedding_share=share, sharpness=sharpness)


def _fit(rows: Sequence[Row], *, embed: Embed, dress: bool) -> Classifier:
    clean = [*rows, *(dressed(rows) if dress else ())]
    once, *more = (misheard(clean, NOISE, copy=copy) for copy in range(COPIES))
    embedded, read = [*clean, *once], [*clean, *once, *(row for rows in more for row in rows)]
    vectors = embed([row.text for row in embedded])
    centre, spread = vectors.mean(0), vectors.std(0) + 1e-6
    level = (vectors - centre) / spread
    level /= np.linalg.norm(level, axis=1, keepdims=True)
    return Classifier(
        labels=tuple(sorted({row.label for row in rows})),
        text=_voice(sparse([row.text for row in read]), read),
        embedding=_voice(level, embedded),
        centre=centre,
        spread=spread,
        embedding_share=1.0,
        sharpness=(4.0, 4.0),
    )


def sparse(texts: Sequence[str]) -> csr_matrix:
    found = [features(text) for text in texts]
    starts = np.cumsum([0, *(len(places) for places, _ in found)])
    return csr_matrix(
        (np.concatenate([v for _, v in found]), np.concatenate([p for p, _ in found]), starts),
        shape=(len(texts), WIDTH),
    )


def _voice(x: Floats | csr_matrix, rows: Sequence[Row]) -> Voice:
    machine = LinearSVC(C=1.0, dual=not isinstance(x, np.ndarray), tol=1e-3)
    machine.fit(x, [row.label for row in rows], sample_weight=[row.weight for row in rows])
    weights = machine.coef_.T
    scale = np.quantile(np.abs(weights), 0.9995, axis=0) / LEVELS
    rounded = np.clip(np.rint(weights / scale), -LEVELS, LEVELS).astype(np.int8)
    return Voice(weights=rounded, scale=scale.astype(np.float32), bias=machine.intercept_.astype(np.float32))


def scores(model: Classifier, texts: Sequence[str], embed: Embed) -> tuple[Floats, Floats]:
    """Scores of the two voices, a row a sentence, so that shares and sharpness can be tried."""
    text = np.array([model.text.at(*features(sentence)) for sentence in texts])
    return text, model.embedding.of(model.standard(embed(texts)))


def _calibrated(model: Classifier, aside: Sequence[Row], embed: Embed) -> tuple[float, tuple[float, float]]:
    """Share and sharpness that serve clean sentences and, half as much, misheard ones."""
    heard = [row for row in (*aside, *aside, *misheard(aside, NOISE, copy=0)) if row.label in model.labels]
    text, embedding = scores(model, [row.text for row in heard], embed)
    truth = np.array([model.labels.index(row.label) for row in heard])
    share = max(SHARES, key=lambda s: float(np.mean((text + s * embedding).argmax(1) == truth)))
    return share, (_sharpness(text, truth), _sharpness(text + share * embedding, truth))


def _sharpness(found: Floats, truth: npt.NDArray[np.int64]) -> float:
    """The sharpness under which what was right was least surprising."""

    def surprise(sharpness: float) -> float:
        raised = sharpness * (found - found.max(1, keepdims=True))
        likely = raised - np.log(np.exp(raised).sum(1, keepdims=True))
        return float(-likely[np.arange(len(truth)), truth].mean())

    return min(SHARPNESSES, key=surprise)
