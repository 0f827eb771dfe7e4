"""Business time: when a calendar is open, adding to it and measuring it, exact to the microsecond.

Opening spans become instants once, a year at a time, with running sums: adding and measuring are one bisection each,
whatever the distance.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from triagebot.errors import SlaError
from triagebot.sla.hours import DAY_MIN, Span, parse_date, parse_dates, parse_spans, parse_week

ROUND_THE_CLOCK = "24x7"
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A time outside of these is a mistake in its data, and business time that ends later is no promise."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_S = 1_000_000
_END = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICRO
_ALL_WEEK: tuple[tuple[Span, ...], ...] = tuple(((0, DAY_MIN),) for _ in range(7))


def check_time(at: datetime, where: str) -> datetime:
    """``at`` itself; SlaError names ``where`` for a time without offset or of an impossible year."""
    if at.tzinfo is None:
        raise SlaError(f"{where}: {at.isoformat()} has no offset; write for example 2026-11-23T09:00:00+08:00")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise SlaError(f"{where}: the year {at.year} is out of range; use {FIRST_YEAR} to {LAST_YEAR}")
    return at


def _micros(at: datetime) -> int:
    return (check_time(at, "time") - _EPOCH) // _MICRO


def _moment(micros: int) -> datetime:
    if micros >= _END:
        raise _too_far()
    seconds, rest = divmod(micros, _S)
    return _EPOCH + timedelta(0, seconds, rest)


def _too_far() -> SlaError:
    return SlaError(f"a target is not used up before the year {LAST_YEAR + 1}; shorten it or open more often")


@dataclass(frozen=True, slots=True)
class _Table:
    """Open spans of the years ``first``..``last`` in microseconds, apart and in order; never changed once built.

    ``before[n]`` is the open time before span n, ``until[n]`` that up to its end.
    """

    first: int
    last: int
    starts: list[int]
    before: list[int]
    until: list[int]

    def open_before(self, micros: int) -> int:
        n = bisect_right(self.starts, micros) - 1
        return 0 if n < 0 else min(self.before[n] + micros - self.starts[n], self.until[n])


@dataclass
class _Cache:
    """What is known so far. Threads share it: each value is complete before it is put here, and is never changed."""

    table: _Table = field(default_factory=lambda: _Table(0, -1, [], [], []))
    years: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Calendar:
    """Immutable, safe to share between threads. ``day_s``: business seconds that one ``d`` of a target is worth.

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
    _cache: _Cache = field(default_factory=_Cache, repr=False, compare=False)

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any] | str, where: str = "calendar") -> Calendar:
        """From rules/calendars/*.yaml or a case of ``sla simulate``; SlaError names what is wrong where.

        Keys that the arithmetic has no use for are left alone (``rules check`` refuses them in a file).
        """
        if spec == ROUND_THE_CLOCK:
            return always()
        if not isinstance(spec, Mapping):
            raise SlaError(f"{where}: {spec!r} is not known; use 24x7, cn-business, or an object with week")
        if spec.get("id") == ROUND_THE_CLOCK:
            if ("week" in spec and parse_week(spec["week"], f"{where}.week") != _ALL_WEEK) or spec.get("holidays"):
                raise SlaError(f"{where}: 24x7 is always open; give a calendar with other hours another id")
            return always()
        week = parse_week(spec.get("week"), f"{where}.week")
        hours, until = spec.get("workday_hours"), spec.get("covers_until")
        return cls(
            id=str(spec.get("id", "")),
            zone=_zone(spec.get("timezone", "UTC"), f"{where}.timezone"),
            week=week,
            holidays=parse_dates(spec.get("holidays"), f"{where}.holidays"),
            workdays=parse_dates(spec.get("workdays"), f"{where}.workdays"),
            workday_hours=parse_spans(hours, f"{where}.workday_hours") if hours is not None else week[0],
            covers_until=parse_date(until, f"{where}.covers_until") if until is not None else None,
            day_s=_day_s(spec.get("day_hours", 8), f"{where}.day_hours"),
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
        SlaError when that is not before the year 2200.
        """
        return self.add_micros(start, business_s * _S)

    def add_micros(self, start: datetime, micros: int) -> datetime:
        """``add`` in business microseconds."""
        begin = _micros(start)
        if micros <= 0 or self.is_always:
            return _moment(begin + max(0, micros))
        table = self._table(start.year - 1, start.year + 1)
        wanted = table.open_before(begin) + micros
        while not table.until or table.until[-1] < wanted:
            if table.last > LAST_YEAR:
                raise _too_far()
            table = self._table(table.first, min(LAST_YEAR + 1, table.last + (table.last - table.first) // 2))
        n = bisect_left(table.until, wanted)
        return _moment(table.starts[n] + wanted - table.before[n])

    def between(self, a: datetime, b: datetime) -> int:
        """Whole business seconds from ``a`` to ``b`` (a begun second does not count); 0 when ``b`` is not later."""
        return self.micros_between(a, b) // _S

    def micros_between(self, a: datetime, b: datetime) -> int:
        """Business microseconds from ``a`` to ``b``; 0 when ``b`` is not later."""
        begin, end = _micros(a), _micros(b)
        if end <= begin:
            return 0
        if self.is_always:
            return end - begin
        table = self._table(a.year - 1, b.year + 1)
        return table.open_before(end) - table.open_before(begin)

    def is_open(self, at: datetime) -> bool:
        """A span includes its start and excludes its end."""
        return self.is_always or self.micros_between(at, at + _MICRO) > 0

    def covers(self, at: datetime) -> bool:
        """Whether holidays are known for the local date of ``at``."""
        return self.covers_until is None or at.astimezone(self.zone).date() <= self.covers_until

    def _table(self, first: int, last: int) -> _Table:
        """A table that holds at least the years ``first``..``last``; a longer one takes the place of the cached."""
        known = self._cache.table
        if known.first <= first and last <= known.last:
            return known
        if known.last >= known.first:
            first, last = min(first, known.first), max(last, known.last)
        starts: list[int] = []
        before: list[int] = []
        until: list[int] = []
        total = 0
        closed_at = -(1 << 62)
        for start, end in sorted(chain.from_iterable(self._year(year) for year in range(first, last + 1))):
            begin = max(start, closed_at)
            if begin < end:
                starts.append(begin)
                before.append(total)
                total += end - begin
                until.append(total)
                closed_at = end
        table = self._cache.table = _Table(first, last, starts, before, until)
        return table

    def _year(self, year: int) -> list[tuple[int, int]]:
        """The spans that belong to days of this year, as instants.

        A change of the clocks may turn some round, make them overlap or leave nothing of them.
        """
        if year not in self._cache.years:
            days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
            self._cache.years[year] = [
                (self._instant(day, start), self._instant(day, end))
                for day in days
                for start, end in self.hours_of(day)
            ]
        return self._cache.years[year]

    def _instant(self, day: date, minutes: int) -> int:
        """A local wall time in microseconds: one that does not exist is taken with the offset before the change of
        the clocks, one that exists twice is the first of the two."""
        days, rest = divmod(minutes, DAY_MIN)
        local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), self.zone)
        return (local - _EPOCH) // _MICRO


def _zone(name: object, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        raise SlaError(f"{where}: {name!r} is no known time zone; write for example Asia/Shanghai") from None


def _day_s(hours: object, where: str) -> int:
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not 0 < hours <= 24:
        raise SlaError(f"{where}: {hours!r} must be more than 0 and at most 24")
    return round(hours * 3600)


def always() -> Calendar:
    """Round the clock: business time is wall time, a day is 24 hours."""
    return Calendar(id=ROUND_THE_CLOCK, zone=ZoneInfo("UTC"), week=_ALL_WEEK, day_s=86400)
