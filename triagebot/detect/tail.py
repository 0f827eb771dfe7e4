"""How unlikely so many people are, and how unlikely they must be before it is said: few false alarms over all series."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from triagebot.detect.series import BIN_S

WINDOWS = (1, 2, 3, 6, 12)
"""Bins that are looked at together, ending with the present one: from sudden to slow."""
_BINS_IN_30_DAYS = 30 * 24 * 3600 // BIN_S
_LOOKS = 3.0
"""The windows of a bin overlap with each other and with those before: five count as about three."""
_OFTEN = 0.1


def chance(people: int, mean: float, spread: float) -> float:
    """The probability of at least ``people`` where ``mean`` are usual: negative binomial with variance
    mean + spread * mean^2, Poisson where ``spread`` is 0."""
    if people <= 0:
        return 1.0
    gammainc, betainc = _integrals()
    if spread <= 0:
        return float(gammainc(people, mean))
    return float(betainc(people, 1 / spread, mean / (mean + 1 / spread)))


@cache
def _integrals() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The incomplete gamma and beta functions; importing them takes longer than many a command that only names series."""
    from scipy.special import betainc, gammainc

    return gammainc, betainc


def share(false_alarms: float, series: int, often: float = 0.0) -> float:
    """The chance below which a series may alarm in one window of one bin, so that ``false_alarms`` are expected in 30 days
    over all ``series``. ``often``: how many surges it had of late: of one that strays more wildly than any formula knows, a
    tenth of the chance is asked for each."""
    return false_alarms / (_BINS_IN_30_DAYS * _LOOKS * max(1, series)) * float(_OFTEN**often)
