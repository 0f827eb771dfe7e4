"""What the desk does by itself when a promise breaks: raise the priority, give the ticket to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.desk.steps import Step
from triagebot.desk.team import on_call
from triagebot.desk.team.workload import Load
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
             "promise": office.promise_to(ticket, priority=wanted)}  # fmt: skip
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
    on_call.begin(session, office, ticket, now)


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
