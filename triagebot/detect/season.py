"""What is usual in each hour of the week, as a factor: from a prior, over all series, to each series of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from triagebot.detect.series import BIN_S

HOURS = 168
BINS_AN_HOUR = 3600 // BIN_S
_AWAY = tuple((place + 0.5) / BINS_AN_HOUR - 0.5 for place in range(BINS_AN_HOUR))
"""How far the middle of each bin of an hour is from the hour's, in hours."""
_CHINA_H = 8
_MONDAY_H = 72
"""1970 began on a Thursday."""
_KEEP = 0.5 ** (1 / 8)
"""What is left of an hour of the week when it comes again: half after eight weeks."""
_DAY = (
    *(0.25, 0.15, 0.1, 0.1, 0.1, 0.15, 0.35, 0.7, 1.2, 1.7, 1.8, 1.6),
    *(1.3, 1.4, 1.6, 1.6, 1.5, 1.4, 1.3, 1.35, 1.4, 1.35, 1.0, 0.6),
)
"""People who ask for help in each hour of a day in China, mean 1."""
_WEEKEND = 0.8
_FLAT = 0.3
"""Of an unknown service so much is taken to be the same all day."""
_OTHER_DAYS, _OTHER_TRUST = 0.3, 30.0
"""What an hour teaches about the same hour of other days, and after how many people that is half as much."""


def hour_of_week(hour: int) -> int:
    """``hour``: hours since 1970; 0 is Monday 00:00 in China."""
    return (hour + _CHINA_H + _MONDAY_H) % HOURS


def prior() -> list[float]:
    """The factors before anything was learned."""
    return [(_FLAT + (1 - _FLAT) * _DAY[hour % 24]) * (_WEEKEND if hour >= 120 else 1.0) for hour in range(HOURS)]


@dataclass(slots=True)
class Season:
    """``people``: counted in each hour of the week, ``usual``: how many the level alone would have let expect (both fading);
    ``trust``: how many people the factors it starts from are worth. ``factors`` follow from them and those of ``above``."""

    above: Sequence[float]
    trust: float
    people: list[float] = field(default_factory=lambda: [0.0] * HOURS)
    usual: list[float] = field(default_factory=lambda: [0.0] * HOURS)
    factors: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.factors = [self._factor(hour) for hour in range(HOURS)]

    def _factor(self, hour: int) -> float:
        return (self.trust * self.above[hour] + self.people[hour]) / (self.trust + self.usual[hour])

    def learn(self, hour: int, people: float, usual: float) -> None:
        """``hour`` of the week has passed with ``people``, where its level alone let ``usual`` expect."""
        self.people[hour] *= _KEEP
        self.usual[hour] *= _KEEP
        for other in range(hour % 24, HOURS, 24):
            part = 1.0 if other == hour else _OTHER_DAYS * _OTHER_TRUST / (_OTHER_TRUST + self.usual[other])
            self.people[other] += part * people
            self.usual[other] += part * usual
            self.factors[other] = self._factor(other)

    def doubt(self, hour: int) -> float:
        """The relative variance of the factor of ``hour``."""
        return 1 / (self.trust + self.people[hour])


def course(factors: Sequence[float], level: float, first: int, bins: int) -> list[float]:
    """``level`` times the factor of each of so many bins from ``first`` on, in straight lines between the middles of hours."""
    found: list[float] = []
    hour, place = divmod(first, BINS_AN_HOUR)
    while len(found) < bins:
        week = hour_of_week(hour)
        here = factors[week]
        rise = here - factors[week - 1], factors[(week + 1) % HOURS] - here
        found += [level * (here + away * rise[away > 0]) for away in _AWAY[place : place + bins - len(found)]]
        hour, place = hour + 1, 0
    return found
