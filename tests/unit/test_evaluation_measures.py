"""Each measure against a figure worked out by hand or against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_matrix
from sklearn.metrics import f1_score, roc_auc_score

from triagebot.triage.evaluation.guesses import Guess, figures, out_of_scope, per_category
from triagebot.triage.evaluation.measures import (
    Bin,
    Confusion,
    Rejection,
    auroc,
    confusion_matrix,
    confusions,
    rejection,
    reliability,
)

RANDOM = np.random.default_rng(7)
NAMES = ["a", "b", "c"]
TRUTHS = RANDOM.choice(NAMES, 200).tolist()
GUESSES = [truth if RANDOM.random() < 0.6 else str(RANDOM.choice(NAMES)) for truth in TRUTHS]


def _guess(truth: str, *candidates: tuple[str, float]) -> Guess:
    return Guess("x", "", truth, *candidates[0], candidates)


def test_area_under_roc_is_that_of_scikit_learn_also_with_ties() -> None:
    positive = RANDOM.random(300) < 0.3
    scores = np.round(RANDOM.random(300) + 0.4 * positive, 1)
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_there_is_no_area_with_rows_of_one_kind() -> None:
    assert auroc(np.array([0.1, 0.2]), np.array([True, True])) is None
    assert auroc(np.array([0.1, 0.2]), np.array([False, False])) is None


def test_confusion_matrix_is_that_of_scikit_learn() -> None:
    expected = sklearn_matrix(TRUTHS, GUESSES, labels=NAMES)
    assert confusion_matrix(TRUTHS, GUESSES, NAMES).tolist() == expected.tolist()


def test_f1_is_that_of_scikit_learn() -> None:
    guesses = [_guess(t, (g, 0.5)) for t, g in zip(TRUTHS, GUESSES, strict=True)]
    each = f1_score(TRUTHS, GUESSES, average=None, labels=NAMES)
    assert [per_category(guesses)[name]["f1"] for name in NAMES] == pytest.approx(each.tolist(), abs=5e-5)
    assert figures(guesses)["macro_f1"] == pytest.approx(f1_score(TRUTHS, GUESSES, average="macro"), abs=5e-5)


def test_confusions_come_most_frequent_first() -> None:
    found = confusions(["a", "b", "b", "c", "a"], ["b", "a", "a", "c", "a"])
    assert found == [Confusion("b", "a", 2), Confusion("a", "b", 1)]


def test_reliability_of_three_rows() -> None:
    table = reliability(np.array([0.95, 1.0, 0.31]), np.array([True, False, True]))
    assert len(table) == 10
    assert table[9] == Bin(0.9, 1.0, 2, 0.975, 0.5)
    assert table[3] == Bin(0.3, 0.4, 1, 0.31, 1.0)
    assert table[0] == Bin(0.0, 0.1, 0, None, None)


def test_the_threshold_rejects_as_much_as_in_scope_accuracy_allows() -> None:
    """Ten rows in scope of which nine must be kept: the tenth, at 0.7, is given up, and with it all from there on."""
    inside = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7]
    outside = [0.3, 0.51, 0.6, 0.9]
    scores = np.array(inside + outside)
    strange = np.array([False] * 10 + [True] * 4)
    found = rejection(scores, strange, ~strange, kept=0.9)
    assert found == Rejection(pytest.approx(0.5), recall=0.75, in_scope=0.9)


def test_a_row_that_is_wrong_anyway_costs_nothing_to_reject() -> None:
    scores, strange = np.array([0.1, 0.2, 0.9, 0.3]), np.array([False, False, False, True])
    right = np.array([True, True, False, False])
    assert rejection(scores, strange, right, kept=0.6) == Rejection(pytest.approx(0.2), recall=1.0, in_scope=2 / 3)
    assert rejection(scores, strange, right, kept=0.9) is None


def test_out_of_scope_figures_of_a_case_worked_out_by_hand() -> None:
    guesses = [
        _guess("a", ("a", 0.9), ("oos", 0.1)),
        _guess("b", ("oos", 0.6), ("b", 0.4)),
        _guess("oos", ("oos", 0.7), ("a", 0.3)),
        _guess("oos", ("a", 0.5), ("b", 0.3)),
    ]
    found = out_of_scope(guesses, "oos")
    assert found["oos_n"] == 2
    assert found["oos_auroc"] == 0.75
    assert found["in_scope_accuracy"] == 0.5
    assert (found["oos_threshold"], found["oos_recall"], found["in_scope_accuracy_kept"]) == (0.6, 0.5, 1.0)
    assert out_of_scope(guesses[:2], "oos") == {}


def test_another_score_can_be_given() -> None:
    guesses = [_guess("a", ("a", 0.9)), _guess("oos", ("a", 0.95))]
    assert out_of_scope(guesses, "oos")["oos_auroc"] == 0
    assert out_of_scope(guesses, "oos", lambda candidates, outside: candidates[0][1])["oos_auroc"] == 1
