"""Other ways to notice a surge, and when their scores are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.benchmarks.detect_libraries import river_holt_winters, stl
from tests.benchmarks.detect_simple import Floats, ewma, fixed, last_weeks, rolling, sigmas
from triagebot.detect.series import BIN_S, Series, Surge
from triagebot.detect.world import BINS_A_DAY, START

_CALM_BINS = 6
_LEAST = 5
_LEARN_DAYS = 14

RIVALS: dict[str, Callable[[Floats], Floats]] = {
    "fixed threshold": fixed,
    "k sigma of the last day": sigmas,
    "EWMA": ewma,
    "same time of the last four weeks": last_weeks,
    "river HoltWinters": river_holt_winters,
    "statsmodels STL": stl,
}
NEEDS = {"river HoltWinters": "river", "statsmodels STL": "statsmodels"}
"""The package that has to be installed for it."""


def surges(scores: Floats, counts: Floats, series: Sequence[Series], threshold: float) -> list[Surge]:
    """A surge begins with a score above ``threshold`` of at least five people in an hour, at the end of the bin, when none was
    above it for half an hour."""
    high = (scores > threshold) & (rolling(counts, 12) >= _LEAST)
    high[:, : _LEARN_DAYS * BINS_A_DAY] = False
    before = np.pad(np.cumsum(high, axis=1), ((0, 0), (1, 0)))[:, :-1]
    earlier = np.pad(before, ((0, 0), (_CALM_BINS, 0)))[:, : before.shape[1]]
    rows, bins = np.nonzero(high & (before == earlier))
    return [
        Surge(series[row], START + (bin_ + 1) * float(BIN_S), START + bin_ * float(BIN_S), 0, 0.0)
        for row, bin_ in zip(rows, bins, strict=True)
    ]
