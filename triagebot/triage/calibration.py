"""How far scores may be believed: temperature, conformal threshold, and the measures of both. Plain numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triagebot.triage.classifier import Floats, softmax

_COOLEST, _HOTTEST = 0.05, 20.0
OWN_THRESHOLD = 100
"""Messages of a class from which its 5 % worst are enough to stand on."""
BINS = 10
"""Bins of equal width in the expected calibration error."""


def log_loss(scores: Floats, truth: NDArray[np.intp], temperature: float) -> float:
    """Mean negative log-likelihood of the true classes; ``scores`` (N, K), ``truth`` (N,) column numbers."""
    p = softmax(scores / temperature)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(p, 1e-12)).mean())


def fit_temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    """The temperature that makes held-out ``scores`` most likely (Guo et al. 2017), by golden section over its
    logarithm."""
    ratio = (np.sqrt(5) - 1) / 2
    low, high = np.log(_COOLEST), np.log(_HOTTEST)
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if log_loss(scores, truth, float(np.exp(left))) < log_loss(scores, truth, float(np.exp(right))):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def set_threshold(probabilities: Floats, truth: NDArray[np.intp], coverage: float) -> float:
    """The least probability with which a class belongs to the prediction set, so that sets hold the truth with
    ``coverage``.

    Cross-conformal: ``probabilities`` (N, K) are out of fold (Vovk 2015; the score is that of Sadinle, Lei and
    Wasserman 2019).
    """
    held = np.sort(probabilities[np.arange(len(truth)), truth])
    allowed = int(np.floor((1 - coverage) * (len(held) + 1)))
    return float(held[allowed - 1]) if allowed >= 1 else 0.0


def class_thresholds(
    probabilities: Floats, truth: NDArray[np.intp], classes: Sequence[str], coverage: float
) -> dict[str, float]:
    """``set_threshold`` of each class by itself (Mondrian), so that none pays for another; the common one for a class with
    fewer than ``OWN_THRESHOLD`` messages."""
    common = set_threshold(probabilities, truth, coverage)
    own = [truth == k for k in range(len(classes))]
    return {
        name: set_threshold(probabilities[rows], truth[rows], coverage) if rows.sum() >= OWN_THRESHOLD else common
        for name, rows in zip(classes, own, strict=True)
    }


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean gap between confidence and share right over ``BINS`` bins of equal width, weighted by their size; 0 for no
    rows."""
    if not len(confidence):
        return 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float(confidence[bins == b].sum()) - float(right[bins == b].sum())) for b in range(BINS)]
    return sum(gaps) / len(confidence)


def figures(probabilities: Floats, truth: NDArray[np.intp]) -> dict[str, float]:
    """Cross-validated figures, shares of 1: accuracy, top3, macro_f1, ece; besides the counts."""
    order = np.argsort(-probabilities, axis=1)
    guess = order[:, 0]
    right = guess == truth
    confidence = probabilities[np.arange(len(truth)), guess].astype(np.float64)
    return {
        "examples": float(len(truth)),
        "categories": float(probabilities.shape[1]),
        "accuracy": float(right.mean()),
        "top3": float((order[:, :3] == truth[:, None]).any(axis=1).mean()),
        "macro_f1": macro_f1(guess.tolist(), truth.tolist()),
        "ece": expected_calibration_error(confidence, right),
    }


def macro_f1(guesses: Sequence[object], truths: Sequence[object]) -> float:
    """Mean over the true classes of the harmonic mean of precision and recall."""
    scores = []
    for name in set(truths):
        hits = sum(g == t == name for g, t in zip(guesses, truths, strict=True))
        scores.append(2 * hits / (sum(g == name for g in guesses) + sum(t == name for t in truths)))
    return sum(scores) / len(scores) if scores else 0.0
