"""Fit a classifier: two linear support vector machines, quantised, and calibrated on rows kept aside."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from fairdial.core.dialogue.classifier import EMBEDDED, Classifier, Floats, Linear
from fairdial.core.dialogue.features import WIDTH, Features, features
from fairdial.rehearsal.noise import Noise
from training.understanding.rows import OWN, Row, dressed, misheard

Embed = Callable[[Sequence[str]], Floats]

LEVELS = 31
"""Weights are rounded to -LEVELS … LEVELS; coarser ones compress better, and this costs no accuracy."""

SHARPNESSES = tuple(float(s) for s in np.geomspace(0.5, 12, 24))
KEPT_ASIDE = 10
NOISE = Noise(near=True)


def fit(rows: Sequence[Row], *, embed: Embed, dress: bool, seed: int = 7) -> Classifier:
    """Train on nine tenths to calibrate on the last, then on all.

    Only rows of full weight are kept aside: the others are believed less than what is measured with them.
    """
    mixed = random.Random(seed).sample(list(rows), len(rows))
    aside = [row for row in mixed[::KEPT_ASIDE] if row.weight == OWN]
    kept = {id(row) for row in aside}
    trial = fit_uncalibrated([row for row in rows if id(row) not in kept], embed=embed, dress=dress)
    sharpness = _calibrated(trial, aside, embed)
    return replace(fit_uncalibrated(rows, embed=embed, dress=dress), sharpness=sharpness)


def fit_uncalibrated(rows: Sequence[Row], *, embed: Embed, dress: bool) -> Classifier:
    """Train on all rows, each once more as it might be misheard."""
    clean = [*rows, *(dressed(rows) if dress else ())]
    read = [*clean, *misheard(clean, NOISE)]
    texts = [row.text for row in read]
    vectors = embed(texts)
    nothing = Linear(weights=np.zeros((0, 0), np.int8), scale=np.zeros(0, np.float32), bias=np.zeros(0, np.float32))
    model = Classifier(
        labels=tuple(sorted({row.label for row in rows})),
        text=_linear(sparse([features(text) for text in texts], WIDTH), read),
        joint=nothing,
        centre=vectors.mean(0),
        spread=vectors.std(0) + 1e-6,
        sharpness=(4.0, 4.0),
    )
    joined = [model.joined(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    return replace(model, joint=_linear(sparse(joined, WIDTH + EMBEDDED), read))


def sparse(found: Sequence[Features], width: int) -> csr_matrix:
    """Vectors as the rows of a matrix."""
    starts = np.cumsum([0, *(len(places) for places, _ in found)])
    return csr_matrix(
        (np.concatenate([v for _, v in found]), np.concatenate([p for p, _ in found]), starts),
        shape=(len(found), width),
    )


def _linear(x: csr_matrix, rows: Sequence[Row]) -> Linear:
    machine = LinearSVC(C=1.0, tol=1e-3, random_state=0)
    machine.fit(x, [row.label for row in rows], sample_weight=[row.weight for row in rows])
    weights = machine.coef_.T
    scale = np.quantile(np.abs(weights), 0.9995, axis=0) / LEVELS
    rounded = np.clip(np.rint(weights / scale), -LEVELS, LEVELS).astype(np.int8)
    return Linear(weights=rounded, scale=scale.astype(np.float32), bias=machine.intercept_.astype(np.float32))


def scores(model: Classifier, texts: Sequence[str], embed: Embed) -> tuple[Floats, Floats]:
    """Scores of the two models, a row a sentence."""
    text = np.array([model.text.of(features(sentence)) for sentence in texts])
    vectors = embed(texts)
    return text, np.array([model.joint.of(model.joined(t, v)) for t, v in zip(texts, vectors, strict=True)])


def _calibrated(model: Classifier, aside: Sequence[Row], embed: Embed) -> tuple[float, float]:
    """Sharpness that serves clean sentences and, half as much, misheard ones."""
    heard = [row for row in (*aside, *aside, *misheard(aside, NOISE)) if row.label in model.labels]
    text, joint = scores(model, [row.text for row in heard], embed)
    truth = np.array([model.labels.index(row.label) for row in heard])
    return _sharpness(text, truth), _sharpness(joint, truth)


def _sharpness(found: Floats, truth: npt.NDArray[np.int64]) -> float:
    """The sharpness under which what was right was least surprising."""

    def surprise(sharpness: float) -> float:
        raised = sharpness * (found - found.max(1, keepdims=True))
        likely = raised - np.log(np.exp(raised).sum(1, keepdims=True))
        return float(-likely[np.arange(len(truth)), truth].mean())

    return min(SHARPNESSES, key=surprise)
