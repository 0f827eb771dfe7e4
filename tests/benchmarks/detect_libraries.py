"""Detectors made of well-kept libraries, one for each series, as scores of every bin (``pip install -e '.[bench]'``)."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from tests.benchmarks.detect_simple import WINDOW, Floats, rolling
from triagebot.detect.world import BINS_A_DAY
from triagebot.errors import MissingPartError

_WEEK_BINS = 7 * BINS_A_DAY
_WEEK_HOURS = 7 * 24
_LEARN_DAYS = 14
_STL_HOURS = 6 * _WEEK_HOURS
_UNCLIPPED = 1e6
"""river cuts a score off at so many deviations; nothing is to be cut off before a threshold is set."""


def check(packages: set[str]) -> None:
    """MissingPartError for packages that are not installed: to be asked before anything takes time."""
    missing = sorted(name for name in packages if find_spec(name) is None)
    if missing:
        raise MissingPartError(
            f"not installed here: {', '.join(missing)}; get the libraries to compare with by: pip install -e '.[bench]'"
        )


def river_holt_winters(counts: Floats) -> Floats:
    """river's PredictiveAnomalyDetection with its HoltWinters of a week in bins, on roots of the last quarter of an hour:
    squared errors above the forecast, in deviations of all squared errors so far."""
    from river.anomaly import PredictiveAnomalyDetection
    from river.time_series import HoltWinters

    scores = np.zeros_like(counts)
    for row, values in enumerate(_roots(rolling(counts, WINDOW))):
        forecaster = HoltWinters(alpha=0.05, beta=1e-6, gamma=0.2, seasonality=_WEEK_BINS)
        scorer = PredictiveAnomalyDetection(forecaster, n_std=_UNCLIPPED, warmup_period=_LEARN_DAYS * BINS_A_DAY)
        for n, value in enumerate(values.tolist()):
            if n >= _WEEK_BINS:
                score = scorer.score_one({}, value)
                scores[row, n] = score * _UNCLIPPED if value > forecaster.forecast(1)[0] else 0.0
            scorer.learn_one(None, value)
    return scores


def stl(counts: Floats) -> Floats:
    """statsmodels' STL of roots of hourly sums, fitted each day at 23:00 to the six weeks before, its last week and height
    taken for the next day: the last quarter of an hour above that, in robust deviations of the remainder."""
    from statsmodels.tsa.seasonal import STL

    hours = _roots(counts.reshape(len(counts), -1, 12).sum(axis=2))
    usual, deviation = np.zeros_like(hours), np.ones_like(hours)
    for row, values in enumerate(hours):
        for now in range(_LEARN_DAYS * 24, len(values), 24):
            past = values[max(0, now - 1 - _STL_HOURS) : now - 1]
            parts = STL(past, period=_WEEK_HOURS, seasonal=7, trend_jump=24, low_pass_jump=24).fit()
            usual[row, now : now + 24] = parts.seasonal[-_WEEK_HOURS:][1:25] + parts.trend[-1]
            deviation[row, now : now + 24] = max(0.5, 1.4826 * float(np.median(np.abs(parts.resid))))
    expected = rolling(_in_bins(np.maximum(usual, 0) ** 2), WINDOW)
    return (_roots(rolling(counts, WINDOW)) - _roots(expected)) / np.repeat(deviation, 12, axis=1)


def _roots(values: Floats) -> Floats:
    """Counts stray by half a root, however high they are."""
    return np.sqrt(values + 0.375)


def _in_bins(hours: Floats) -> Floats:
    """Hourly sums in straight lines between the middles of the hours."""
    middles, bins = np.arange(hours.shape[1]) * 12 + 5.5, np.arange(hours.shape[1] * 12)
    return np.stack([np.interp(bins, middles, values) / 12 for values in hours])
