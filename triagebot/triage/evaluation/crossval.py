"""K-fold cross-validation of the pipeline: every message judged by a model that has seen neither it nor its
neighbours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from triagebot.errors import UsageError
from triagebot.rulebook.schema import RuleBook
from triagebot.triage import calibration
from triagebot.triage.classifier import Floats, softmax
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.labelled import Labelled
from triagebot.triage.evaluation.pipeline import columns, contents_of, guesses_of, scores_of
from triagebot.triage.normalise import normalise
from triagebot.triage.reading import Reader

Tell = Callable[[str], None]


def examples_of(book: RuleBook) -> list[Labelled]:
    """Every example in the rules, in the order of the files."""
    return [
        Labelled(text, category.id, lang)
        for category in book.categories.values()
        for lang, texts in (("zh", category.examples.zh), ("en", category.examples.en))
        for text in texts
    ]


def on_rules(book: RuleBook, k: int, tell: Tell) -> list[Guess]:
    """Cross-validate on the examples of the rules, rules included, as ``model.train`` does.

    Whoever writes patterns has the examples before them, so that the rules look better here than elsewhere. The
    decision (thresholds, escalation) is not part of it: the category is the likeliest one.
    """
    rows = examples_of(book)
    classes = sorted(book.categories)
    reader = Reader(book)
    added = np.zeros((len(rows), len(classes)), dtype=np.float32)
    place = {name: column for column, name in enumerate(classes)}
    for n, row in enumerate(rows):
        for category, amount in reader.read(normalise(row.text)).bonus.items():
            added[n, place[category]] += amount
    return _judge(rows, classes, k, tell, added)


def on_labelled(rows: Sequence[Labelled], k: int, tell: Tell) -> list[Guess]:
    """Cross-validate on a labelled set alone; no rules."""
    return _judge(rows, sorted({row.category for row in rows}), k, tell, np.float32(0))


def folds(rows: Sequence[Labelled], k: int) -> NDArray[np.intp]:
    """Fold number (N,) of each message, as ``training`` makes its three: every category and language is spread evenly
    over the folds, and neighbours stay together, since paraphrases are written next to each other.

    Raises UsageError unless 2 <= ``k`` <= the size of the largest category.
    """
    largest = max(Counter(row.category for row in rows).values())
    if k < 2:
        raise UsageError(f"--cv {k}: there must be at least 2 folds")
    if k > largest:
        raise UsageError(f"--cv {k}: no category has so many examples; {largest} folds at most")
    strata = np.array([f"{row.category} {row.lang}" for row in rows])
    fold_of = np.zeros(len(rows), dtype=np.intp)
    for name in np.unique(strata):
        places = np.flatnonzero(strata == name)
        fold_of[places] = np.arange(len(places)) * k // len(places)
    return fold_of


def _judge(
    rows: Sequence[Labelled], classes: Sequence[str], k: int, tell: Tell, added: Floats | np.float32
) -> list[Guess]:
    """The temperature is one number fitted to all held-out scores together, as in ``model.train``; fold by fold it would
    cost an inner cross-validation each."""
    labels = [row.category for row in rows]
    held_out = _held_out(contents_of([row.text for row in rows]), labels, classes, folds(rows, k), tell)
    temperature = calibration.fit_temperature(held_out, columns(labels, classes))
    return guesses_of(rows, softmax(held_out / temperature + added), classes)


def _held_out(
    contents: Sequence[str], labels: Sequence[str], classes: Sequence[str], fold_of: NDArray[np.intp], tell: Tell
) -> Floats:
    """Linear scores (N, K). Unlike ``training.out_of_fold`` the vocabulary is that of the other folds alone, as if the
    messages came in tomorrow. A category that is wholly within one fold gets the lowest score of its row there."""
    from sklearn.exceptions import ConvergenceWarning

    from triagebot.triage import training

    scores = np.zeros((len(contents), len(classes)), dtype=np.float32)
    numbers = np.unique(fold_of).tolist()

    def one(fold: int) -> None:
        inside = np.flatnonzero(fold_of != fold).tolist()
        outside = np.flatnonzero(fold_of == fold).tolist()
        classifier = training.fit([contents[i] for i in inside], [labels[i] for i in inside])
        seen = scores_of(classifier, [contents[i] for i in outside])
        block = np.repeat(seen.min(axis=1, keepdims=True), len(classes), axis=1)
        block[:, columns(classifier.classes, classes)] = seen
        scores[outside] = block
        tell(f"{fold + 1}/{len(numbers)}")

    # The filters of warnings belong to all threads: set once here, so that no thread takes back what another relies on.
    with warnings.catch_warnings(), training.one_thread_each(), ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("ignore", ConvergenceWarning)
        list(pool.map(one, numbers))
    return scores
