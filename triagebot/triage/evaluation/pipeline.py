"""The product's own pipeline on any labelled set, without rules: normalise, content, terms, ``training.fit``, temperature
from out-of-fold scores. What it scores on a published benchmark is what the product's classifier scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triagebot.errors import UsageError
from triagebot.triage import calibration
from triagebot.triage.classifier import Classifier, Floats, softmax
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.labelled import Labelled
from triagebot.triage.features import content
from triagebot.triage.normalise import normalise

_KEPT = 5
"""Candidates kept of each message: all of them would be 2 million pairs for 15,000 messages and 150 classes."""


@dataclass(frozen=True)
class Fitted:
    """A classifier and the temperature that divides its scores."""

    classifier: Classifier
    temperature: float


def contents_of(texts: Sequence[str]) -> list[str]:
    return [content(normalise(text)) for text in texts]


def fit(rows: Sequence[Labelled]) -> Fitted:
    """Train on ``rows``, at least two of each category (``labelled.check_trainable``).

    Rows labelled out of scope are no exception: theirs is one more category, as other.out_of_scope is in the rules.
    """
    from triagebot.triage import training

    contents = contents_of([row.text for row in rows])
    labels, langs = [row.category for row in rows], [row.lang for row in rows]
    with training.one_thread_each():
        classifier = training.fit(contents, labels)
        held_out = training.out_of_fold(contents, labels, langs, classifier.classes)
    return Fitted(classifier, calibration.fit_temperature(held_out, columns(labels, classifier.classes)))


def check_known(rows: Sequence[Labelled], classes: Collection[str], outside: str) -> None:
    """Raises UsageError for a category that is not trained on, unless it is ``outside``: what is out of scope may be
    strange to the model, whose guess for it then always counts as wrong."""
    if unknown := {row.category for row in rows} - {*classes, outside}:
        raise UsageError(
            f"the category {min(unknown)!r} has no examples to train on; give the same categories in both files, or name "
            "what is out of scope with --oos"
        )


def judge(fitted: Fitted, rows: Sequence[Labelled]) -> list[Guess]:
    """The likeliest categories of every row."""
    scores = scores_of(fitted.classifier, contents_of([row.text for row in rows]))
    return guesses_of(rows, softmax(scores / fitted.temperature), fitted.classifier.classes)


def scores_of(classifier: Classifier, contents: Sequence[str]) -> Floats:
    """Linear scores (N, K)."""
    return np.stack([classifier.scores(classifier.vector(text)) for text in contents])


def columns(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.intp]:
    """The place of each label in ``classes`` (N,)."""
    place = {name: k for k, name in enumerate(classes)}
    return np.array([place[label] for label in labels], dtype=np.intp)


def guesses_of(rows: Sequence[Labelled], probabilities: Floats, classes: Sequence[str]) -> list[Guess]:
    """``probabilities`` (N, K) with the columns of ``classes``."""
    order = np.argsort(-probabilities, axis=1)[:, :_KEPT]
    found = []
    for row, best, p in zip(rows, order.tolist(), np.take_along_axis(probabilities, order, 1).tolist(), strict=True):
        candidates = tuple(zip((classes[k] for k in best), p, strict=True))
        found.append(Guess(row.text, row.lang, row.category, *candidates[0], candidates))
    return found
