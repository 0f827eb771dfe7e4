"""What the detector would have raised of reports of the past, beside the incidents that there were. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from triagebot.desk.incident import grouping
from triagebot.desk.incident.limits import detector_of
from triagebot.detect.series import BIN_S, Calm, Report, Series, Surge
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.store.incident_tables import Incident
from triagebot.text import span

_NEAR = timedelta(hours=1)
"""So far apart the beginning of a surge and an incident may be and still be the same."""


@dataclass(frozen=True)
class Raised:
    """An incident that would have been opened. ``until``: no more people than usual from then on, None while they still came at
    the end; ``incident``: the one that was really opened about it, None where nobody did."""

    series: Series
    at: datetime
    since: datetime
    people: int
    expected: float
    until: datetime | None
    incident: int | None


@dataclass(frozen=True)
class Backtest:
    """``first``: when the first report came; what came before ``since`` was only learned from. ``found``, ``missed``: incidents
    opened from ``since`` to ``until``, those that it would have raised and the others."""

    since: datetime
    until: datetime
    first: datetime | None
    reports: int
    raised: tuple[Raised, ...]
    found: tuple[Incident, ...]
    missed: tuple[Incident, ...]

    @property
    def only_here(self) -> int:
        """How many would have been raised that nobody opened."""
        return sum(raised.incident is None for raised in self.raised)

    @property
    def learned_s(self) -> float:
        """How long it had to learn before ``since``."""
        return max(0.0, (self.since - self.first).total_seconds()) if self.first else 0.0


def run(
    reports: Iterable[Report], rules: IncidentRules, incidents: Sequence[Incident], since: datetime, until: datetime
) -> Backtest:
    """``reports`` in the order of the log, from its beginning to ``until``; ``incidents``: all there were."""
    replay = _Replay(rules)
    for report in reports:
        replay.see(report)
    replay.advance(until.timestamp())
    lasted = [each for each in replay.raised if _moment(each.surge.at) >= since]
    there = [one for one in incidents if since <= one.opened_at < until]
    pairs = {n: _counterpart(each, there, rules, until) for n, each in enumerate(lasted)}
    known = {one.id for one in pairs.values() if one is not None}
    return Backtest(
        since=since, until=until, first=_moment(replay.first) if replay.first is not None else None, reports=replay.count,
        raised=tuple(_raised(each, pairs[n]) for n, each in enumerate(lasted)),
        found=tuple(one for one in there if one.id in known), missed=tuple(one for one in there if one.id not in known),
    )  # fmt: skip


@dataclass
class _Lasting:
    """``stand_in``: as the incident it would be; ``surging``: which of its series still do."""

    surge: Surge
    stand_in: Incident
    surging: set[Series]
    until: float | None = None


@dataclass
class _Replay:
    rules: IncidentRules
    raised: list[_Lasting] = field(default_factory=list)
    count: int = 0
    first: float | None = None
    _bin: int = 0

    def __post_init__(self) -> None:
        self._detector = detector_of(self.rules)
        self._again_s = span(self.rules.reopen_within).total_seconds()

    def see(self, report: Report) -> None:
        self.count += 1
        self.first = report.at if self.first is None else self.first
        if report.at // BIN_S > self._bin:
            self._bin = int(report.at // BIN_S)
            self.advance(self._bin * BIN_S)
        for surge in self._detector.see(report):
            self._raise(surge)

    def advance(self, now: float) -> None:
        for calm in self._detector.advance(now):
            self._end(calm)

    def _raise(self, surge: Surge) -> None:
        """One incident for all who have the same trouble in the same place, and again for as long as it would be reopened."""
        going = [each for each in self.raised if each.until is None or surge.at - each.until < self._again_s]
        home = grouping.home([each.stand_in for each in going], surge.series, self.rules)
        for each in going:
            if each.stand_in is home:
                each.surging.add(surge.series)
                each.until = None
                return
        s = surge.series
        stand_in = Incident(id=len(self.raised), title="", category=s.category, platform=s.platform, signature=s.signature,
                            app_version=s.app_version, opened_at=_moment(surge.at))  # fmt: skip
        self.raised.append(_Lasting(surge, stand_in, {s}))

    def _end(self, calm: Calm) -> None:
        for each in self.raised:
            if calm.series in each.surging:
                each.surging.remove(calm.series)
                if not each.surging:
                    each.until = calm.since


def _counterpart(
    lasting: _Lasting, incidents: Iterable[Incident], rules: IncidentRules, until: datetime
) -> Incident | None:
    """The first incident about the same at that time."""
    begin, end = _moment(lasting.surge.since) - _NEAR, _moment(lasting.until) if lasting.until else until
    for one in incidents:
        same = grouping.home([one], lasting.surge.series, rules) is not None
        if same and (one.since or one.opened_at) <= end + _NEAR and (one.resolved_at or until) >= begin:
            return one
    return None


def _raised(each: _Lasting, incident: Incident | None) -> Raised:
    s = each.surge
    return Raised(s.series, _moment(s.at), _moment(s.since), s.people, s.expected,
                  _moment(each.until) if each.until is not None else None, incident.id if incident else None)  # fmt: skip


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
