"""How far scores may be believed."""

from __future__ import annotations

import numpy as np
import pytest

from triagebot.triage import calibration
from triagebot.triage.classifier import softmax


def _scores(n: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true temperature is ``scale``: labels are drawn from softmax(scores / scale)."""
    random = np.random.default_rng(1)
    scores = (random.normal(size=(n, 4)) * 2 * scale).astype(np.float32)
    shares = softmax(scores / scale)
    return scores, np.array([random.choice(4, p=row / row.sum()) for row in shares.astype(np.float64)])


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_temperature_finds_how_over_confident_scores_are(scale: float) -> None:
    scores, truth = _scores(3000, scale)
    assert calibration.fit_temperature(scores, truth) == pytest.approx(scale, rel=0.1)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_sets_hold_the_truth_as_often_as_promised_on_other_data(coverage: float) -> None:
    scores, truth = _scores(4000, 1.0)
    shares = softmax(scores)
    threshold = calibration.set_threshold(shares[:2000], truth[:2000], coverage)
    held = shares[2000:][np.arange(2000), truth[2000:]] >= threshold
    assert held.mean() == pytest.approx(coverage, abs=0.02)


def test_too_few_examples_for_a_promise_let_everything_in() -> None:
    assert calibration.set_threshold(np.array([[0.9, 0.1]], dtype=np.float32), np.array([0]), 0.95) == 0.0


def test_each_class_has_a_threshold_of_its_own_once_there_are_enough_messages() -> None:
    random = np.random.default_rng(2)
    own = np.concatenate([random.uniform(0.5, 1, 400), random.uniform(0.1, 0.6, 400), np.full(20, 0.9)])
    truth = np.repeat([0, 1, 2], [400, 400, 20])
    shares = np.zeros((820, 3), dtype=np.float32)
    shares[np.arange(820), truth] = own
    found = calibration.class_thresholds(shares, truth, ("easy", "hard", "rare"), 0.9)
    for k, name in enumerate(("easy", "hard")):
        assert (shares[truth == k, k] >= found[name]).mean() == pytest.approx(0.9, abs=0.01)
    assert found["easy"] > 0.5 > found["hard"]
    assert found["rare"] == calibration.set_threshold(shares, truth, 0.9)


def test_calibration_error_is_the_gap_between_belief_and_truth() -> None:
    assert calibration.expected_calibration_error(np.full(10, 0.8), np.arange(10) < 8) == pytest.approx(0.0)
    assert calibration.expected_calibration_error(np.full(10, 0.9), np.arange(10) < 4) == pytest.approx(0.5)
    assert calibration.expected_calibration_error(np.array([1.0]), np.array([True])) == pytest.approx(0.0)
    assert calibration.expected_calibration_error(np.array([]), np.array([], dtype=bool)) == 0.0


def test_macro_f1_weighs_rare_classes_like_common_ones() -> None:
    assert calibration.macro_f1(["a", "a", "a", "a"], ["a", "a", "a", "b"]) == pytest.approx((2 * 3 / 7 + 0) / 2)
