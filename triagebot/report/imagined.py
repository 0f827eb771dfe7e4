"""A ticket's story as it would have been under another policy: what people did stands, what the desk itself did is done
anew, at the very moments that the other policy names.

Pure: events in, events and clocks out. Only promises are imagined, not that people would have worked differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

from triagebot.desk import measures
from triagebot.desk.office import Office
from triagebot.desk.replay import Standing
from triagebot.desk.steps import BREACH
from triagebot.desk.ticket_clocks import MEASURED_ANEW, SLA_EVENTS, Line, clock_id, clocks_of
from triagebot.desk.tickets import PROJECTIONS
from triagebot.sla.clocks import Clock
from triagebot.store.tables import Ticket

_BY_THE_POLICY = ("policy_changed", "priority_changed")
"""What the desk records as ``system`` because the policy in force said so."""
_TURNS = MEASURED_ANEW | {"escalated", "classified", "category_changed"}
"""Events that change which raises there are, or what they lead to: those before must be made first."""
_INSTANT = timedelta(microseconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Mark(NamedTuple):
    """A moment at which the policy asks for a raise; sorted as a sweep that is never late would meet them."""

    at: datetime
    order: int
    name: tuple[str, str]
    clock: Clock


@dataclass
class Imagined:
    """The story under ``office``'s policy, as far as it has been told. ``raises``: how often the priority was raised."""

    office: Office
    row: Ticket = field(default_factory=lambda: cast(Ticket, Standing()))
    lines: list[Line] = field(default_factory=list)
    raises: int = 0
    _since: datetime = _LONG_AGO
    _known: set[tuple[str, str]] = field(default_factory=set)

    def clocks(self, until: datetime) -> tuple[Clock, ...]:
        return clocks_of(self.office, self.row, self.lines, until)

    def add(self, line: Line) -> None:
        """One event, with what this policy promises at it."""
        if "promise" in line.data:
            line = self._promised(line)
        if line.type in PROJECTIONS:
            PROJECTIONS[line.type](self.row, line.data, line.at)
        if line.type in SLA_EVENTS:
            self.lines.append(line)
        if line.type in _TURNS:
            self._since = line.at

    def _promised(self, line: Line) -> Line:
        data, row = line.data, self.row
        attached = {"incident_attached": True, "incident_detached": False}.get(line.type)
        promise = self.office.promise_to(
            row, queue=data.get("queue", ""), priority=data.get("priority", ""), category=data.get("category", ""),
            attached=attached,
        )  # fmt: skip
        return replace(line, data={**data, "promise": promise})

    def raise_before(self, end: datetime) -> None:
        """Make the raises whose moment lies before ``end``: each may bring others nearer, or put an end to them."""
        while (found := self._next_raise(end)) is not None:
            self.add(found)
            self.raises += 1

    def _next_raise(self, end: datetime) -> Line | None:
        if self.row.escalated_at is None or not self._asking():
            return None
        for mark in sorted(self._marks(self.clocks(end), end)):
            self._known.add(mark.name)
            wanted = measures.raised(self.row.priority, mark.clock, self.lines, mark.at)
            if wanted is not None:
                return measures.the_raise(self.office, self.row, wanted, mark.clock.metric, mark.at)
        return None

    def _asking(self) -> bool:
        """Whether this policy raises priorities at all: most need no more than one look at the clocks."""
        return any("raise_priority" in step.do for step in self.office.book.sla.steps)

    def _marks(self, clocks: Iterable[Clock], end: datetime) -> Iterator[_Mark]:
        """What was not taken yet, of clocks that still waited; a moment that a change brought with it, though it lay
        before, is at that change."""
        plans = self.office.steps_of(self.row.sla)
        for order, clock in enumerate(clocks):
            stopped, moments = _stopped(clock), dict(clock.marks_at)
            broken = clock.breached_at + _INSTANT if clock.breached_at is not None else None
            for step in plans[clock.metric]:
                name, moment = (clock_id(clock), step.name), broken if step.name == BREACH else moments.get(step.share)
                if "raise_priority" not in step.do or name in self._known or moment is None:
                    continue
                if step.share > 1 and (clock.breached_at is None or moment < clock.breached_at):
                    continue
                at = max(moment, self._since)
                if at < end and (stopped is None or at < stopped):
                    yield _Mark(at, order, name, clock)


def _stopped(clock: Clock) -> datetime | None:
    """When nobody waited for it any more."""
    if not clock.ended_by:
        return None
    return clock.met_at or (clock.segments[-1].end if clock.segments else clock.started_at)


def imagine(office: Office, lines: Iterable[Line], until: datetime) -> Imagined:
    """The story of ``lines``, all before ``until``, in the order in which they were recorded, under ``office``'s policy."""
    found = Imagined(office)
    for line in lines:
        if line.actor == "system" and line.type in _BY_THE_POLICY:
            continue
        if line.type in _TURNS:
            found.raise_before(line.at)
        found.add(line)
    found.raise_before(until)
    return found
