"""The product's own pipeline on any labelled set, without rules: normalise, content, terms (and embeddings, if they are
wanted), ``training.fit``, temperature from out-of-fold scores. What it scores on a published benchmark is what the
product's classifier scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from triagebot.errors import UsageError
from triagebot.triage import calibration
from triagebot.triage.classifier import Classifier, Floats, softmax
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.labelled import Labelled
from triagebot.triage.examples import Examples
from triagebot.triage.semantic import Encode

_KEPT = 5
"""Candidates kept of each message, besides the one for what is out of scope: all of them would be 2 million pairs for
15,000 messages and 150 classes."""


@dataclass(frozen=True)
class Fitted:
    """A classifier, the temperature that divides its scores, and the encoder that it was trained with, if any."""

    classifier: Classifier
    temperature: float
    encode: Encode | None


def fit(told: Examples, encode: Encode | None = None) -> Fitted:
    """Train on ``told``, at least two examples of each category (``labelled.check_trainable``).

    Rows labelled out of scope are no exception: theirs is one more category, as other.out_of_scope is in the rules.
    """
    from triagebot.triage import training

    dense = encode(told.normal) if encode is not None else None
    with training.one_thread_each():
        classifier = training.fit(told.contents, told.labels, dense)
        held_out = training.out_of_fold(told.contents, told.labels, told.langs, classifier.classes, dense=dense)
    return Fitted(classifier, calibration.fit_temperature(held_out, told.columns(classifier.classes)), encode)


def check_known(rows: Sequence[Labelled], classes: Collection[str], outside: str) -> None:
    """Raises UsageError for a category that is not trained on, unless it is ``outside``: what is out of scope may be
    strange to the model, whose guess for it then always counts as wrong."""
    if unknown := {row.category for row in rows} - {*classes, outside}:
        raise UsageError(
            f"the category {min(unknown)!r} has no examples to train on; give the same categories in both files, or name "
            "what is out of scope with --oos"
        )


def judge(fitted: Fitted, told: Examples, outside: str = "") -> list[Guess]:
    """The likeliest categories of every row, and ``outside`` in any case."""
    dense = fitted.encode(told.normal) if fitted.encode is not None else None
    scores = scores_of(fitted.classifier, told.contents, dense)
    return guesses_of(told, softmax(scores / fitted.temperature), fitted.classifier.classes, outside)


def scores_of(classifier: Classifier, contents: Sequence[str], dense: Floats | None) -> Floats:
    """Linear scores (N, K); ``dense`` (N, D): embeddings, if the classifier was trained with them."""
    rows = [None] * len(contents) if dense is None else list(dense)
    return np.stack([classifier.scores(classifier.vector(text), row) for text, row in zip(contents, rows, strict=True)])


def guesses_of(told: Examples, probabilities: Floats, classes: Sequence[str], outside: str = "") -> list[Guess]:
    """``probabilities`` (N, K) with the columns of ``classes``; ``outside`` is kept among the candidates."""
    order = np.argsort(-probabilities, axis=1)[:, :_KEPT]
    best = np.take_along_axis(probabilities, order, axis=1)
    out = classes.index(outside) if outside in classes else -1
    found = []
    for text, lang, truth, columns, p, all_of_them in zip(
        told.texts, told.langs, told.labels, order.tolist(), best.tolist(), probabilities, strict=True
    ):
        candidates = tuple(zip((classes[k] for k in columns), p, strict=True))
        if out >= 0 and out not in columns:
            candidates = (*candidates, (outside, float(all_of_them[out])))
        found.append(Guess(text, lang, truth, *candidates[0], candidates))
    return found
