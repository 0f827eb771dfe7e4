"""Business time: when a calendar is open, adding to it and measuring it, exact to the microsecond.

Opening spans become instants once, a year at a time, with running sums: adding and measuring are one bisection each,
whatever the distance.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triagebot.errors import SlaError
from triagebot.sla.hours import DAY_MIN, Span, parse_date, parse_dates, parse_spans, parse_week

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_S = 1_000_000
ROUND_THE_CLOCK = "24x7"
_YEARS = (1900, 2200)
"""Years that a table may grow over; a ticket outside of them is a mistake in its data."""


def _micros(at: datetime) -> int:
    if at.tzinfo is None:
        raise SlaError(f"{at.isoformat()} has no offset; write for example 2026-11-23T09:00:00+08:00")
    return (at - _EPOCH) // _MICRO


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


@dataclass
class _Table:
    """Open spans of the years ``first``..``last`` in microseconds; ``before[n]`` is the open time before span n."""

    first: int = 0
    last: int = -1
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    until: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Calendar:
    """Immutable (its table of spans is a cache). ``day_s``: business seconds that one ``d`` of a target is worth.

    ``covers_until``: the last local date for which holidays are known; beyond it the weekly pattern goes on.
    """

    id: str
    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    workday_hours: tuple[Span, ...] = ()
    covers_until: date | None = None
    day_s: int = 8 * 3600
    _table: _Table = field(default_factory=_Table, repr=False, compare=False)

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any] | str) -> Calendar:
        """From rules/calendars/*.yaml or a case of ``sla simulate``; SlaError names what is wrong where."""
        if spec == ROUND_THE_CLOCK or (isinstance(spec, Mapping) and spec.get("id") == ROUND_THE_CLOCK):
            return always()
        if not isinstance(spec, Mapping):
            raise SlaError(f"calendar: {spec!r} is not known; use 24x7, cn-business, or an object with week")
        name = spec.get("timezone", "UTC")
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, OSError, TypeError):
            raise SlaError(f"calendar.timezone: {name!r} is no known time zone") from None
        week = parse_week(spec.get("week"))
        hours = spec.get("workday_hours")
        until, day_hours = spec.get("covers_until"), spec.get("day_hours", 8)
        if isinstance(day_hours, bool) or not isinstance(day_hours, (int, float)) or not 0 < day_hours <= 24:
            raise SlaError(f"calendar.day_hours: {day_hours!r} must be more than 0 and at most 24")
        return cls(
            id=str(spec.get("id", "")),
            zone=zone,
            week=week,
            holidays=parse_dates(spec, "holidays"),
            workdays=parse_dates(spec, "workdays"),
            workday_hours=parse_spans(hours, "calendar.workday_hours") if hours is not None else week[0],
            covers_until=parse_date(until, "calendar.covers_until") if until is not None else None,
            day_s=round(day_hours * 3600),
        )

    @property
    def is_always(self) -> bool:
        return self.id == ROUND_THE_CLOCK

    def hours_of(self, day: date) -> tuple[Span, ...]:
        """A holiday has none, a make-up workday its own (wins over the weekday), any other day the week's."""
        if day in self.holidays:
            return ()
        return self.workday_hours if day in self.workdays else self.week[day.weekday()]

    def add(self, start: datetime, business_s: int) -> datetime:
        """The earliest moment at which ``business_s`` business seconds have passed since ``start`` (UTC).

        Used up exactly at closing time: that closing time. Zero: ``start`` itself.
        """
        return self.add_micros(start, business_s * _S)

    def add_micros(self, start: datetime, micros: int) -> datetime:
        """``add`` in business microseconds."""
        begin = _micros(start)
        if micros <= 0 or self.is_always:
            return _moment(begin + max(0, micros))
        year = _moment(begin).year
        self._grow(year - 1, year + 1)
        t = self._table
        wanted = self._open_before(begin) + micros
        while t.until[-1] < wanted:
            self._grow(t.first, min(_YEARS[1], t.last + max(1, (t.last - t.first) // 2)))
        n = bisect_left(t.until, wanted)
        return _moment(t.starts[n] + wanted - t.before[n])

    def between(self, a: datetime, b: datetime) -> int:
        """Whole business seconds from ``a`` to ``b``; 0 when ``b`` is not later."""
        return self.micros_between(a, b) // _S

    def micros_between(self, a: datetime, b: datetime) -> int:
        """Business microseconds from ``a`` to ``b``; 0 when ``b`` is not later."""
        begin, end = _micros(a), _micros(b)
        if end <= begin:
            return 0
        if self.is_always:
            return end - begin
        self._grow(_moment(begin).year - 1, _moment(end).year + 1)
        return self._open_before(end) - self._open_before(begin)

    def is_open(self, at: datetime) -> bool:
        """A span includes its start and excludes its end."""
        return self.is_always or self.micros_between(at, at + _MICRO) > 0

    def covers(self, at: datetime) -> bool:
        """Whether holidays are known for the local date of ``at``."""
        return self.covers_until is None or at.astimezone(self.zone).date() <= self.covers_until

    def _open_before(self, micros: int) -> int:
        t = self._table
        n = bisect_right(t.starts, micros) - 1
        return 0 if n < 0 else t.before[n] + min(micros, t.ends[n]) - t.starts[n]

    def _grow(self, first: int, last: int) -> None:
        """Make the table hold the years ``first``..``last``; sums always count from its beginning."""
        t = self._table
        if t.first <= first and last <= t.last:
            return
        if first < _YEARS[0] or last > _YEARS[1]:
            raise SlaError(f"the year {first if first < _YEARS[0] else last} is out of range for a calendar")
        if t.last < t.first:
            t.first, t.last = first, last
            spans = self._spans(first, last)
        else:
            early = self._spans(first, t.first - 1) if first < t.first else []
            late = self._spans(t.last + 1, last) if last > t.last else []
            spans = [*early, *zip(t.starts, t.ends, strict=True), *late]
            t.first, t.last = min(first, t.first), max(last, t.last)
        t.starts, t.ends, t.before, t.until = [], [], [], []
        total, latest = 0, -(1 << 62)
        for start, end in spans:
            begin = max(start, latest)
            if end <= begin:
                continue
            t.starts.append(begin)
            t.ends.append(end)
            t.before.append(total)
            total += end - begin
            t.until.append(total)
            latest = end

    def _spans(self, first: int, last: int) -> list[tuple[int, int]]:
        """All spans that belong to days of these years, as instants in order."""
        found = []
        day, end = date(first, 1, 1), date(last, 12, 31)
        while day <= end:
            found += [(self._instant(day, a), self._instant(day, b)) for a, b in self.hours_of(day)]
            day += timedelta(days=1)
        return found

    def _instant(self, day: date, minutes: int) -> int:
        """A local wall time; one that does not exist (DST) is taken with the offset before the change."""
        days, rest = divmod(minutes, DAY_MIN)
        local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), self.zone)
        return _micros(local.astimezone(UTC))


def always() -> Calendar:
    """Round the clock: business time is wall time, a day is 24 hours."""
    whole = tuple(((0, DAY_MIN),) for _ in range(7))
    return Calendar(id=ROUND_THE_CLOCK, zone=ZoneInfo("UTC"), week=whole, day_s=86400)
