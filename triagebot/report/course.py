"""How a period went: what came and went step by step, and how the backlog grew and shrank."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import Line
from triagebot.report.figures import Point
from triagebot.report.history import Story

_STEPS = ((timedelta(days=2), timedelta(hours=1)), (timedelta(days=62), timedelta(days=1)),
          (timedelta(days=400), timedelta(weeks=1)))  # fmt: skip
"""Periods up to this length go by steps of this length; longer ones by thirty days."""
_LONGEST_STEP = timedelta(days=30)


@dataclass
class Course:
    """``starts``: the steps' beginnings, in order; the last one ends with the period."""

    period: Period
    starts: list[datetime]
    counts: dict[str, list[int]] = field(default_factory=dict)
    changes: list[int] = field(default_factory=list)

    @classmethod
    def over(cls, period: Period, zone: ZoneInfo) -> Course:
        step = next((step for most, step in _STEPS if period.length <= most), _LONGEST_STEP)
        starts = [period.since]
        while (following := _after(starts[-1], step, zone)) < period.until:
            starts.append(following)
        counts = {name: [0] * len(starts) for name in ("opened", "escalated", "resolved")}
        return cls(period, starts, counts, [0] * (len(starts) + 1))

    def add(self, by_type: Mapping[str, list[Line]], story: Story) -> None:
        for name in ("opened", "resolved"):
            for line in by_type.get(name, ())[-1:]:
                self.counts[name][self._step(line.at)] += 1
        handed = story.standing.escalated_at
        if handed is not None and self.period.holds(handed):
            self.counts["escalated"][self._step(handed)] += 1
        for begin, end in story.with_people:
            self._stay(begin, end)

    def _stay(self, begin: datetime, end: datetime | None) -> None:
        """A stay counts at the ends of steps after its begin and up to its end: what happens at that very moment is later."""
        ends = [*self.starts[1:], self.period.until]
        first = bisect_right(ends, begin)
        last = bisect_right(ends, end) if end is not None else len(ends)
        if first < last:
            self.changes[first] += 1
            self.changes[last] -= 1

    def _step(self, at: datetime) -> int:
        return bisect_right(self.starts, at) - 1

    def points(self) -> tuple[Point, ...]:
        found, backlog = [], 0
        for n, at in enumerate(self.starts):
            backlog += self.changes[n]
            found.append(Point(at, self.counts["opened"][n], self.counts["escalated"][n], self.counts["resolved"][n],
                               backlog))  # fmt: skip
        return tuple(found)


def _after(at: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """Steps of days begin at local midnight, so that a first step may be shorter."""
    if step < timedelta(days=1):
        return at + step
    day = at.astimezone(zone).date() + timedelta(days=step.days)
    return datetime.combine(day, time.min, zone).astimezone(at.tzinfo)
