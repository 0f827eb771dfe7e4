"""When a reminder comes again: so many months after the day on which it was asked for, in the morning. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_AT = time(10)
"""Local time of day: at work for most, and no quiet hour."""
_HALF_A_MONTH = timedelta(days=15)


def months_later(day: date, months: int) -> date:
    """The same day of the month, or its last one where it has no such day: 31 January and one month is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first(asked: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The first reminder of one that was asked for at that moment."""
    return _past(asked, months, asked, zone)


def next_after(asked: datetime, months: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The one after that which is given now, counted from the day on which it was asked for: the last day of a month comes
    back as such. It is at least half an interval away, however late this one is."""
    return _past(asked, months, now + months * _HALF_A_MONTH, zone)


def _past(asked: datetime, months: int, moment: datetime, zone: ZoneInfo) -> datetime:
    day, times = asked.astimezone(zone).date(), 1
    while (found := datetime.combine(months_later(day, times * months), _AT, zone)) <= moment:
        times += 1
    return found
