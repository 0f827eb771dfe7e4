"""What each agent did in a period: an answer belongs to who gave it, a rating to who last had the ticket."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import Line
from triagebot.report import spread
from triagebot.report.figures import AgentFigures, Share
from triagebot.report.history import Story
from triagebot.report.promises import TIMED
from triagebot.sla.clocks import Clock
from triagebot.sla.policy import METRICS

_AGENT = "agent:"


def number(actor: str) -> int | None:
    """The agent's id in ``agent:12``, None for anybody else."""
    digits = actor.removeprefix(_AGENT)
    return int(digits) if actor.startswith(_AGENT) and digits.isdecimal() else None


@dataclass
class Staff:
    names: Mapping[int, str]
    replies: Counter[int] = field(default_factory=Counter)
    resolved: Counter[int] = field(default_factory=Counter)
    kept: Counter[tuple[int, str, bool]] = field(default_factory=Counter)
    spans: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    stars: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self, story: Story, clocks: tuple[Clock, ...], period: Period, by_type: Mapping[str, list[Line]]
    ) -> None:  # fmt: skip
        who = {
            (line.type, line.at): agent
            for type in ("agent_replied", "resolved")
            for line in by_type.get(type, ())
            if (agent := number(line.actor)) is not None
        }
        self.replies.update(agent for line in by_type.get("agent_replied", ()) if (agent := number(line.actor)))
        if by_type.get("resolved") and (last := number(by_type["resolved"][-1].actor)) is not None:
            self.resolved[last] += 1
        for clock in clocks:
            self._stopped(clock, period, who)
        if (rated := by_type.get("rated")) and story.standing.assignee_id is not None:
            self.stars[story.standing.assignee_id].append(rated[-1].data["stars"])

    def _stopped(self, clock: Clock, period: Period, who: Mapping[tuple[str, datetime], int]) -> None:
        if clock.met_at is None or not period.holds(clock.met_at):
            return
        cause = "resolved" if clock.metric == "resolution" else "agent_replied"
        agent = who.get((cause, clock.met_at))
        if agent is None:
            return
        self.kept[agent, clock.metric, clock.state == "met"] += 1
        if clock.metric == TIMED[0]:
            self.spans[agent].append((clock.elapsed_s, (clock.met_at - clock.started_at).total_seconds()))

    def figures(self) -> tuple[AgentFigures, ...]:
        """Who did most is first."""
        there = {*self.replies, *self.resolved, *self.stars}
        rows = [
            AgentFigures(
                agent=self.names.get(agent, f"#{agent}"), replies=self.replies[agent],
                first=spread.times(self.spans[agent]), resolved=self.resolved[agent],
                attainment=self._attainment(agent), ratings=len(self.stars[agent]),
                rating=sum(self.stars[agent]) / len(self.stars[agent]) if self.stars[agent] else None,
            )
            for agent in there
        ]  # fmt: skip
        return tuple(sorted(rows, key=lambda row: (-row.resolved, -row.replies, row.agent)))

    def _attainment(self, agent: int) -> dict[str, Share]:
        """Of the clocks that this agent stopped, late ones included."""
        return {
            metric: Share(self.kept[agent, metric, True], whole)
            for metric in METRICS
            if (whole := self.kept[agent, metric, True] + self.kept[agent, metric, False])
        }
