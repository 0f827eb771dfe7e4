"""From labelled examples to a fitted classifier and honest (out-of-fold) scores. The only module that needs
scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triagebot.errors import ModelError
from triagebot.triage.classifier import Classifier, Floats, half
from triagebot.triage.features import terms

STRENGTH = 20.0
"""Inverse of the L2 penalty (scikit-learn's C) of the regression; see docs/decisions/0002."""
MARGIN_STRENGTH = 2.0
"""The same of the support vector machine."""
MARGIN_SHARE = 8.0
"""How much its scores count beside the regression's."""
RAREST = 2
"""A term must occur in so many examples: what occurs once cannot generalise and doubles the vocabulary."""
FOLDS = 3
_NO_FOLD = -1
_SHUFFLING = Lock()
"""The machine's solver draws from one generator for the whole process: two at once would not train the same model twice."""
MOST_STEPS = 60
"""The optimiser is stopped early on purpose: it takes a fraction of the time of convergence and judges unseen messages
no worse (docs/decisions/0002)."""


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
    weights = half(np.ascontiguousarray(model.weights.T, dtype=np.float32))
    return Classifier(
        classes=tuple(map(str, model.classes)),
        vocabulary={term: int(row) for term, row in vectorizer.vocabulary_.items()},
        idf=vectorizer.idf_.astype(np.float32),
        weights=weights[:terms_used],
        bias=model.bias.astype(np.float32),
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
    fold_of = np.concatenate([folds(labels, langs), np.full(len(extra), _NO_FOLD)])
    scores = np.zeros((len(labels), len(classes)), dtype=np.float32)
    column = {name: k for k, name in enumerate(classes)}

    def one(fold: int) -> None:
        inside, outside = fold_of != fold, np.flatnonzero(fold_of == fold)
        model = _fitted(matrix[inside], y[inside])
        seen = matrix[outside] @ model.weights.T + model.bias
        block = np.repeat(seen.min(axis=1, keepdims=True), len(classes), axis=1)
        block[:, [column[name] for name in model.classes]] = seen
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


@dataclass(frozen=True)
class _Linear:
    """``classes`` (K,), ``weights`` (K, V), ``bias`` (K,)."""

    classes: NDArray[Any]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]


def _fitted(matrix: Any, labels: NDArray[Any]) -> _Linear:
    """A regression and a support vector machine over the same terms. Both are linear, so their sum costs no more than one
    of them to ask, and errs less than either (docs/decisions/0002)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    regression = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=MOST_STEPS).fit(matrix, labels)
    with _SHUFFLING:
        margin = LinearSVC(C=MARGIN_STRENGTH, class_weight="balanced", random_state=0).fit(matrix, labels)
    weights = regression.coef_ + MARGIN_SHARE * margin.coef_
    bias = regression.intercept_ + MARGIN_SHARE * margin.intercept_
    if len(regression.classes_) == 2:  # where scikit-learn keeps only one row
        weights, bias = np.vstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    return _Linear(regression.classes_, weights, bias)


@contextmanager
def _stopping_early() -> Iterator[None]:
    """scikit-learn warns that the optimiser did not converge; it was not meant to, and it would only worry people."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def folds(labels: Sequence[str], langs: Sequence[str], k: int = FOLDS) -> NDArray[np.intp]:
    """Fold number of each example: every class and language is spread evenly, neighbours in a file stay together
    (paraphrases are written next to each other, and one on each side of a split would flatter the model)."""
    strata = np.array([f"{label} {lang}" for label, lang in zip(labels, langs, strict=True)])
    fold_of = np.zeros(len(strata), dtype=np.intp)
    for name in np.unique(strata):
        places = np.flatnonzero(strata == name)
        fold_of[places] = np.arange(len(places)) * k // len(places)
    return fold_of
