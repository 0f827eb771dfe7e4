"""What the desk does by itself when a promise breaks: raise the priority, give the ticket to somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from triagebot.desk import agents, tickets
from triagebot.desk.office import Office
from triagebot.desk.steps import Step
from triagebot.desk.ticket_clocks import Line, Story
from triagebot.desk.tickets import HUMAN_STATES, PRIORITIES
from triagebot.sla.clocks import Clock
from triagebot.store.tables import Agent, Ticket

HANDED, NOBODY = "handed", "nobody"
"""What else people hear of (desk.notices): the ticket changed hands (``handed:<id of who had it>``); nobody could take it."""
_TOO_LATE = timedelta(minutes=30)
"""A step that comes this late was missed because the desk stood still: the holder could not answer either."""


@dataclass(frozen=True)
class Taken:
    """``tell``: what people hear besides what the step itself says. ``holder``: who has the ticket from now on."""

    tell: tuple[str, ...] = ()
    holder: Agent | None = None


@dataclass
class Load:
    """How many open tickets each agent has; counted when it is first needed, kept up to date in one sweep."""

    session: Session
    staff: Sequence[Agent]
    _open: dict[int, int] = field(default_factory=dict)

    def least_busy(self, queue: str, but: int | None) -> Agent | None:
        """The agent of ``queue`` with the fewest open tickets, among equals who was added first; supervisors are told of
        tickets, they are not given them."""
        fit = [a for a in self.staff if a.role == "agent" and a.user and a.id != but and agents.works_on(a, queue)]
        unknown = [a.id for a in fit if a.id not in self._open]
        if unknown:
            query = select(Ticket.assignee_id, func.count()).where(
                col(Ticket.assignee_id).in_(unknown), col(Ticket.status).in_(sorted(HUMAN_STATES))
            )
            counted = dict(self.session.exec(query.group_by(col(Ticket.assignee_id))).all())
            self._open |= {number or 0: counted.get(number, 0) for number in unknown}
        return min(fit, key=lambda a: (self._open[a.id or 0], a.id), default=None)

    def moved(self, before: int | None, after: int | None) -> None:
        for number, change in ((before, -1), (after, 1)):
            if number in self._open:
                self._open[number] += change


def take(
    session: Session, office: Office, load: Load, ticket: Ticket, clock: Clock, step: Step, story: Story, now: datetime
) -> Taken:
    """Do what ``step`` of ``clock`` asks for besides telling people. ``story`` grows by what the clocks must know."""
    if ticket.status not in HUMAN_STATES:
        return Taken()
    if "raise_priority" in step.do:
        _raise_priority(session, office, ticket, clock, story, now)
    return _reassign(session, office, load, ticket, clock, step, now) if "reassign" in step.do else Taken()


def raised(priority: str, clock: Clock, story: Story, now: datetime) -> str | None:
    """The priority that a raise because of ``clock`` leads to at ``now``; None: it changes nothing.

    One level, once a moment, never beyond P1. A breach that is dated at a raise raises nothing further: it was the
    shorter promise that broke, not the one that the person was given.
    """
    raises = {line.at for line in story if line.type == "priority_changed" and line.actor == "system"}
    if priority == PRIORITIES[0] or now in raises or clock.breached_at in raises:
        return None
    return PRIORITIES[PRIORITIES.index(priority) - 1]


def the_raise(office: Office, ticket: Ticket, wanted: str, metric: str, now: datetime) -> Line:
    """The event of a raise to ``wanted`` by the desk itself."""
    facts = {"priority": wanted, "was": ticket.priority, "metric": metric,
             "promise": office.promise(ticket.queue, wanted, ticket.category)}  # fmt: skip
    return Line(now, "priority_changed", "system", facts)


def _raise_priority(
    session: Session, office: Office, ticket: Ticket, clock: Clock, story: Story, now: datetime
) -> None:
    wanted = raised(ticket.priority, clock, story, now)
    if wanted is None:
        return
    line = the_raise(office, ticket, wanted, clock.metric, now)
    tickets.record(session, office, ticket, line.type, line.actor, now, line.data, look=False)
    story.append(line)


def _reassign(
    session: Session, office: Office, load: Load, ticket: Ticket, clock: Clock, step: Step, now: datetime
) -> Taken:
    """A ticket that waits for its person stays where it is, and so does one that is found long after the moment."""
    if ticket.status not in ("queued", "assigned"):
        return Taken()
    reached = dict(clock.marks_at).get(step.share) or clock.due_at or now
    if now - (office.quiet_until(reached) or reached) > _TOO_LATE:
        return Taken()
    before = ticket.assignee_id
    holder = load.least_busy(ticket.queue, before)
    if holder is None:
        return Taken((NOBODY,))
    tickets.record(session, office, ticket, "reassigned", "system", now,
                   {"agent": holder.id, "to": holder.name, "was": before, "metric": clock.metric})  # fmt: skip
    load.moved(before, holder.id)
    return Taken((f"{HANDED}:{before or 0}",), holder)
