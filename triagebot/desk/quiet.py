"""Quiet hours: the local times at which notices that are not urgent wait until morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.sla.hours import DAY_MIN, Span


def quiet_until(hours: Span | None, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet that ``at`` lies in ends, or None when people may be spoken to. The start is quiet, the end is not."""
    if hours is None:
        return None
    local = at.astimezone(zone)
    begins, ends = hours
    minute = local.hour * 60 + local.minute
    for since_midnight in (minute, minute + DAY_MIN):
        if begins <= since_midnight < ends:
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            days, rest = divmod(ends - (since_midnight - minute), DAY_MIN)
            return (midnight + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60).astimezone(at.tzinfo)
    return None
