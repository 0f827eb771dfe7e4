"""Messages with what was said of them, whoever said it (the product, a model of a benchmark, a cross-validation), and
the figures and tables that need no more than that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from triagebot.triage.calibration import expected_calibration_error, macro_f1
from triagebot.triage.evaluation.measures import auroc, confusions, ratio, rejection, share

Candidates = Sequence[tuple[str, float]]
OutOfScopeScore = Callable[[Candidates, str], float]
"""From (category, probability) pairs and the name of the out-of-scope category to a score, higher for what is out of
scope."""
CONFUSIONS = 20
"""Pairs listed among the figures; errors.tsv and the matrix have them all."""
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Guess:
    """A message of ``truth`` that was taken for ``category`` with ``confidence``; ``candidates`` are (category,
    probability), best first, and may be cut off after the best few. ``decision`` is "" where none was taken."""

    text: str
    lang: str
    truth: str
    category: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    decision: str = ""

    @property
    def right(self) -> bool:
        return self.category == self.truth

    @property
    def in_top3(self) -> bool:
        return self.truth in [category for category, _ in self.candidates[:_LISTED]]


def unlike_any(candidates: Candidates, outside: str) -> float:
    """How much likelier out of scope is than the likeliest category in scope, 0 to 1: the difference of their logits, as a
    probability. Without a category for what is out of scope, 1 - the probability of the likeliest."""
    inside = max((p for category, p in candidates if category != outside), default=0.0)
    out = next((p for category, p in candidates if category == outside), None)
    if out is None:
        return 1.0 - inside
    return out / (out + inside) if out + inside else 1.0


def figures(guesses: Sequence[Guess]) -> dict[str, Any]:
    """n, and accuracy, top3, macro_f1, ece as shares of 1."""
    right = np.array([g.right for g in guesses])
    return {
        "n": len(guesses),
        "accuracy": share([g.right for g in guesses]),
        "top3": share([g.in_top3 for g in guesses]),
        "macro_f1": round(macro_f1([g.category for g in guesses], [g.truth for g in guesses]), 4),
        "ece": round(expected_calibration_error(np.array([g.confidence for g in guesses]), right), 4),
    }


def out_of_scope(guesses: Sequence[Guess], outside: str, score: OutOfScopeScore = unlike_any) -> dict[str, Any]:
    """How well ``score`` tells rows labelled ``outside`` from all others; {} when no row is.

    ``oos_auroc``; ``in_scope_accuracy`` (nothing rejected, the best of all categories); and at the threshold of
    ``measures.rejection``: ``oos_threshold``, ``oos_recall``, ``in_scope_accuracy_kept`` (None where there is no such
    threshold).
    """
    truly = np.array([g.truth == outside for g in guesses])
    if not truly.any():
        return {}
    scores = np.array([score(g.candidates, outside) for g in guesses], dtype=np.float64)
    right = np.array([_best_in_scope(g, outside) == g.truth for g in guesses])
    area = auroc(scores, truly)
    found = rejection(scores, truly, right)
    return {
        "oos_n": int(truly.sum()),
        "oos_auroc": None if area is None else round(area, 4),
        "in_scope_accuracy": share([g.right for g in guesses if g.truth != outside]),
        "oos_threshold": round(found.threshold, 4) if found else None,
        "oos_recall": round(found.recall, 4) if found else None,
        "in_scope_accuracy_kept": round(found.in_scope, 4) if found else None,
    }


def _best_in_scope(guess: Guess, outside: str) -> str:
    return next((category for category, _ in guess.candidates if category != outside), "")


def per_category(guesses: Sequence[Guess]) -> dict[str, dict[str, Any]]:
    """For each true category: n, recall, precision, f1, and what it was ``mistaken_for``, most frequent first."""
    support, guessed = Counter(g.truth for g in guesses), Counter(g.category for g in guesses)
    hits = Counter(g.truth for g in guesses if g.right)
    mistaken: dict[str, dict[str, int]] = defaultdict(dict)
    for pair in confusions([g.truth for g in guesses], [g.category for g in guesses]):
        mistaken[pair.truth][pair.guess] = pair.count
    return {
        name: {
            "n": support[name],
            "recall": ratio(hits[name], support[name]),
            "precision": ratio(hits[name], guessed[name]),
            "f1": ratio(2 * hits[name], support[name] + guessed[name]),
            "mistaken_for": mistaken[name],
        }
        for name in sorted(support)
    }


def most_confused(guesses: Sequence[Guess], most: int = CONFUSIONS) -> list[dict[str, Any]]:
    """The most frequent confusions as JSON: truth, taken_for, n."""
    found = confusions([g.truth for g in guesses], [g.category for g in guesses])[:most]
    return [{"truth": c.truth, "taken_for": c.guess, "n": c.count} for c in found]
