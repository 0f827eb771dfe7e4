"""How many people a series has at its present height, and how far counts stray: slow, of the day, and of the last hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

_HALF_LIVES_H = (14 * 24.0, 24.0, 3.0)
_KEEP = tuple(0.5 ** (1 / hours) for hours in _HALF_LIVES_H)
_PRIOR_PEOPLE, _PRIOR_BINS = 1.0, 4.0
"""An unknown series: about 3 people an hour, and ten times as many are not out of the question."""
_TRUST_PEOPLE = 10.0
"""So many people's worth of the slow level are mixed into the quick ones."""
_SPREAD, _SPREAD_TRUST, _SPREAD_LEAST = 0.06, 400.0, 0.01
_SPREAD_KEEP = 0.5 ** (1 / (28 * 24))
_CLIP = 3.0
_STRAY_CLIP = _CLIP**2 * 2


@dataclass(slots=True)
class Level:
    """``people`` and ``bins`` (bins times their season's factor), fading with each half-life; ``stray``: (squares beyond
    chance, squares of means) of one bin and of an hour; ``hours``: learned from so far.

    ``mean``: people to be expected in a bin of factor 1; ``slow`` and ``day``: what two of the half-lives say; ``doubt``: the
    relative variance of the mean; ``spreads``: that beyond chance of one bin and of an hour."""

    people: list[float] = field(default_factory=lambda: [0.0] * 3)
    bins: list[float] = field(default_factory=lambda: [0.0] * 3)
    stray: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0], [0.0, 0.0]])
    hours: int = 0
    mean: float = field(init=False)
    slow: float = field(init=False)
    day: float = field(init=False)
    doubt: float = field(init=False)
    spreads: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self._conclude()

    def _conclude(self) -> None:
        self.slow = (_PRIOR_PEOPLE + self.people[0]) / (_PRIOR_BINS + self.bins[0])
        quick = [
            (_TRUST_PEOPLE + people) / (_TRUST_PEOPLE / self.slow + bins)
            for people, bins in zip(self.people[1:], self.bins[1:], strict=True)
        ]
        self.day = quick[0]
        # The highest of the three: after a holiday, on a workday at a weekend, in a growing month nobody is alarmed.
        self.mean = max(self.slow, *quick)
        self.doubt = 1 / (_PRIOR_PEOPLE + self.people[0])
        self.spreads = self._spread(0), self._spread(1)

    def was_silent(self, bins: float) -> None:
        """Nobody reported in so many bins (times their factors) before it was first heard of."""
        self.bins[0] += bins
        self._conclude()

    def _spread(self, which: int) -> float:
        beyond, squares = self.stray[which]
        return max(_SPREAD_LEAST, (_SPREAD * _SPREAD_TRUST + beyond) / (_SPREAD_TRUST + squares))

    def learn(self, counts: Sequence[int], means: Sequence[float], factor: float) -> float:
        """An hour has passed: ``counts`` and usual ``means`` of its bins, its season's ``factor``. Returns its people, without
        those who were too many to be usual."""
        usual = sum(means)
        people = float(sum(counts))
        if self.hours >= 24:
            people = min(people, usual + _CLIP * sqrt(usual + self.spreads[1] * usual * usual) + 1)
            self._stray(0, counts, means)
            self._stray(1, (people,), (usual,))
        for j, keep in enumerate(_KEEP):
            self.people[j] = self.people[j] * keep + people
            self.bins[j] = self.bins[j] * keep + len(counts) * factor
        self.hours += 1
        self._conclude()
        return people

    def _stray(self, which: int, counts: Sequence[float], means: Sequence[float]) -> None:
        spread = self.spreads[which]
        beyond = squares = 0.0
        for count, mean in zip(counts, means, strict=True):
            square = mean * mean
            off = (count - mean) ** 2
            most = _STRAY_CLIP * (mean + spread * square) + 1
            beyond += (off if off < most else most) - mean
            squares += square
        self.stray[which] = [
            self.stray[which][0] * _SPREAD_KEEP + beyond,
            self.stray[which][1] * _SPREAD_KEEP + squares,
        ]

    def adopt(self, times: float) -> None:
        """``times`` as many as before are usual from now on."""
        slow = self.mean * times
        for j, bins in enumerate(self.bins):
            self.bins[j] = max(bins, 24.0)
            self.people[j] = max(0.0, slow * (self.bins[j] + _PRIOR_BINS) - _PRIOR_PEOPLE)
        self.hours = max(self.hours, 24)
        self._conclude()
