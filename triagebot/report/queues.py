"""Where tickets stand at the end of a period: the backlog, its age, who waits for an answer, queue by queue."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from triagebot.desk.periods import Period
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.report import spread
from triagebot.report.figures import AGES_H, Backlog, QueueFigures, Share
from triagebot.report.history import Story
from triagebot.report.promises import Decided
from triagebot.sla.clocks import Clock
from triagebot.sla.policy import METRICS

_OURS = ("queued", "assigned")
"""It is our turn; pending waits for the person, on_hold for others."""
_ANSWERS = ("first_response", "next_response")


@dataclass
class Standings:
    """``decided`` by (queue, metric, kept)."""

    period: Period
    by_status: Counter[str] = field(default_factory=Counter)
    ages: list[tuple[float, int]] = field(default_factory=list)
    waiting: int = 0
    late: int = 0
    backlogs: Counter[str] = field(default_factory=Counter)
    escalated: Counter[str] = field(default_factory=Counter)
    resolved: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    decided: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

    def add(
        self, story: Story, clocks: tuple[Clock, ...], decided: Sequence[Decided], *, resolved: bool, escalated: bool
    ) -> None:
        row = story.standing
        if row.escalated_at is None:
            return
        self.escalated[row.queue] += escalated
        self.resolved[row.queue] += resolved
        for metric, kept in decided:
            self.decided[row.queue, metric, kept] += 1
            self.breaches[row.queue] += not kept
        if row.status not in HUMAN_STATES:
            return
        self.by_status[row.status] += 1
        self.backlogs[row.queue] += 1
        self.ages.append(((self.period.until - row.escalated_at).total_seconds(), story.ticket))
        unanswered = [c for c in clocks if c.metric in _ANSWERS and c.met_at is None and c.state != "cancelled"]
        if row.status in _OURS and unanswered:
            self.waiting += 1
            self.late += any(c.state == "breached" for c in unanswered)

    def backlog(self) -> Backlog:
        seconds = [age for age, _ in self.ages]
        groups = [0] * (len(AGES_H) + 1)
        for age in seconds:
            groups[bisect_left(AGES_H, age / 3600)] += 1
        oldest = max(self.ages, key=lambda found: (found[0], -found[1]), default=(None, None))
        return Backlog(
            open=len(seconds), by_status=dict(sorted(self.by_status.items())), ages=tuple(groups),
            median_age_s=spread.median(seconds), oldest_age_s=oldest[0], oldest=oldest[1],
            waiting=self.waiting, late=self.late,
        )  # fmt: skip

    def queues(self) -> tuple[QueueFigures, ...]:
        names = {name for counter in (self.escalated, self.resolved, self.backlogs, self.breaches)
                 for name, n in counter.items() if n and name}  # fmt: skip
        return tuple(
            QueueFigures(name, self.escalated[name], self.resolved[name], self._attainment(name), self.breaches[name],
                         self.backlogs[name])
            for name in sorted(names)
        )  # fmt: skip

    def _attainment(self, queue: str) -> dict[str, Share]:
        return {
            metric: Share(self.decided[queue, metric, True], whole)
            for metric in METRICS
            if (whole := self.decided[queue, metric, True] + self.decided[queue, metric, False])
        }
