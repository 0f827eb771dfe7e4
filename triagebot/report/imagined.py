"""One ticket's story under other promises: what people did stands as it was, the promises are those of another policy.

What the system did because an old promise broke (a raised priority, a policy applied anew) is left out; what it would have
done as the other promises break is put in, at the very moment, as by a sweep that is never late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from triagebot.desk.measures import raised_from
from triagebot.desk.office import Office
from triagebot.desk.steps import BREACH
from triagebot.desk.ticket_clocks import SLA_EVENTS, Line, clock_id, clocks_of
from triagebot.desk.tickets import PROJECTIONS
from triagebot.report.history import Standing, Story
from triagebot.sla.clocks import Clock
from triagebot.store.tables import Ticket

_PROMISING = ("escalated", "queue_changed", "priority_changed")
_JUST_AFTER = timedelta(microseconds=1)
"""A breach is a breach strictly after the due moment, and what follows from it comes after it."""


@dataclass
class _Told:
    """The story as told so far: ``row`` as the ticket's would be, ``levels`` the priority after each event."""

    office: Office
    row: Standing = field(default_factory=Standing)
    lines: list[Line] = field(default_factory=list)
    levels: list[tuple[datetime, str]] = field(default_factory=list)

    def add(self, line: Line) -> None:
        promising = line.type in _PROMISING and "promise" in line.data
        project = PROJECTIONS.get(line.type)
        if project is not None:
            project(cast(Ticket, self.row), {**line.data, "promise": {}} if promising else line.data, line.at)
        if promising:
            self.row.sla = self.office.promise(self.row.queue, self.row.priority, self.row.category)
            line = Line(line.at, line.type, line.actor, {**line.data, "promise": self.row.sla})
        self.levels.append((line.at, self.row.priority))
        if line.type in SLA_EVENTS:
            self.lines.append(line)

    def raise_priority(self, at: datetime) -> None:
        wanted = raised_from(self.row.priority) or self.row.priority
        self.add(Line(at, "priority_changed", "system", {"priority": wanted, "promise": {}}))

    def priority_at(self, at: datetime) -> str:
        return next(priority for moment, priority in reversed(self.levels) if moment < at)


def clocks_under(office: Office, story: Story, until: datetime) -> tuple[Clock, ...]:
    """The clocks of a ticket as they would be at ``until`` under the policy of ``office``."""
    raises: list[datetime] = []
    taken: set[tuple[str, str]] = set()
    while True:
        told = _told(office, story, raises)
        clocks = clocks_of(office, cast(Ticket, told.row), told.lines, until)
        following = min(_steps_that_raise(told, clocks, raises, taken, until), default=None)
        if following is None:
            return clocks
        at, clock, step = following
        taken.add((clock, step))
        if at not in raises and raised_from(told.priority_at(at)) is not None:
            raises.append(at)


def _told(office: Office, story: Story, raises: Sequence[datetime]) -> _Told:
    told, left = _Told(office), sorted(raises)
    for line in story.lines:
        while left and left[0] < line.at:
            told.raise_priority(left.pop(0))
        if not _by_itself(line):
            told.add(line)
    for at in left:
        told.raise_priority(at)
    return told


def _by_itself(line: Line) -> bool:
    """What nobody did, but followed from the promise that was given."""
    return line.type == "policy_changed" or (line.type == "priority_changed" and line.actor == "system")


def _steps_that_raise(
    told: _Told, clocks: Sequence[Clock], raises: Sequence[datetime], taken: set[tuple[str, str]], until: datetime
) -> Iterator[tuple[datetime, str, str]]:
    """(moment, clock, step) of what was not taken yet, by the rules of the sweep (desk.promises, desk.measures): a breach that
    only a raise brought about raises nothing further."""
    plans = told.office.steps_of(told.row.sla)
    for clock in (c for c in clocks if c.breached_at not in raises):
        reached = dict(clock.marks_at)
        for step in plans[clock.metric]:
            at = clock.breached_at if step.name == BREACH else reached.get(step.share)
            if at is None or "raise_priority" not in step.do or (clock_id(clock), step.name) in taken:
                continue
            if step.share > 1 and (clock.breached_at is None or at < clock.breached_at):
                continue
            if at + _JUST_AFTER < until:
                yield at + _JUST_AFTER, clock_id(clock), step.name
