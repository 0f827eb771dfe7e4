"""What a report says, as plain immutable values; every figure is defined, by these names, in docs/reports.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from triagebot.desk.periods import Period

Week = tuple[tuple[int, ...], ...]
"""7 x 24 counts: Monday first, each day's hours from 0 to 23, in the office's zone."""
QUIET_WEEK: Week = ((0,) * 24,) * 7
AGES_H = (24, 72, 168)
"""Upper bounds of the backlog's age groups in wall hours; the last group has none."""


@dataclass(frozen=True)
class Filters:
    """Empty: all. ``agent`` is a name. A ticket belongs to what its row said at the end of the period."""

    queue: str = ""
    priority: str = ""
    category: str = ""
    platform: str = ""
    agent: str = ""

    def chosen(self) -> dict[str, str]:
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name))}


@dataclass(frozen=True)
class Share:
    part: int = 0
    whole: int = 0

    @property
    def value(self) -> float | None:
        """None for a share of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Times:
    """Of the ``n`` clocks that were stopped: seconds of business time, and of wall time from start to stop."""

    n: int = 0
    median_s: float | None = None
    p90_s: float | None = None
    wall_median_s: float | None = None
    wall_p90_s: float | None = None


@dataclass(frozen=True)
class Breach:
    """``late_s``: business seconds beyond the target, when it was stopped or, if ``open``, at the end of the period."""

    ticket: int
    metric: str
    queue: str
    priority: str
    category: str
    agent: str
    due_at: datetime | None
    breached_at: datetime
    late_s: int
    open: bool


@dataclass(frozen=True)
class Backlog:
    """Tickets with people at the end of the period. Ages are wall seconds since the hand-over, ``ages`` by AGES_H."""

    open: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    ages: tuple[int, ...] = (0, 0, 0, 0)
    median_age_s: float | None = None
    oldest_age_s: float | None = None
    oldest: int | None = None
    waiting: int = 0
    late: int = 0


@dataclass(frozen=True)
class Ratings:
    """``stars``: how many gave one, two, ... five."""

    stars: tuple[int, ...] = (0, 0, 0, 0, 0)

    @property
    def n(self) -> int:
        return sum(self.stars)

    @property
    def mean(self) -> float | None:
        return sum(star * n for star, n in enumerate(self.stars, 1)) / self.n if self.n else None


@dataclass(frozen=True)
class QueueFigures:
    queue: str
    escalated: int
    resolved: int
    attainment: Mapping[str, Share]
    breaches: int
    backlog: int


@dataclass(frozen=True)
class AgentFigures:
    agent: str
    replies: int
    first: Times
    resolved: int
    attainment: Mapping[str, Share]
    rating: float | None
    ratings: int


@dataclass(frozen=True)
class CategoryFigures:
    category: str
    opened: int
    escalated: int


@dataclass(frozen=True)
class Point:
    """One step of the course: what came and went from ``at`` until the next, and the backlog at the step's end."""

    at: datetime
    opened: int
    escalated: int
    resolved: int
    backlog: int


@dataclass(frozen=True)
class Figures:
    """One period's figures. ``attainment`` by metric; ``times`` by metric (first_response, resolution)."""

    period: Period
    opened: int = 0
    escalated: int = 0
    resolved: int = 0
    by_bot: Share = Share()
    left_alone: int = 0
    reopened: Share = Share()
    attainment: Mapping[str, Share] = field(default_factory=dict)
    times: Mapping[str, Times] = field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
    backlog: Backlog = Backlog()
    ratings: Ratings = Ratings()
    unclear: Share = Share()
    asked: Share = Share()
    overridden: Share = Share()
    arrivals: Week = QUIET_WEEK
    breach_hours: Week = QUIET_WEEK
    course: tuple[Point, ...] = ()
    queues: tuple[QueueFigures, ...] = ()
    agents: tuple[AgentFigures, ...] = ()
    categories: tuple[CategoryFigures, ...] = ()

    def share(self, metric: str) -> Share:
        return self.attainment.get(metric, Share())

    def time(self, metric: str) -> Times:
        return self.times.get(metric, Times())


@dataclass(frozen=True)
class Report:
    """``now`` beside ``before``, the period of the same length that ended where this one begins.

    ``titles``: names in words, by language, of the queues, categories and platforms that occur: renderers know no rules.
    ``zone`` is the office's; ``made_at`` when the figures were taken.
    """

    filters: Filters
    zone: str
    made_at: datetime
    now: Figures
    before: Figures
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def title(self, lang: str, name: str) -> str:
        return self.titles.get(lang, {}).get(name, name)


def is_empty(figures: Figures) -> bool:
    """Whether nothing at all happened and nobody waits."""
    things: list[Any] = [figures.opened, figures.escalated, figures.resolved, figures.breaches, figures.backlog.open]
    return not any(things)
