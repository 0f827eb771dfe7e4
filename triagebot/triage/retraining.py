"""A candidate model with corrections added, held against the current one on messages that neither has seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triagebot.rulebook.schema import Corrected, RuleBook
from triagebot.triage import calibration, promotion
from triagebot.triage.classifier import Classifier, Floats, softmax
from triagebot.triage.evaluation.labelled import Labelled, prepared
from triagebot.triage.evaluation.pipeline import scores_of
from triagebot.triage.examples import Examples, examples_of
from triagebot.triage.features import content
from triagebot.triage.model import Model, rule_scores
from triagebot.triage.normalise import normalise
from triagebot.triage.semantic import Encode


def compare(
    book: RuleBook, current: Model, added: Sequence[Corrected], regression: Sequence[Labelled],
    encode: Encode | None = None,
) -> list[promotion.Outcome]:  # fmt: skip
    """Two trials: the examples of ``book`` by cross-validation (``added`` only ever trains, in the candidate), and the
    ``regression`` messages, which are in no training set. Takes two cross-validations and one training."""
    from triagebot.triage import training

    base = examples_of(book)
    extra = [(content(normalise(row.text)), row.category) for row in added]
    classes = current.classifier.classes
    dense = encode([*base.normal, *(normalise(row.text) for row in added)]) if encode is not None else None
    with training.one_thread_each():
        held = [
            training.out_of_fold(base.contents, base.labels, base.langs, classes, extra=more, dense=known)
            for more, known in (([], dense if dense is None else dense[: len(base.texts)]), (extra, dense))
        ]
        fitted = training.fit(
            [*base.contents, *(c for c, _ in extra)], [*base.labels, *(label for _, label in extra)], dense
        )
    truth = base.columns(classes)
    temperatures = (current.temperature, calibration.fit_temperature(held[1], truth))
    rules = rule_scores(book, base.normal, classes)
    trials = [
        _trial(book, classes, "cross-validation", base.texts, truth,
               *(softmax(scores / t + rules) for scores, t in zip(held, temperatures, strict=True)))
    ]  # fmt: skip
    if regression:
        told = prepared(regression)
        rules = rule_scores(book, told.normal, classes)
        judged = (
            softmax(_scores(classifier, told, classes, encode) / t + rules)
            for classifier, t in zip((current.classifier, fitted), temperatures, strict=True)
        )
        trials.append(_trial(book, classes, "regression", told.texts, told.columns(classes), *judged))
    return [promotion.judge(trial) for trial in trials]


def _scores(classifier: Classifier, told: Examples, classes: Sequence[str], encode: Encode | None) -> Floats:
    order = [classifier.classes.index(name) for name in classes]
    rows: Floats = scores_of(classifier, told.contents, None if encode is None else encode(told.normal))[:, order]
    return rows


def _trial(
    book: RuleBook, classes: Sequence[str], name: str, texts: Sequence[str], truth: NDArray[np.intp],
    current: Floats, candidate: Floats,
) -> promotion.Trial:  # fmt: skip
    urgent = [k for k, category in enumerate(classes) if book.categories[category].priority == "P1"]
    return promotion.Trial(name, texts, truth, current, candidate, urgent, book.thresholds.p1_mass)
