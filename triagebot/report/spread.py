"""The middle and the tail of a list of numbers, as docs/reports.md defines them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median as middle

from triagebot.report.figures import Times


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two in the middle; None of nothing."""
    return float(middle(values)) if values else None


def p90(values: Sequence[float]) -> float | None:
    """The smallest value that at least nine in ten do not exceed (nearest rank): always one that occurred."""
    return float(sorted(values)[ceil(len(values) * 0.9) - 1]) if values else None


def times(spans: Sequence[tuple[float, float]]) -> Times:
    """``spans``: (business seconds, wall seconds) of each."""
    business, wall = [b for b, _ in spans], [w for _, w in spans]
    return Times(len(spans), median(business), p90(business), median(wall), p90(wall))
