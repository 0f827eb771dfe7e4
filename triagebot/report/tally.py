"""Counting over one period, ticket by ticket. Definitions, by the names of the figures, are in docs/reports.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import Line
from triagebot.report.course import Course
from triagebot.report.figures import CategoryFigures, Figures, Ratings, Share, Week
from triagebot.report.history import Story
from triagebot.report.promises import Promises
from triagebot.report.queues import Standings
from triagebot.report.staff import Staff
from triagebot.sla.clocks import Clock


@dataclass
class Tally:
    """``names``: agents' names by id."""

    period: Period
    zone: ZoneInfo
    names: Mapping[int, str]
    count: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    handed_over: Counter[str] = field(default_factory=Counter)
    arrivals: list[list[int]] = field(default_factory=lambda: [[0] * 24 for _ in range(7)])

    def __post_init__(self) -> None:
        self.promises = Promises(self.period, self.zone, self.names)
        self.standings = Standings(self.period)
        self.staff = Staff(self.names)
        self.course = Course.over(self.period, self.zone)

    def add(self, story: Story, clocks: tuple[Clock, ...]) -> None:
        """One ticket, as it stood at the end of the period, with its clocks then."""
        happened = [line for line in story.lines if self.period.holds(line.at)]
        by_type: dict[str, list[Line]] = defaultdict(list)
        for line in happened:
            by_type[line.type].append(line)
        self._arrived(story, by_type)
        self._ended(story, by_type)
        self.course.add(by_type, story)
        decided = self.promises.add(story, clocks)
        self.standings.add(
            story, clocks, decided, resolved="resolved" in by_type, escalated=self._handed_over_here(story)
        )
        self.staff.add(story, clocks, self.period, by_type)

    def _handed_over_here(self, story: Story) -> bool:
        at = story.standing.escalated_at
        return at is not None and self.period.holds(at)

    def _arrived(self, story: Story, by_type: Mapping[str, list[Line]]) -> None:
        for line in by_type.get("opened", ()):
            local = line.at.astimezone(self.zone)
            self.arrivals[local.weekday()][local.hour] += 1
            self.count["opened"] += 1
            self.categories[story.standing.category] += 1
            if decision := line.data.get("decision"):
                self.decisions[decision] += 1
        if self._handed_over_here(story):
            self.count["escalated"] += 1
            self.handed_over[story.standing.category] += 1
        by_agents = (line.actor.startswith("agent:") for line in by_type.get("category_changed", ()))
        self.count["overridden"] += any(by_agents)

    def _ended(self, story: Story, by_type: Mapping[str, list[Line]]) -> None:
        if "resolved" in by_type:
            self.count["resolved"] += 1
            self.count["by_bot"] += (
                story.standing.escalated_at is None and by_type["resolved"][-1].data.get("by") != "incident"
            )
        self.count["reopened"] += "reopened" in by_type
        self.count["left_alone"] += any(line.actor == "system" for line in by_type.get("closed", ()))
        if rated := by_type.get("rated"):
            self.stars[rated[-1].data["stars"]] += 1

    def figures(self) -> Figures:
        judged = sum(self.decisions.values())
        return Figures(
            period=self.period,
            opened=self.count["opened"],
            escalated=self.count["escalated"],
            resolved=self.count["resolved"],
            by_bot=Share(self.count["by_bot"], self.count["resolved"]),
            left_alone=self.count["left_alone"],
            reopened=Share(self.count["reopened"], self.count["resolved"]),
            attainment=self.promises.attainment(),
            times=self.promises.times(),
            breaches=tuple(sorted(self.promises.breaches, key=lambda b: (b.breached_at, b.ticket))),
            backlog=self.standings.backlog(),
            ratings=Ratings(tuple(self.stars[n] for n in range(1, 6))),
            unclear=Share(self.decisions["unclear"], judged),
            asked=Share(self.decisions["ask"], judged),
            overridden=Share(self.count["overridden"], judged),
            arrivals=_frozen(self.arrivals),
            breach_hours=_frozen(self.promises.hours),
            course=self.course.points(),
            queues=self.standings.queues(),
            agents=self.staff.figures(),
            categories=tuple(
                CategoryFigures(name, self.categories[name], self.handed_over[name])
                for name in sorted(self.categories | self.handed_over, key=lambda n: (-self.categories[n], n))
            ),
        )


def _frozen(week: list[list[int]]) -> Week:
    return tuple(tuple(day) for day in week)
