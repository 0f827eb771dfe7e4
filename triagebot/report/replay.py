"""What-if: the attainment of a period as it was, beside what it would have been under another policy (docs/sla.md).

Only promises are imagined. People answered when they answered; that they might have hurried, nobody can know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import Line, clock_id
from triagebot.report import history
from triagebot.report.figures import Share
from triagebot.report.history import Story
from triagebot.report.imagined import imagine
from triagebot.report.promises import decided
from triagebot.sla.clocks import Clock
from triagebot.sla.policy import METRICS


@dataclass(frozen=True)
class Pair:
    """Promises kept, over promises decided in the period: as it was, and as it would have been."""

    was: Share
    would: Share

    @property
    def change(self) -> float | None:
        """None where one of the two is a share of nothing."""
        if self.was.value is None or self.would.value is None:
            return None
        return self.would.value - self.was.value


Pairs = Mapping[str, Pair]
"""By metric, in the order of METRICS; metrics that neither policy promised anything for are left out."""


@dataclass(frozen=True)
class Turned:
    """A clock whose promise one policy breaks in the period and the other one does not.

    ``other``: the clock's state at the end of the period under the policy that does not break it; "" when that policy
    has no such clock. ``late_s``: business seconds beyond the target under the policy that breaks it. ``queue`` and
    ``priority``: the ticket's at the end of the period, as they were.
    """

    ticket: int
    metric: str
    queue: str
    priority: str
    late_s: int
    other: str


@dataclass(frozen=True)
class Replay:
    """``version``: of the policy tried; ``seen``: of the policies that the tickets were promised something by.

    ``tickets``: how many with a promise were looked at. ``raises_was``, ``raises_would``: how often the desk itself
    raised the priority of one of them before the end of the period.
    """

    period: Period
    queue: str
    version: int
    seen: tuple[int, ...]
    tickets: int
    raises_was: int
    raises_would: int
    metrics: Pairs
    queues: Mapping[str, Pairs]
    priorities: Mapping[str, Pairs]
    newly_broken: tuple[Turned, ...]
    newly_kept: tuple[Turned, ...]


def replay(session: Session, office: Office, other: Office, period: Period, queue: str = "") -> Replay:
    """Reads only. ``other``: the same office under the policy to try. ``queue``: only tickets in it at the period's end."""
    count = _Count(period)
    for number, lines in history.tickets(session, period):
        story = history.told(number, lines, period.until)
        if story.standing.escalated_at is not None and queue in ("", story.standing.queue):
            count.add(story, office, other)
    return count.replay(queue, other.book.sla.version)


@dataclass
class _Count:
    """Counts by (group, metric, kept), where a group is "", ``queue:…`` or ``priority:…``."""

    period: Period
    tickets: int = 0
    raises: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    was: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    would: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    broken: list[Turned] = field(default_factory=list)
    kept: list[Turned] = field(default_factory=list)

    def add(self, story: Story, office: Office, other: Office) -> None:
        imagined = imagine(other, story.lines, self.period.until)
        was, would = story.clocks(office, self.period.until), imagined.clocks(self.period.until)
        self.tickets += 1
        self.raises["was"] += sum(line.type == "priority_changed" and line.actor == "system" for line in story.lines)
        self.raises["would"] += imagined.raises
        self.seen.update(_versions(story.lines))
        for counter, clocks in ((self.was, was), (self.would, would)):
            for clock in clocks:
                self._count(counter, story, clock)
        self.broken += self._turned(story, would, was)
        self.kept += self._turned(story, was, would)

    def _count(self, counter: Counter[tuple[str, str, bool]], story: Story, clock: Clock) -> None:
        found = decided(clock)
        if found is None or not self.period.holds(found[0]):
            return
        row = story.standing
        self.groups["queue"].add(row.queue)
        self.groups["priority"].add(row.priority)
        for group in ("", f"queue:{row.queue}", f"priority:{row.priority}"):
            counter[group, clock.metric, found[1]] += 1

    def _turned(self, story: Story, broken_in: tuple[Clock, ...], other: tuple[Clock, ...]) -> Iterator[Turned]:
        states = {clock_id(clock): clock.state for clock in other}
        states |= {clock_id(clock): clock.state for clock in other if clock.state == "breached"}
        for clock in broken_in:
            found, state = decided(clock), states.get(clock_id(clock), "")
            if found is not None and not found[1] and self.period.holds(found[0]) and state != "breached":
                yield Turned(story.ticket, clock.metric, story.standing.queue, story.standing.priority,
                             max(0, -clock.remaining_s), state)  # fmt: skip

    def replay(self, queue: str, version: int) -> Replay:
        return Replay(
            period=self.period, queue=queue, version=version, seen=tuple(sorted(self.seen)), tickets=self.tickets,
            raises_was=self.raises["was"], raises_would=self.raises["would"], metrics=self._pairs(""),
            queues={name: self._pairs(f"queue:{name}") for name in sorted(self.groups["queue"])},
            priorities={name: self._pairs(f"priority:{name}") for name in sorted(self.groups["priority"])},
            newly_broken=tuple(sorted(self.broken, key=_worst_first)),
            newly_kept=tuple(sorted(self.kept, key=_worst_first)),
        )  # fmt: skip

    def _pairs(self, group: str) -> Pairs:
        pairs = {m: Pair(_share(self.was, group, m), _share(self.would, group, m)) for m in METRICS}
        return {metric: pair for metric, pair in pairs.items() if pair.was.whole or pair.would.whole}


def _share(counter: Counter[tuple[str, str, bool]], group: str, metric: str) -> Share:
    kept = counter[group, metric, True]
    return Share(kept, kept + counter[group, metric, False])


def _versions(lines: list[Line]) -> Iterator[int]:
    for line in lines:
        promise = line.data.get("promise")
        if promise is not None and promise.get("version") is not None:
            yield promise["version"]


def _worst_first(turned: Turned) -> tuple[int, int, str]:
    return (-turned.late_s, turned.ticket, turned.metric)
