"""One series as it goes: its last two hours bin by bin, what is usual for it, whether it surges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import log

from triagebot.detect.level import Level
from triagebot.detect.onset import began
from triagebot.detect.people import Recent
from triagebot.detect.season import BINS_AN_HOUR, Season, course, hour_of_week
from triagebot.detect.surging import LEAST_USUAL, STILL_BINS, Surging
from triagebot.detect.tail import WINDOWS, chance

KEPT = 24
"""Bins that are held: a surge is noticed by the last hour, and may have begun in the one before."""
_HELD = KEPT + BINS_AN_HOUR
_LEAST_RATIO = 1.5
"""Fewer times the usual are no incident, however certain."""
_KNOWN_H = 24
"""So many hours must be known of a level before hours of the week are compared with it."""
_OFTEN_KEEP = 0.5 ** (1 / (30 * 24))
_SEASON_DOUBT = 0.04
_WINDOWS = tuple((window, log(window) / log(WINDOWS[-1])) for window in WINDOWS)
"""With where each lies between a bin (0) and an hour (1)."""


@dataclass(slots=True)
class Track:
    """``factors``: of its own ``season``, or, without one, of all series. ``bin_``: the newest that was entered. ``counts`` and
    ``means``: of KEPT bins and then those of the present hour, to its end. ``seen``: the last bin in which somebody reported.
    ``taught``: the last hour learned.
    ``over``: the first bin after its last surge; ``often``: its surges, fading by half in 30 days. ``waiting``: (hour of the
    week, people) of the first day, which can be compared only when it is over."""

    factors: Sequence[float]
    season: Season | None = None
    level: Level = field(default_factory=Level)
    surging: Surging | None = None
    people: Recent = field(default_factory=Recent)
    bin_: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * _HELD)
    means: list[float] = field(default_factory=lambda: [0.0] * _HELD)
    seen: int = 0
    taught: int = 0
    over: int = 0
    often: float = 0.0
    waiting: list[tuple[int, float]] = field(default_factory=list)
    changed: bool = True

    def usual(self, first: int, bins: int) -> list[float]:
        """How many people are to be expected in each of so many bins from ``first`` on."""
        return course(self.factors, self.level.mean, first, bins)

    def enter(self, bin_: int) -> None:
        """Time has come to ``bin_``."""
        if bin_ <= self.bin_:
            return
        hour = bin_ // BINS_AN_HOUR
        new = min(_HELD, BINS_AN_HOUR * (hour - self.bin_ // BINS_AN_HOUR))
        if new:
            self.counts = self.counts[new:] + [0] * new
            self.means = self.means[new:] + self.usual(BINS_AN_HOUR * (hour + 1) - new, new)
        self.bin_ = bin_

    def last(self, bins: int) -> tuple[list[int], list[float]]:
        """Counts and means of the last ``bins``, the newest first."""
        newest = KEPT + self.bin_ % BINS_AN_HOUR
        return self.counts[newest : newest - bins : -1], self.means[newest : newest - bins : -1]

    def add(self, bin_: int, people: int = 1) -> None:
        """So many more people in ``bin_``, which may be late."""
        back = self.bin_ - bin_
        if 0 <= back < KEPT:
            self.counts[KEPT + self.bin_ % BINS_AN_HOUR - back] += people
            self.seen = max(self.seen, bin_)

    def rarity(self, least: int) -> float:
        """The chance of the most unlikely of the windows that end now, of those with at least ``least`` people and clearly more
        than usual; 1 where there is none."""
        counts, means = self.last(WINDOWS[-1])
        if self.bin_ - self.over + 1 < WINDOWS[-1]:
            new = max(0, self.bin_ - self.over + 1)
            counts[new:] = [0] * (WINDOWS[-1] - new)
            means[new:] = [0.0] * (WINDOWS[-1] - new)
        rarest = 1.0
        if sum(counts) < least:
            return rarest
        people, usual = list(accumulate(counts)), list(accumulate(means))
        for window, place in _WINDOWS:
            met, mean = people[window - 1], usual[window - 1]
            if met >= least and met >= _LEAST_RATIO * mean:
                rarest = min(rarest, chance(met, mean, self._spread(place)))
        return rarest

    def _spread(self, place: float) -> float:
        """The relative variance of a window's count: chance apart, the season's and level's doubt, and how counts stray."""
        of_bin, of_hour = self.level.spreads
        stray = of_bin ** (1 - place) * of_hour**place
        season = self.season.doubt(hour_of_week(self.bin_ // BINS_AN_HOUR)) if self.season else _SEASON_DOUBT
        return float(stray) + self.level.doubt + season

    def begin(self) -> tuple[Surging, int, float]:
        """It surges from now on; returns also the people since it began, and how many would be usual."""
        counts, means = self.last(min(KEPT, self.bin_ - self.over + 1))
        bins = began(counts, means)
        people, usual = sum(counts[:bins]), sum(means[:bins])
        self.surging = Surging(self.bin_ - bins + 1, self.bin_, people / max(usual, LEAST_USUAL))
        self.often += 1
        self.changed = True
        return self.surging, people, usual

    def goes_on(self, surging: Surging) -> None:
        surging.goes_on(self.bin_, *self.last(STILL_BINS))

    def end(self) -> None:
        """It does not surge any more; what it had of people is not counted again."""
        if self.surging:
            self.over = self.surging.quiet_since()
        self.surging = None
        self.changed = True

    def teach(self, hour: int) -> tuple[float, float]:
        """The hour is over, and no bin after it was entered: learn from it, unless it surges. Returns its people, and how many
        its level alone let expect; both 0 where nothing is to be learned by others."""
        if hour <= self.taught:
            return 0.0, 0.0
        self.taught = hour
        self.often *= _OFTEN_KEEP
        self.changed = True
        first = hour * BINS_AN_HOUR
        self.enter(first + BINS_AN_HOUR - 1)
        counts, means = self.counts[-BINS_AN_HOUR:], self.means[-BINS_AN_HOUR:]
        if self.surging:
            times = self.surging.endure(sum(counts), sum(means), self.level.hours)
            if times is not None:
                self.level.adopt(times)
            return 0.0, 0.0
        known, usual = self.level.hours >= _KNOWN_H, BINS_AN_HOUR * self.level.day
        week = hour_of_week(hour)
        people = self.level.learn(counts, means, self.factors[week])
        if self.season is None:
            return 0.0, 0.0
        if not known:
            self.waiting.append((week, people))
            return 0.0, 0.0
        for before, many in self.waiting:
            self.season.learn(before, many, usual)
        self.waiting = []
        self.season.learn(week, people, usual)
        return people, usual
