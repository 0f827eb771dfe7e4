"""The stream of reports, counted by series and bin; who reports more than usual, and since when."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scipy.stats import poisson

from triagebot.detect.series import BIN_S, Calm, Report, Series, Surge

_WINDOW_BINS = 6
_PRIOR_PER_BIN = 0.2
_BINS_IN_30_DAYS = 30 * 24 * 3600 // BIN_S


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for a series. ``least_people``: so many different people at least; ``factor``: by which the series may alarm
    more often (above 1) or less often than its share of ``Detector.false_alarms``; ``off``: never."""

    least_people: int = 5
    factor: float = 1.0
    off: bool = False


@dataclass
class _Track:
    """One series. ``bins``: (bin, people) of the last half an hour; ``surging``: from when to when it last surged."""

    mean: float = _PRIOR_PER_BIN
    bins: deque[tuple[int, set[int]]] = field(default_factory=deque)
    surging: bool = False
    last_high: int = 0


class Detector:
    """``limits``: series -> what holds for it; ``false_alarms``: in 30 days over all series; ``calm_after_s``: wall seconds
    without more than usual that end a surge. Reports must come in roughly the order of their times."""

    def __init__(
        self, limits: Callable[[Series], Limits] = lambda series: Limits(), *, false_alarms: float = 1.0,
        calm_after_s: float = 1800.0,
    ) -> None:  # fmt: skip
        self._limits = limits
        self._false_alarms = false_alarms
        self._calm_bins = max(1, int(calm_after_s // BIN_S))
        self._tracks: dict[Series, _Track] = defaultdict(_Track)

    def see(self, report: Report) -> tuple[Surge, ...]:
        """Count it; returns the series that have begun to surge with it."""
        bin_ = int(report.at // BIN_S)
        found = (self._count(series, report, bin_) for series in series_of(report))
        return tuple(surge for surge in found if surge is not None)

    def _count(self, series: Series, report: Report, bin_: int) -> Surge | None:
        limits = self._limits(series)
        if limits.off:
            return None
        track = self._tracks[series]
        while track.bins and track.bins[0][0] <= bin_ - _WINDOW_BINS:
            track.bins.popleft()
        if not track.bins or track.bins[-1][0] < bin_:
            track.bins.append((bin_, set()))
        track.bins[-1][1].add(report.person)
        people = len(set[int]().union(*(who for _, who in track.bins)))
        expected = track.mean * _WINDOW_BINS
        share = self._false_alarms * limits.factor / (_BINS_IN_30_DAYS * max(1, len(self._tracks)))
        if people < limits.least_people or float(poisson.sf(people - 1, expected)) > share:
            return None
        track.last_high = bin_
        if track.surging:
            return None
        track.surging = True
        return Surge(series, report.at, track.bins[0][0] * BIN_S, people, expected)

    def advance(self, now: float) -> tuple[Calm, ...]:
        """Time goes on to ``now`` (seconds since 1970), whether or not anybody reports; returns the surges that are over."""
        bin_ = int(now // BIN_S)
        over = []
        for series, track in self._tracks.items():
            if track.surging and bin_ - track.last_high > self._calm_bins:
                track.surging = False
                over.append(Calm(series, now, (track.last_high + 1) * BIN_S))
        return tuple(over)

    def expected(self, series: Series, begin: float, end: float) -> list[float]:
        """How many people would be usual in each bin from ``begin`` to ``end`` (seconds since 1970), by what is known now."""
        bins = range(int(begin // BIN_S), int(-(-end // BIN_S)))
        mean = self._tracks[series].mean if series in self._tracks else _PRIOR_PER_BIN
        return [mean for _ in bins]

    def learned(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What must be kept for a restart, of what changed since the last call: (key of a series, values for JSON)."""
        for series, track in self._tracks.items():
            yield series.key, {"mean": track.mean, "surging": track.surging, "last_high": track.last_high}

    def remember(self, key: str, values: Mapping[str, Any]) -> None:
        """The reverse of ``learned``; ValueError for what was not written by it."""
        self._tracks[Series.of_key(key)] = _Track(
            mean=float(values["mean"]), surging=bool(values["surging"]), last_high=int(values["last_high"])
        )


def series_of(report: Report) -> tuple[Series, ...]:
    """In how many ways it is counted: its category on its platform, its category anywhere, the wordings, the app's version."""
    own = [Series(report.category, report.platform)]
    own += [Series(report.category, report.platform, signature) for signature in report.signatures[:2]]
    if report.app_version:
        own.append(Series(report.category, report.platform, "", report.app_version))
    return tuple(own)
