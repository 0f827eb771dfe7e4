"""How many people reported the trouble of an incident, bin by bin, beside how many would have been usual."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, func, select

from triagebot.desk.incident import grouping, reports, story
from triagebot.desk.office import Office
from triagebot.detect.series import BIN_S, Report, Series
from triagebot.store.incident_tables import Incident, SeriesState
from triagebot.store.tables import Ticket

_BEFORE, _DAY, _LONGEST = timedelta(hours=1), timedelta(days=1), timedelta(days=14)
_WIDTHS = tuple(BIN_S * n for n in (1, 2, 3, 6, 12, 24, 72, 144, 288))
"""Seconds of a bin, narrowest first."""
_MOST_BINS = 48
_ALL = Series()
"""Under its key the detector keeps the season that all series share."""
_AT_ONCE = 5000


@dataclass(frozen=True)
class Curve:
    """``begin``: of the first bin; ``width``: of each. ``people``: how many different ones reported in each bin; ``usual``: how
    many would have been usual, empty where nobody knows. ``since``: when the trouble began; ``so_far``: how many different
    people reported it from then on, ``usual_so_far``: in place of how many, None where nobody knows."""

    begin: datetime
    width: timedelta
    people: tuple[int, ...]
    usual: tuple[float, ...]
    since: datetime
    so_far: int
    usual_so_far: float | None

    @property
    def end(self) -> datetime:
        return self.begin + self.width * len(self.people)

    @property
    def peak(self) -> int:
        """The bin in which most came, the first of them; there is one at least."""
        return self.people.index(max(self.people))

    def start(self, bin_: int) -> datetime:
        return self.begin + self.width * bin_


def of(session: Session, office: Office, incident: Incident, now: datetime) -> Curve:
    """From an hour before it began to its end or ``now``, of a long one the last two weeks.

    Of an incident of which nobody said what it is about, the people of its tickets are counted; where nobody said when it
    began, it did with the first of them."""
    since = incident.since or _first(session, incident)
    until = incident.resolved_at or now
    begin_s = max(since - _BEFORE, until - _LONGEST).timestamp()
    width_s = next((w for w in _WIDTHS if (until.timestamp() - begin_s) / w < _MOST_BINS), _WIDTHS[-1])
    first, last = int(begin_s // width_s), int(until.timestamp() // width_s)
    begin, end = _at(first * width_s), _at((last + 1) * width_s)
    known = bool(incident.category or incident.platform)
    seen = list(_reported(session, office, incident, begin, end) if known else _attached(session, incident, begin, end))
    bins: list[set[int]] = [set() for _ in range(first, last + 1)]
    for at, person in seen:
        bins[int(at // width_s) - first].add(person)
    usual = _usual(session, office, incident, begin, end, width_s // BIN_S) if known else ()
    from_bin = max(0, int(since.timestamp() // width_s) - first)
    return Curve(
        begin=begin, width=timedelta(seconds=width_s), people=tuple(len(who) for who in bins), usual=usual, since=since,
        so_far=len({person for at, person in seen if at >= since.timestamp()}),
        usual_so_far=sum(usual[from_bin:]) if usual else None,
    )  # fmt: skip


def _first(session: Session, incident: Incident) -> datetime:
    """When the first ticket of ``incident`` was opened: of those of the day before, as an old one may be attached, too."""
    query = select(func.min(Ticket.created_at)).where(
        Ticket.incident_id == incident.id, col(Ticket.created_at) > incident.opened_at - _DAY
    )
    return min(incident.opened_at, session.exec(query).one() or incident.opened_at)


def _reported(
    session: Session, office: Office, incident: Incident, begin: datetime, end: datetime
) -> Iterator[tuple[float, int]]:
    """(when, who)."""
    for report in _read(session, begin, end):
        if grouping.is_its_own(incident, report, office.book.incidents):
            yield report.at, report.person


def _read(session: Session, begin: datetime, end: datetime) -> Iterator[Report]:
    last = 0
    while found := reports.since(session, begin, end, after_id=last, limit=_AT_ONCE):
        yield from (report for _, report in found)
        last = found[-1][0]


def _attached(session: Session, incident: Incident, begin: datetime, end: datetime) -> Iterable[tuple[float, int]]:
    """Of its tickets, and of those that its story names: a new wording attaches none."""
    named = {number for event in story.timeline(session, incident.id or 0) for number in event.data.get("tickets", ())}
    query = select(Ticket.created_at, Ticket.conversation_id).where(
        (col(Ticket.incident_id) == incident.id) | col(Ticket.id).in_(named),
        col(Ticket.created_at) >= begin, col(Ticket.created_at) < end,
    )  # fmt: skip
    return [(at.timestamp(), person) for at, person in session.exec(query)]


def _usual(
    session: Session, office: Office, incident: Incident, begin: datetime, end: datetime, per_bin: int
) -> tuple[float, ...]:
    """By what the detector has learned of the series that ``incident`` is about, all together."""
    rows = session.exec(select(SeriesState).where(SeriesState.key != "")).all()
    known = {Series.of_key(row.key): row for row in rows}
    mine = [series for series in known if _is_part(series, incident, office)]
    if not mine:
        return ()
    from triagebot.detect.detector import Detector  # numpy is a third of a second at every start

    detector = Detector()
    for series in (_ALL, *mine):
        if series not in known:
            continue
        with contextlib.suppress(ValueError):  # written by an older version: it is learned anew
            detector.remember(series.key, known[series].data)
    means = [detector.expected(series, begin.timestamp(), end.timestamp()) for series in mine]
    sums = [sum(each) for each in zip(*means, strict=True)]
    return tuple(sum(sums[n : n + per_bin]) for n in range(0, len(sums), per_bin))


def _is_part(series: Series, incident: Incident, office: Office) -> bool:
    """Not of the wordings and versions within it: their people are counted with all others."""
    one = Report(0.0, 0, series.category, series.platform, (series.signature,), series.app_version)
    narrow = (series.signature, series.app_version) == (incident.signature, incident.app_version)
    return narrow and grouping.is_its_own(incident, one, office.book.incidents)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
