"""The stream of reports, counted by series and bin; who reports more than usual, and since when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from triagebot.detect.kept import into_season, into_track, of_season, of_track
from triagebot.detect.limits import Limits as Limits
from triagebot.detect.season import BINS_AN_HOUR, Season, hour_of_week, prior
from triagebot.detect.series import BIN_S, Calm, Report, Series, Surge
from triagebot.detect.tail import share
from triagebot.detect.track import Track

_ALL = Series()
_LIMITS = Limits()
_ALL_TRUST, _OWN_TRUST = 200.0, 24.0
_GAP_H = 24
"""After so many hours without any sign of life nothing is learned: it was us who were away."""
_IDLE_BINS = 30 * 24 * BINS_AN_HOUR
_FIRST_H, _FIRST_SERIES = 7 * 24, 50
_SILENT_BINS = 24.0
"""A series that is new after a week counts as one that was silent for two hours: it is expected to be small."""
_MOST_BROAD, _MOST_NARROW = 1000, 1000
"""Series that are kept, of categories and platforms, and of wordings and versions: strangers can invent versions."""


class Detector:
    """``limits``: series -> what holds for it; ``false_alarms``: in 30 days over all series; ``calm_after_s``: wall seconds
    without more than usual that end a surge; ``learn_until``: no surge is noticed before (seconds since 1970), for a log that
    is read from its beginning. Reports must come in roughly the order of their times: one that is an hour late is not counted.
    A report that is seen again changes nothing."""

    def __init__(
        self, limits: Callable[[Series], Limits] = lambda series: _LIMITS, *, false_alarms: float = 1.0,
        calm_after_s: float = 1800.0, learn_until: float = 0.0,
    ) -> None:  # fmt: skip
        self._limits = limits
        self._false_alarms = false_alarms
        self._calm_after_s = calm_after_s
        self._learn_until = learn_until
        self._now = 0.0
        self._bin = 0
        self._hour = 0
        self._hours = 0
        self._season = Season(prior(), _ALL_TRUST)
        self._season_changed = False
        self._tracks: dict[bool, dict[Series, Track]] = {True: {}, False: {}}
        self._surging: set[Series] = set()

    def see(self, report: Report) -> tuple[Surge, ...]:
        """Count it; returns the series that have begun to surge with it."""
        self._move(report.at)
        found = [surge for series in series_of(report) if (surge := self._count(series, report))]
        return tuple(found)

    def _count(self, series: Series, report: Report) -> Surge | None:
        limits = self._limits(series)
        if limits.off:
            return None
        track = self._track(series)
        track.enter(self._bin)
        if not track.people.is_new(report.person, report.at, self._now):
            return None
        return self._add(series, track, limits, report.at, 1)

    def see_many(self, series: Series, at: float, people: int) -> Surge | None:
        """``people`` whom nobody has seen report ``series`` at once: a column of counts in place of reports."""
        self._move(at)
        limits, track = self._limits(series), self._track(series)
        track.enter(self._bin)
        return self._add(series, track, limits, at, people) if people and not limits.off else None

    def rarity(self, series: Series) -> float:
        """The chance of so many people of late, by the most unlikely window; 1 where they are usual."""
        return self._track(series).rarity(self._limits(series).least_people)

    def _add(self, series: Series, track: Track, limits: Limits, at: float, people: int) -> Surge | None:
        track.add(int(at // BIN_S), people)
        if track.surging:
            track.goes_on(track.surging)
            return None
        if self._now < self._learn_until:
            return None
        rarity = track.rarity(limits.least_people)
        if rarity == 1 or rarity >= share(self._false_alarms * limits.factor, self._many(), track.often):
            return None
        surging, met, usual = track.begin()
        self._surging.add(series)
        return Surge(series, self._now, surging.since * float(BIN_S), met, usual)

    def _many(self) -> int:
        """Series that share the false alarms; how many there will be shows in the first week."""
        return max(sum(map(len, self._tracks.values())), 0 if self._hours >= _FIRST_H else _FIRST_SERIES)

    def advance(self, now: float) -> tuple[Calm, ...]:
        """Time goes on to ``now`` (seconds since 1970), whether or not anybody reports; returns the surges that are over."""
        self._move(now)
        over = (self._look(series) for series in sorted(self._surging))
        return tuple(calm for calm in over if calm)

    def _look(self, series: Series) -> Calm | None:
        """Whether a surge is over."""
        track = self._track(series)
        if track.surging is None:
            return None
        track.enter(self._bin)
        track.goes_on(track.surging)
        since = track.surging.quiet_since() * float(BIN_S)
        if self._now - since < self._calm_after_s:
            return None
        track.end()
        self._surging.discard(series)
        return Calm(series, self._now, since)

    def end(self, series: Series) -> None:
        """A person says that its surge is over: who reports it from the next bin on may be a new one."""
        track = self._tracks[_is_broad(series)].get(series)
        if track is None or track.surging is None:
            return
        track.end()
        track.over = self._bin + 1
        track.often = max(0.0, track.often - 1)  # it was real: no sign that the series strays
        self._surging.discard(series)

    def expected(self, series: Series, begin: float, end: float) -> list[float]:
        """How many people would be usual in each bin from ``begin`` to ``end`` (seconds since 1970), by what is known now."""
        track = self._tracks[_is_broad(series)].get(series) or Track(self._season.factors)
        first = int(begin // BIN_S)
        return track.usual(first, int(-(-end // BIN_S)) - first)

    def learned(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What must be kept for a restart, of what changed since the last call: (key of a series, values for JSON)."""
        if self._season_changed:
            self._season_changed = False
            yield _ALL.key, of_season(self._season)
        for tracks in self._tracks.values():
            for series, track in tracks.items():
                if track.changed:
                    track.changed = False
                    yield series.key, of_track(track)

    def remember(self, key: str, values: Mapping[str, Any]) -> None:
        """The reverse of ``learned``; ValueError for what was not written by it."""
        series = Series.of_key(key)
        if series == _ALL:
            kept = into_season(self._season, values)
            self._season.people, self._season.usual = kept.people, kept.usual
            self._season.factors[:] = kept.factors
            return
        track = self._new(series)
        into_track(track, values)
        self._tracks[_is_broad(series)][series] = track
        if track.surging:
            self._surging.add(series)

    def _track(self, series: Series) -> Track:
        tracks = self._tracks[_is_broad(series)]
        track = tracks.pop(series, None)
        if track is None:
            track = self._new(series)
            if len(tracks) >= (_MOST_BROAD if _is_broad(series) else _MOST_NARROW):
                self._drop(tracks, next((old for old in tracks if old not in self._surging), next(iter(tracks))))
        tracks[series] = track  # at the end: the first is the one that was not asked for longest
        return track

    def _drop(self, tracks: dict[Series, Track], series: Series) -> None:
        del tracks[series]
        self._surging.discard(series)

    def _new(self, series: Series) -> Track:
        season = Season(self._season.factors, _OWN_TRUST) if _is_broad(series) else None
        track = Track(season.factors if season else self._season.factors, season, taught=self._hour)
        track.level.was_silent(min(_SILENT_BINS, _SILENT_BINS * self._hours / _FIRST_H))
        return track

    def _move(self, now: float) -> None:
        """Time goes on; what is over is learned from, hour by hour."""
        if now > self._now:
            self._now = now
            self._bin = int(now // BIN_S)
        hour = self._bin // BINS_AN_HOUR
        if hour == self._hour:
            return
        if hour - self._hour <= _GAP_H:
            for over in range(self._hour, hour):
                self._teach(over)
            self._hours += hour - self._hour
        self._hour = hour
        for tracks in self._tracks.values():
            idle = [s for s, track in tracks.items() if track.seen < self._bin - _IDLE_BINS and not track.surging]
            for series in idle:
                self._drop(tracks, series)

    def _teach(self, hour: int) -> None:
        lessons = [track.teach(hour) for tracks in self._tracks.values() for track in tracks.values()]
        people, usual = sum(lesson[0] for lesson in lessons), sum(lesson[1] for lesson in lessons)
        if usual:
            self._season.learn(hour_of_week(hour), people, usual)
            self._season_changed = True


def _is_broad(series: Series) -> bool:
    return not (series.signature or series.app_version)


def series_of(report: Report) -> tuple[Series, ...]:
    """In how many ways it is counted: its category on its platform ("" where unknown), the wordings, the app's version."""
    own = [Series(report.category, report.platform)]
    own += [Series(report.category, report.platform, signature) for signature in report.signatures[:2]]
    if report.app_version:
        own.append(Series(report.category, report.platform, "", report.app_version))
    return tuple(own)
