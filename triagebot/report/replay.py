"""What attainment would have been under another policy: each ticket's clocks as they were beside those they would have been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import clock_id
from triagebot.desk.tickets import PRIORITIES
from triagebot.report import history
from triagebot.report.figures import Share
from triagebot.report.history import Story
from triagebot.report.imagined import clocks_under
from triagebot.report.promises import decided
from triagebot.sla.clocks import Clock
from triagebot.sla.policy import METRICS

_ALL = ""


@dataclass(frozen=True)
class Beside:
    """Promises kept: as it was, and as it would have been."""

    was: Share
    would: Share


@dataclass(frozen=True)
class Turned:
    """A promise that would have gone the other way. ``queue`` and ``priority``: the ticket's at the end of the period;
    ``late_s``: business seconds beyond the target on the side on which it breaks."""

    ticket: int
    metric: str
    queue: str
    priority: str
    late_s: int


@dataclass(frozen=True)
class Replay:
    """``tickets``: how many have a promise that was, or would have been, decided in the period. ``versions``: of the policies
    that their promises name; ``version``: of the other one. By metric, what was promised on neither side is left out.
    ``broken``: kept then, broken under the other policy; ``saved``: the reverse."""

    period: Period
    tickets: int
    versions: tuple[int, ...]
    version: int
    metrics: Mapping[str, Beside]
    queues: Mapping[str, Mapping[str, Beside]]
    priorities: Mapping[str, Mapping[str, Beside]]
    broken: tuple[Turned, ...]
    saved: tuple[Turned, ...]


@dataclass
class _Tally:
    """``kept``: (group, metric) -> for each side how many were kept, of how many; groups are queues, priorities, ``_ALL``."""

    period: Period
    kept: dict[tuple[str, str], tuple[list[int], list[int]]] = field(default_factory=lambda: defaultdict(_two_sides))
    tickets: int = 0
    versions: set[int] = field(default_factory=set)
    broken: list[Turned] = field(default_factory=list)
    saved: list[Turned] = field(default_factory=list)

    def add(self, story: Story, was: Sequence[Clock], would: Sequence[Clock]) -> None:
        groups = (_ALL, story.standing.queue, story.standing.priority)
        found = [{clock_id(clock): clock for clock in clocks if decided(clock)} for clocks in (was, would)]
        here = [self._counted(groups, side, clocks) for side, clocks in enumerate(found)]
        before, after = found
        for name in dict.fromkeys(name for names in here for name in names):
            if name in before and name in after and _is_kept(before[name]) != _is_kept(after[name]):
                turned, broken = (self.broken, after[name]) if _is_kept(before[name]) else (self.saved, before[name])
                turned.append(_turned(story, broken))
        if any(here):
            self.tickets += 1
            self.versions |= set(_versions(story))

    def _counted(self, groups: Iterable[str], side: int, clocks: Mapping[str, Clock]) -> list[str]:
        here = [name for name, clock in clocks.items() if (at := decided(clock)) and self.period.holds(at[0])]
        for name in here:
            for group in groups:
                cell = self.kept[group, clocks[name].metric][side]
                cell[0] += _is_kept(clocks[name])
                cell[1] += 1
        return here

    def of(self, group: str) -> dict[str, Beside]:
        rows = {metric: self.kept[group, metric] for metric in METRICS if (group, metric) in self.kept}
        return {metric: Beside(Share(*was), Share(*would)) for metric, (was, would) in rows.items()}

    def by(self, groups: Iterable[str]) -> dict[str, dict[str, Beside]]:
        return {group: found for group in groups if (found := self.of(group))}


def replay(session: Session, office: Office, other: Office, period: Period, queue: str = "") -> Replay:
    """Reads only. ``other`` is the office under the other policy. A promise counts where it was, or would have been, decided in
    the period, as in the report; a ticket belongs to the ``queue`` that its row named at the end of the period."""
    tally = _Tally(period)
    for number, lines in history.tickets(session, period):
        story = history.told(number, lines, period.until)
        row = story.standing
        if row.escalated_at is not None and queue in ("", row.queue):
            tally.add(story, story.clocks(office, period.until), clocks_under(other, story, period.until))
    return Replay(
        period, tally.tickets, tuple(sorted(tally.versions)), other.book.sla.version, tally.of(_ALL),
        tally.by(other.book.queues), tally.by(PRIORITIES), tuple(tally.broken), tuple(tally.saved),
    )  # fmt: skip


def _two_sides() -> tuple[list[int], list[int]]:
    return [0, 0], [0, 0]


def _is_kept(clock: Clock) -> bool:
    settled = decided(clock)
    return settled is not None and settled[1]


def _turned(story: Story, broken: Clock) -> Turned:
    row = story.standing
    return Turned(story.ticket, broken.metric, row.queue, row.priority, max(0, -broken.remaining_s))


def _versions(story: Story) -> Iterator[int]:
    for line in story.lines:
        version = line.data["promise"].get("version") if "promise" in line.data else None
        if version is not None:
            yield version
