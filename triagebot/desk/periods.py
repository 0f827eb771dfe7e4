"""Stretches of time as people name them: 7d, yesterday, last week, from one date to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triagebot.errors import UsageError
from triagebot.text import span

_SPAN = re.compile(r"\d{1,5}[smhd]")
_NAMES = {
    "today": "today", "今天": "today", "今日": "today",
    "yesterday": "yesterday", "昨天": "yesterday", "昨日": "yesterday",
    "week": "week", "本周": "week", "这周": "week",
    "lastweek": "lastweek", "last-week": "lastweek", "上周": "lastweek",
    "month": "month", "本月": "month", "这个月": "month",
    "lastmonth": "lastmonth", "last-month": "lastmonth", "上月": "lastmonth", "上个月": "lastmonth",
}  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From ``since``, included, to ``until``, excluded; both with a zone."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def before(self) -> Period:
        """The stretch of the same length that ends where this one begins."""
        return Period(self.since - self.length, self.since)


def between(since: str, until: str, now: datetime, zone: ZoneInfo) -> Period:
    """``since``: a span before ``until`` (7d) or a moment; ``until``: a moment, "" for now. What lies ahead of ``now`` has
    not happened and is cut off. UsageError names what cannot be read."""
    end = min(_moment(until, "--until", zone), now) if until else now
    begin = _back(end, since, "--since") if _SPAN.fullmatch(since) else _moment(since, "--since", zone)
    return _period(begin, end)


def named(words: str, now: datetime, zone: ZoneInfo) -> Period:
    """``today``, ``上周``, ``7d``, or one or two dates; "" is the last seven days. UsageError for anything else."""
    parts = words.lower().split()
    if not parts:
        return between("7d", "", now, zone)
    name = _NAMES.get("".join(parts))
    if name is None:
        return between(parts[0], parts[1] if len(parts) > 1 else "", now, zone)
    begin, end = _days(name, now.astimezone(zone).date())
    return _period(_midnight(begin, zone), now if end is None else _midnight(end, zone))


def _period(begin: datetime, end: datetime) -> Period:
    if begin >= end:
        raise UsageError(f"the period is empty: it would begin at {begin.isoformat()} and end at {end.isoformat()}")
    return Period(begin.astimezone(UTC), end.astimezone(UTC))


def _days(name: str, today: date) -> tuple[date, date | None]:
    """First day and the day after the last one; None: until now."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return {
        "today": (today, None),
        "yesterday": (today - timedelta(days=1), today),
        "week": (monday, None),
        "lastweek": (monday - timedelta(weeks=1), monday),
        "month": (first, None),
        "lastmonth": ((first - timedelta(days=1)).replace(day=1), first),
    }[name]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _back(end: datetime, text: str, where: str) -> datetime:
    try:
        return end - span(text)
    except OverflowError:
        raise UsageError(f"{where}: {text!r} is longer than there is a calendar for") from None


def _moment(text: str, where: str, zone: ZoneInfo) -> datetime:
    """A date is its first moment in ``zone``; a time without an offset is meant in ``zone``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        known = "7d, 24h, 2026-11-16 or 2026-11-16T09:00" if where == "--since" else "2026-11-23 or 2026-11-23T09:00"
        raise UsageError(f"{where}: {text!r} is no time; write for example {known}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
