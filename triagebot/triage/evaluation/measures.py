"""Measures of a classifier from plain arrays: rank, calibration, confusion, and what is out of scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triagebot.triage.calibration import BINS

KEPT_ACCURACY = 0.905
"""In-scope accuracy that the out-of-scope threshold must leave standing: the point at which recall is reported."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """``count`` messages of ``truth`` were taken for ``guess``."""

    truth: str
    guess: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose confidence lies in [``low``, ``high``): how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """At ``threshold`` on the out-of-scope score ``recall`` of the out-of-scope rows are found, while ``in_scope`` of
    the other rows are still accepted and given their true category."""

    threshold: float
    recall: float
    in_scope: float


def ratio(part: float, whole: float) -> float | None:
    """``part / whole`` to four digits; None where there is nothing to take a share of: no figure is better than a
    made-up one."""
    return round(part / whole, 4) if whole else None


def share(flags: Sequence[bool]) -> float | None:
    return ratio(sum(flags), len(flags))


def auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve: how often a positive row scores above a negative one, ties counting half.

    ``scores`` (N,), ``positive`` (N,). None unless there are both kinds.
    """
    wanted = int(positive.sum())
    others = len(positive) - wanted
    if not wanted or not others:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    rank = (last - (counts - 1) / 2)[place]
    return float((rank[positive].sum() - wanted * (wanted + 1) / 2) / (wanted * others))


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """The bins of the expected calibration error (``calibration.BINS`` of equal width), low to high."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    table = []
    for b in range(BINS):
        inside = place == b
        count = int(inside.sum())
        table.append(
            Bin(b / BINS, (b + 1) / BINS, count, ratio(confidence[inside].sum(), count), ratio(right[inside].sum(), count))
        )  # fmt: skip
    return table


def confusions(truths: Sequence[str], guesses: Sequence[str]) -> list[Confusion]:
    """Every pair that was confused, most frequent first."""
    wrong = Counter((t, g) for t, g in zip(truths, guesses, strict=True) if t != g)
    return [Confusion(t, g, n) for (t, g), n in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))]


def confusion_matrix(truths: Sequence[str], guesses: Sequence[str], names: Sequence[str]) -> NDArray[np.intp]:
    """(K, K): rows are truths, columns guesses, both in the order of ``names``."""
    place = {name: k for k, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=np.intp)
    np.add.at(counts, ([place[t] for t in truths], [place[g] for g in guesses]), 1)
    return counts


def rejection(
    scores: NDArray[np.float64],
    outside: NDArray[np.bool_],
    right: NDArray[np.bool_],
    kept: float = KEPT_ACCURACY,
) -> Rejection | None:
    """The lowest threshold on the out-of-scope ``scores`` that leaves in-scope accuracy at ``kept`` or above.

    ``outside`` (N,): rows that are out of scope; ``right`` (N,): rows whose best in-scope category is the true one. A
    row is called out of scope when its score is at or above the threshold. The threshold is chosen on these very rows:
    it is a point of their curve, not a promise for others. None when there are no such rows, or when in-scope accuracy is
    below ``kept`` even with nothing rejected.
    """
    inside = ~outside
    if not outside.any() or not inside.any() or float(right[inside].mean()) < kept:
        return None
    rows = int(inside.sum())
    held = np.sort(scores[inside & right])
    must_keep = int(np.ceil(kept * rows - 1e-9))  # 0.9 * 10 is a little more than 9 in floating point
    threshold = float(np.nextafter(held[must_keep - 1], np.inf))
    accepted = inside & right & (scores < threshold)
    return Rejection(threshold, float((scores[outside] >= threshold).mean()), float(accepted.sum() / rows))
