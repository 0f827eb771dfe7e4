"""The fitted classifier: terms -> tf-idf -> linear scores, in plain numpy, so that a prediction needs no
scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triagebot.triage.features import terms

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Vector:
    """One text as a sparse unit vector: the ``rows`` of its terms in the vocabulary and their ``values``."""

    rows: Ints
    values: Floats


@dataclass(frozen=True)
class Classifier:
    """A linear classifier over tf-idf weighted terms; V terms, K classes.

    ``vocabulary``: term -> row; ``idf`` (V,); ``weights`` (V, K); ``bias`` (K,); ``dense`` (D, K): weights of a sentence
    embedding, D = 0 without one (see semantic). The same numbers as scikit-learn's own
    ``TfidfVectorizer(sublinear_tf=True)``, ``LogisticRegression`` and ``LinearSVC`` give, in single precision; a test
    holds them together.
    """

    classes: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    dense: Floats

    def vector(self, content: str) -> Vector:
        """tf-idf of ``features.content``; empty when no term is known."""
        return _unit(*self._weighed(content))

    def blend(self, said: Sequence[tuple[str, float]]) -> Vector:
        """One unit vector of several contents, each with its weight; a long one counts for more than a short one."""
        parts = [(rows, values * weight) for rows, values, weight in ((*self._weighed(c), w) for c, w in said)]
        rows, places = np.unique(np.concatenate([rows for rows, _ in parts]), return_inverse=True)
        values = np.bincount(places, np.concatenate([values for _, values in parts]), len(rows))
        return _unit(rows, values.astype(np.float32))

    def _weighed(self, content: str) -> tuple[Ints, Floats]:
        counts = Counter(map(self.vocabulary.get, terms(content)))
        counts.pop(None, None)
        rows = np.fromiter(counts.keys(), np.int32, len(counts))
        return rows, (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self.idf[rows]

    def scores(self, vector: Vector, embedding: Floats | None = None) -> Floats:
        """Linear scores (K,), before rules, temperature and softmax. ``embedding`` (D,) exactly when D is not 0."""
        found: Floats = vector.values @ self.weights[vector.rows] + self.bias
        return found if embedding is None else found + embedding @ self.dense


def half(numbers: Floats) -> Floats:
    """Rounded to what half precision holds, so that the cache may keep them in half the space and nothing changes."""
    rounded: Floats = numbers.astype(np.float16).astype(np.float32)
    return rounded


def _unit(rows: Ints, values: Floats) -> Vector:
    length = float(np.sqrt(values @ values))
    return Vector(rows, values / length if length else values)


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return result


def top_terms(classifier: Classifier, vector: Vector, column: int, most: int = 8) -> Sequence[tuple[str, float]]:
    """The terms of ``vector`` that speak most for class ``column``, relative to the mean over all classes, best
    first."""
    rows = classifier.weights[vector.rows]
    gain = vector.values * (rows[:, column] - rows.mean(axis=1))
    by_row = {row: n for n, row in enumerate(vector.rows.tolist())}
    named = [(term, float(gain[by_row[row]])) for term, row in classifier.vocabulary.items() if row in by_row]
    return sorted((t for t in named if t[1] > 0), key=lambda t: -t[1])[:most]
