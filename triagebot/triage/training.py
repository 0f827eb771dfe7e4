"""From labelled examples to a fitted classifier and honest (out-of-fold) scores. The only module that needs
scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triagebot.errors import ModelError
from triagebot.triage.classifier import Classifier, Floats
from triagebot.triage.features import terms

STRENGTH = 20.0
"""Inverse of the L2 penalty (scikit-learn's C); see docs/decisions/0002."""
RAREST = 2
"""A term must occur in so many examples: what occurs once cannot generalise and doubles the vocabulary."""
FOLDS = 3
_NO_FOLD = -1
MOST_STEPS = 60
"""The optimiser is stopped early on purpose: 60 steps take half the time of convergence and judge unseen messages
better (docs/decisions/0002)."""


def one_thread_each() -> AbstractContextManager[Any]:
    """While this lasts, linear algebra starts no threads of its own: the folds already use the cores.

    Only libraries that are loaded by now are held back, hence the import of scikit-learn; without it training took three
    times as long on two cores.
    """
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def fit(contents: Sequence[str], labels: Sequence[str], dense: Floats | None = None) -> Classifier:
    """Train on all examples; ``contents`` as from ``features.content``, ``dense`` (N, D) their embeddings if any. Raises
    ModelError for fewer than two classes."""
    if len(set(labels)) < 2:
        raise ModelError(
            "the rules hold examples of fewer than two categories; add examples: to rules/categories/*.yaml"
        )
    vectorizer, matrix = _vectorize(contents)
    terms_used = matrix.shape[1]
    with _stopping_early():
        model = _fitted(_beside(matrix, dense), np.array(labels))
    weights = np.ascontiguousarray(_weights(model).T, dtype=np.float32)
    return Classifier(
        classes=tuple(map(str, model.classes_)),
        vocabulary={term: int(row) for term, row in vectorizer.vocabulary_.items()},
        idf=vectorizer.idf_.astype(np.float32),
        weights=weights[:terms_used],
        bias=_bias(model).astype(np.float32),
        dense=weights[terms_used:],
    )


def out_of_fold(
    contents: Sequence[str], labels: Sequence[str], langs: Sequence[str], classes: Sequence[str],
    extra: Sequence[tuple[str, str]] = (), dense: Floats | None = None,
) -> Floats:  # fmt: skip
    """Linear scores (N, K) of every example from a model that has not seen it. Columns in the order of ``classes``.

    ``extra``: (content, label) of texts that every model is trained on and none is asked about. ``dense``: embeddings of
    the contents, then of the extra ones. The vocabulary is fitted once on all texts, which carries no label across; a
    class too small to be in every fold gets the lowest score of its row where it is missing.
    """
    _, sparse = _vectorize([*contents, *(content for content, _ in extra)])
    matrix = _beside(sparse, dense)
    y = np.array([*labels, *(label for _, label in extra)])
    fold_of = np.concatenate([_folds(labels, langs), np.full(len(extra), _NO_FOLD)])
    scores = np.zeros((len(labels), len(classes)), dtype=np.float32)
    column = {name: k for k, name in enumerate(classes)}

    def one(fold: int) -> None:
        inside, outside = fold_of != fold, np.flatnonzero(fold_of == fold)
        model = _fitted(matrix[inside], y[inside])
        seen = matrix[outside] @ _weights(model).T + _bias(model)
        block = np.repeat(seen.min(axis=1, keepdims=True), len(classes), axis=1)
        block[:, [column[name] for name in model.classes_]] = seen
        scores[outside] = block

    with _stopping_early(), ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(FOLDS)))
    return scores


def _vectorize(contents: Sequence[str]) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rarest = RAREST if len(contents) >= 200 else 1
    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, min_df=rarest, dtype=np.float32)
    return vectorizer, vectorizer.fit_transform(contents)


def _beside(matrix: Any, dense: Floats | None) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return matrix if dense is None else hstack([matrix, csr_matrix(dense)]).tocsr()


def _fitted(matrix: Any, labels: NDArray[Any]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=MOST_STEPS).fit(matrix, labels)


@contextmanager
def _stopping_early() -> Iterator[None]:
    """scikit-learn warns that the optimiser did not converge; it was not meant to, and it would only worry people."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _weights(model: Any) -> NDArray[np.float64]:
    """(K, V) also for two classes, where scikit-learn keeps only one row."""
    rows: NDArray[np.float64] = model.coef_
    return rows if len(model.classes_) > 2 else np.vstack([-rows / 2, rows / 2])


def _bias(model: Any) -> NDArray[np.float64]:
    values: NDArray[np.float64] = model.intercept_
    return values if len(model.classes_) > 2 else np.concatenate([-values / 2, values / 2])


def _folds(labels: Sequence[str], langs: Sequence[str]) -> NDArray[np.intp]:
    """Fold number of each example: every class and language is spread evenly, neighbours in a file stay together
    (paraphrases are written next to each other, and one on each side of a split would flatter the model)."""
    strata = np.array([f"{label} {lang}" for label, lang in zip(labels, langs, strict=True)])
    fold_of = np.zeros(len(strata), dtype=np.intp)
    for name in np.unique(strata):
        places = np.flatnonzero(strata == name)
        fold_of[places] = np.arange(len(places)) * FOLDS // len(places)
    return fold_of
