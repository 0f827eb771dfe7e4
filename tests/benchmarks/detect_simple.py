"""Other ways to notice a surge, as scores of every bin: what each says is more than usual, before a threshold is set."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triagebot.detect.world import BINS_A_DAY

Floats = npt.NDArray[np.float64]

WINDOW = 3


def rolling(values: Floats, bins: int) -> Floats:
    """Sums of the last ``bins`` of each series."""
    sums = np.cumsum(values, axis=1)
    return sums - np.pad(sums, ((0, 0), (bins, 0)))[:, : sums.shape[1]]


def fixed(counts: Floats) -> Floats:
    """People of the last quarter of an hour, whatever the series."""
    return rolling(counts, WINDOW)


def sigmas(counts: Floats) -> Floats:
    """Standard deviations of the last quarter of an hour above the mean of the day before it."""
    recent = rolling(counts, WINDOW)
    past = np.pad(recent, ((0, 0), (WINDOW, 0)))[:, : recent.shape[1]]
    mean = rolling(past, BINS_A_DAY) / BINS_A_DAY
    square = rolling(past**2, BINS_A_DAY) / BINS_A_DAY
    return (recent - mean) / np.sqrt(np.maximum(square - mean**2, 0) + 1)


def ewma(counts: Floats) -> Floats:
    """Deviations from an exponentially weighted mean (half-life an hour), in those of an equally weighted variance."""
    keep = 0.5 ** (1 / 12)
    recent = rolling(counts, WINDOW)
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
    recent = rolling(counts, WINDOW)
    week = 7 * BINS_A_DAY
    before = [np.pad(recent, ((0, 0), (n * week, 0)))[:, : recent.shape[1]] for n in range(1, 5)]
    known = np.minimum(4, np.arange(recent.shape[1]) // week)
    mean = sum(before) / np.maximum(1, known)
    return np.where(known > 0, (recent - mean) / np.sqrt(mean + 1), 0.0)
