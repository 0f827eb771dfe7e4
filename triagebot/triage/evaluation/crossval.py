"""K-fold cross-validation of the pipeline: every message judged by a model that has seen neither it nor its
neighbours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
from numpy.typing import NDArray

from triagebot.errors import UsageError
from triagebot.rulebook.schema import RuleBook
from triagebot.triage import calibration
from triagebot.triage.classifier import Floats, softmax
from triagebot.triage.decision import OUT_OF_SCOPE
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.pipeline import guesses_of, scores_of
from triagebot.triage.examples import Examples, examples_of
from triagebot.triage.model import rule_scores
from triagebot.triage.semantic import Encode

Tell = Callable[[str], None]


def on_rules(book: RuleBook, k: int, tell: Tell, encode: Encode | None = None) -> list[Guess]:
    """Cross-validate on the examples of the rules, rules included, as ``model.train`` does.

    Whoever writes patterns has the examples before them, so that the rules look better here than elsewhere. The
    decision (thresholds, escalation) is not part of it: the category is the likeliest one.
    """
    told, classes = examples_of(book), sorted(book.categories)
    return guesses_of(told, softmax(_scores(told, classes, k, tell, encode) + rule_scores(book, told.normal, classes)),
                      classes, OUT_OF_SCOPE)  # fmt: skip


def on_labelled(told: Examples, k: int, tell: Tell, encode: Encode | None = None, outside: str = "") -> list[Guess]:
    """Cross-validate on a labelled set alone; no rules. ``outside``: the label of what is out of scope, if there is one."""
    classes = sorted(set(told.labels))
    return guesses_of(told, softmax(_scores(told, classes, k, tell, encode)), classes, outside)


def folds(labels: Sequence[str], langs: Sequence[str], k: int) -> NDArray[np.intp]:
    """``training.folds`` for a number that somebody asked for.

    Raises UsageError unless 2 <= ``k`` <= the size of the largest category.
    """
    from triagebot.triage import training

    largest = max(Counter(labels).values())
    if k < 2:
        raise UsageError(f"--cv {k}: there must be at least 2 folds")
    if k > largest:
        raise UsageError(f"--cv {k}: no category has so many examples; {largest} folds at most")
    return training.folds(labels, langs, k)


def _scores(told: Examples, classes: Sequence[str], k: int, tell: Tell, encode: Encode | None) -> Floats:
    """Calibrated scores (N, K), before rules and softmax. The temperature is one number fitted to all held-out scores
    together, as in ``model.train``; fold by fold it would cost an inner cross-validation each."""
    fold_of = folds(told.labels, told.langs, k)
    held_out = _held_out(told, classes, fold_of, tell, encode(told.normal) if encode is not None else None)
    scores: Floats = held_out / calibration.fit_temperature(held_out, told.columns(classes))
    return scores


def _held_out(
    told: Examples, classes: Sequence[str], fold_of: NDArray[np.intp], tell: Tell, dense: Floats | None
) -> Floats:
    """Linear scores (N, K). Unlike ``training.out_of_fold`` the vocabulary is that of the other folds alone, as if the
    messages came in tomorrow. A category that is wholly within one fold gets the lowest score of its row there."""
    from sklearn.exceptions import ConvergenceWarning

    from triagebot.triage import training

    scores = np.zeros((len(told.contents), len(classes)), dtype=np.float32)
    place = {name: column for column, name in enumerate(classes)}
    numbers = np.unique(fold_of).tolist()
    done = count(1)

    def one(fold: int) -> None:
        inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        known, strange = ([told.contents[i] for i in rows.tolist()] for rows in (inside, outside))
        labels = [told.labels[i] for i in inside.tolist()]
        classifier = training.fit(known, labels, None if dense is None else dense[inside])
        seen = scores_of(classifier, strange, None if dense is None else dense[outside])
        block = np.repeat(seen.min(axis=1, keepdims=True), len(classes), axis=1)
        block[:, [place[name] for name in classifier.classes]] = seen
        scores[outside] = block
        tell(f"{next(done)}/{len(numbers)}")

    # The filters of warnings belong to all threads: set once here, so that no thread takes back what another relies on.
    with warnings.catch_warnings(), training.one_thread_each(), ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("ignore", ConvergenceWarning)
        list(pool.map(one, numbers))
    return scores
