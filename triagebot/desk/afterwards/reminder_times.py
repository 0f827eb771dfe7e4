"""When a clock of the outside world (rules/clocks.yaml) has run out, and when its reminder comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triagebot.desk.afterwards import daytime
from triagebot.desk.office import Office
from triagebot.rulebook.clock_rules import Clock
from triagebot.sla.calendar import Calendar, always
from triagebot.text import span

_PATIENCE = timedelta(hours=1)
"""So long after a short reminder was due its person is still awake."""


def runs_out(clock: Clock, since: date | None, now: datetime, zone: ZoneInfo, calendar: Calendar | None) -> datetime:
    """Counted from ``now``, or from the day ``since``, which itself is not counted: then at the time of day that it is now.
    ``calendar``: whose working days count; only for a clock of working days."""
    if since is None:
        return now + span(clock.after)
    local = now.astimezone(zone)
    works: Callable[[date], bool] = (
        (lambda day: bool((calendar or always()).hours_of(day))) if clock.in_working_days else (lambda day: True)
    )
    day, left = since, clock.amount
    while left:
        day += timedelta(days=1)
        left -= works(day)
    return datetime.combine(day, time(local.hour, local.minute, local.second, local.microsecond), zone).astimezone(
        now.tzinfo
    )


def calendar_of(office: Office, clock: Clock) -> Calendar | None:
    return office.calendars.get(clock.calendar)


def due(office: Office, clock: Clock, since: date | None, now: datetime) -> datetime:
    """When the reminder comes: a short one at once, any other by day."""
    over = runs_out(clock, since, now, office.zone, calendar_of(office, clock))
    return over if clock.is_short else daytime.next_moment(office, over)


def put_off(office: Office, clock: Clock, planned: datetime, now: datetime) -> datetime | None:
    """Until when a reminder that was ``planned`` waits because it is night now; None when it may be said."""
    if clock.is_short and now - planned <= _PATIENCE:
        return None
    moment = daytime.next_moment(office, now)
    return moment if moment > now else None
