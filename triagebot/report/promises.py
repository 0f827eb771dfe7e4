"""Promises kept and broken in a period: each clock counts once, at the moment at which it was decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.report import spread
from triagebot.report.figures import Breach, Share, Times
from triagebot.report.history import Story
from triagebot.sla.clocks import Clock
from triagebot.sla.policy import METRICS

TIMED = ("first_response", "resolution")
"""Metrics whose lengths are told: a first answer and an end are what people wait for."""
Decided = tuple[str, bool]
"""A metric, and whether the promise was kept."""


def decided(clock: Clock) -> tuple[datetime, bool] | None:
    """When it was settled whether the promise was kept, and whether it was: a breach at the breach, whenever it was
    stopped later; else at the stop. None while that is open, and for clocks that were cancelled."""
    if clock.state == "breached" and clock.breached_at is not None:
        return clock.breached_at, False
    if clock.state == "met" and clock.met_at is not None:
        return clock.met_at, True
    return None


@dataclass
class Promises:
    """``names``: agents' names by id."""

    period: Period
    zone: ZoneInfo
    names: Mapping[int, str]
    count: Counter[Decided] = field(default_factory=Counter)
    spans: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    breaches: list[Breach] = field(default_factory=list)
    hours: list[list[int]] = field(default_factory=lambda: [[0] * 24 for _ in range(7)])

    def add(self, story: Story, clocks: tuple[Clock, ...]) -> list[Decided]:
        """Returns what was decided on this ticket in the period."""
        here: list[Decided] = []
        for clock in clocks:
            found = decided(clock)
            if found is not None and self.period.holds(found[0]):
                here.append((clock.metric, found[1]))
                if not found[1]:
                    self._breached(story, clock, found[0])
            if clock.metric in TIMED and clock.met_at is not None and self.period.holds(clock.met_at):
                wall = (clock.met_at - clock.started_at).total_seconds()
                self.spans[clock.metric].append((clock.elapsed_s, wall))
        self.count.update(here)
        return here

    def _breached(self, story: Story, clock: Clock, at: datetime) -> None:
        local = at.astimezone(self.zone)
        self.hours[local.weekday()][local.hour] += 1
        row = story.standing
        self.breaches.append(Breach(
            ticket=story.ticket, metric=clock.metric, queue=row.queue, priority=row.priority, category=row.category,
            agent=self.names.get(row.assignee_id or 0, ""), due_at=clock.due_at, breached_at=at,
            late_s=max(0, -clock.remaining_s), open=clock.met_at is None and row.status in HUMAN_STATES,
        ))  # fmt: skip

    def attainment(self) -> dict[str, Share]:
        """By metric; metrics that nothing was promised for are left out."""
        return {
            metric: Share(self.count[metric, True], whole)
            for metric in METRICS
            if (whole := self.count[metric, True] + self.count[metric, False])
        }

    def times(self) -> dict[str, Times]:
        return {metric: spread.times(self.spans[metric]) for metric in TIMED if metric in self.spans}
