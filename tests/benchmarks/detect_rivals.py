"""Other ways to notice a surge, as scores of every bin: what each says is more than usual, before a threshold is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from triagebot.detect.series import BIN_S, Series, Surge
from triagebot.detect.world import BINS_A_DAY, START

Floats = npt.NDArray[np.float64]

_WINDOW = 3
_CALM_BINS = 6
_LEAST = 5
_LEARN_DAYS = 14


def rolling(values: Floats, bins: int) -> Floats:
    """Sums of the last ``bins`` of each series."""
    sums = np.cumsum(values, axis=1)
    return sums - np.pad(sums, ((0, 0), (bins, 0)))[:, : sums.shape[1]]


def fixed(counts: Floats) -> Floats:
    """People of the last quarter of an hour, whatever the series."""
    return rolling(counts, _WINDOW)


def sigmas(counts: Floats) -> Floats:
    """Standard deviations of the last quarter of an hour above the mean of the day before it."""
    recent = rolling(counts, _WINDOW)
    past = np.pad(recent, ((0, 0), (_WINDOW, 0)))[:, : recent.shape[1]]
    mean = rolling(past, BINS_A_DAY) / BINS_A_DAY
    square = rolling(past**2, BINS_A_DAY) / BINS_A_DAY
    return (recent - mean) / np.sqrt(np.maximum(square - mean**2, 0) + 1)


def ewma(counts: Floats) -> Floats:
    """Deviations from an exponentially weighted mean (half-life an hour), in those of an equally weighted variance."""
    keep = 0.5 ** (1 / 12)
    recent = rolling(counts, _WINDOW)
    mean, square = recent[:, 0].copy(), np.ones(len(counts))
    scores = np.empty_like(recent)
    for n in range(recent.shape[1]):
        off = recent[:, n] - mean
        scores[:, n] = off / np.sqrt(square + 1)
        mean += (1 - keep) * off
        square = keep * square + (1 - keep) * off**2
    return scores


def last_weeks(counts: Floats) -> Floats:
    """Deviations from the same quarter of an hour in the four weeks before, in those of chance."""
    recent = rolling(counts, _WINDOW)
    week = 7 * BINS_A_DAY
    before = [np.pad(recent, ((0, 0), (n * week, 0)))[:, : recent.shape[1]] for n in range(1, 5)]
    known = np.minimum(4, np.arange(recent.shape[1]) // week)
    mean = sum(before) / np.maximum(1, known)
    return np.where(known > 0, (recent - mean) / np.sqrt(mean + 1), 0.0)


def river_sad(counts: Floats) -> Floats:
    """river.anomaly.StandardAbsoluteDeviation of each series: the last quarter of an hour against the median so far."""
    from river.anomaly import StandardAbsoluteDeviation

    recent = rolling(counts, _WINDOW)
    scores = np.empty_like(recent)
    for row, values in enumerate(recent):
        scorer = StandardAbsoluteDeviation(sub_stat="median")
        for n, value in enumerate(values.tolist()):
            scores[row, n] = scorer.score_one(None, value) if value else 0.0
            scorer.learn_one(None, value)
    return scores


def stl(counts: Floats) -> Floats:
    """statsmodels' STL of each series by the week, in hours, on the whole year: it sees what comes after, which no detector
    can. Score: the remainder in robust deviations."""
    from statsmodels.tsa.seasonal import STL

    hours = counts.reshape(len(counts), -1, 12).sum(axis=2)
    recent = rolling(counts, 12)
    scores = np.empty_like(recent)
    for row, values in enumerate(hours):
        parts = STL(values, period=168, seasonal=13, robust=False).fit()
        usual = np.repeat(np.maximum(parts.trend + parts.seasonal, 0.0), 12)
        deviation = 1.4826 * np.median(np.abs(parts.resid)) + 1
        scores[row] = (recent[row] - usual) / np.sqrt(deviation**2 + usual)
    return scores


RIVALS: dict[str, Callable[[Floats], Floats]] = {
    "fixed threshold": fixed,
    "k sigma of the last day": sigmas,
    "EWMA": ewma,
    "same time of the last four weeks": last_weeks,
    "river StandardAbsoluteDeviation": river_sad,
    "statsmodels STL with hindsight": stl,
}


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
