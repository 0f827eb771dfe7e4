"""When a surge began: the bin from which on the counts fit "more than usual" best."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt


def began(counts: Sequence[int], means: Sequence[float]) -> int:
    """How many of the last bins belong to the surge (at least 1). ``counts`` and the usual ``means`` of bins, the present bin
    first. By the likelihood ratio of a step (its height unknown) against the usual."""
    best, best_bins = 0.0, 1
    people, usual = 0, 0.0
    for bins, (count, mean) in enumerate(zip(counts, means, strict=True), 1):
        people += count
        usual += mean
        if count == 0 or people <= usual:
            continue
        gain = people * log(people / usual) - (people - usual)
        if gain > best:
            best, best_bins = gain, bins
    return best_bins


def still(people: int, usual: float, ratio: float) -> bool:
    """Whether ``people`` where ``usual`` are usual is nearer to a surge of half its height (``ratio``: people to usual at its
    highest) than to nothing at all, and more than chance often brings."""
    factor = max(2.0, ratio / 2)
    return people > 0 and people >= max(usual * (factor - 1) / log(factor), usual + 2 * sqrt(usual))
