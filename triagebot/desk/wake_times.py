"""Until when something is put aside, as people say it: 2h, 明早, 09:30, 2026-12-01 09:00."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9, 0)
"""What 明早 and a date without a time mean; our own figure."""
_SPAN = re.compile(r"(?=\d)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TOMORROW = frozenset({"明早", "明天", "明天早上", "明日", "tomorrow"})


def parse(words: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """The moment (UTC) that ``words`` begin with, and the words after it; None when they begin with no moment.

    A clock time alone is the next such moment; after 明天 or a date it is that day's. Spans are wall time.
    """
    first, rest = _apart(words)
    clock, after = _apart(rest)
    local = now.astimezone(zone)
    if (span := _SPAN.fullmatch(first.lower())) is not None:
        days, hours, minutes = (int(part or 0) for part in span.groups())
        return now.astimezone(UTC) + timedelta(days=days, hours=hours, minutes=minutes), rest
    if (at := _time(first)) is not None:
        found = _moment(local.date(), at, zone)
        return (found if found > now else _moment(local.date() + timedelta(days=1), at, zone)), rest
    day = local.date() + timedelta(days=1) if first.lower() in _TOMORROW else _date(first)
    if day is None:
        return None
    at = _time(clock)
    return (_moment(day, at, zone), after) if at is not None else (_moment(day, MORNING, zone), rest)


def _apart(words: str) -> tuple[str, str]:
    first, rest = (*words.split(maxsplit=1), "", "")[:2]
    return first, rest


def _time(word: str) -> time | None:
    found = _CLOCK.fullmatch(word)
    return time(int(found[1]), int(found[2])) if found is not None else None


def _date(word: str) -> date | None:
    found = _DATE.fullmatch(word)
    try:
        return date(*map(int, found.groups())) if found is not None else None
    except ValueError:
        return None


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
