"""When the tickets of one trouble came in: counts over time, as a chart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.report import svg
from triagebot.report.course import Course

_SHORTEST = timedelta(hours=6)
"""A chart of one column would say nothing."""


def period_of(times: Sequence[datetime], began: datetime, until: datetime) -> Period:
    """From the hour of the first of ``times`` or ``began``, whichever is earlier, to ``until``, and six hours at least."""
    first = min([began, *times]).replace(minute=0, second=0, microsecond=0)
    return Period(first, max(until, first + _SHORTEST))


def chart(times: Sequence[datetime], period: Period, zone: ZoneInfo, alt: str) -> str:
    """Columns by hour, day or longer, as ``period`` is long; what lies outside of it is left out. SVG, as in ``svg``."""
    starts = Course.over(period, zone).starts
    counts = [0] * len(starts)
    for at in times:
        if period.holds(at):
            counts[bisect_right(starts, at) - 1] += 1
    hourly = len(starts) > 1 and starts[1] - starts[0] <= timedelta(hours=1)
    labels = [_label(at.astimezone(zone), hourly) for at in starts]
    return svg.columns(labels, [("opened", counts)], alt)


def _label(local: datetime, hourly: bool) -> str:
    return f"{local:%H:%M}" if hourly else f"{local.month}/{local.day}"
