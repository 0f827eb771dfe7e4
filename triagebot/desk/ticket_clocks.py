"""From a ticket's events to its SLA clocks: reads the log, lets sla.clocks compute, says due moments in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.desk.office import Office
from triagebot.sla import clocks
from triagebot.sla.clocks import Clock, SlaEvent
from triagebot.store.tables import Event, Ticket
from triagebot.text import spoken_time

SLA_EVENTS = frozenset(
    {
        "opened", "escalated", "agent_replied", "user_replied", "pending_user", "on_hold", "resumed",
        "priority_changed", "queue_changed", "resolved", "reopened", "merged", "closed",
    }
)  # fmt: skip
"""Ticket events that a clock may react to; the names are those of ``sla simulate``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a ticket's story, as far as clocks are concerned."""

    at: datetime
    type: str
    actor: str
    data: Mapping[str, Any]


Story = list[Line]


def clocks_of(office: Office, ticket: Ticket, story: Story, now: datetime) -> tuple[Clock, ...]:
    """All clocks of ``ticket`` at ``now``; empty before a person was promised anything. ``story``: events of SLA_EVENTS."""
    if ticket.escalated_at is None:
        return ()
    events, first = [], None
    for line in story:
        promise = line.data.get("promise")
        first = first or promise
        policy, calendar = office.policy_of(promise) if promise and line.type.endswith("_changed") else (None, None)
        events.append(SlaEvent(at=line.at, type=line.type, policy=policy, calendar=calendar))
    policy, calendar = office.policy_of(first or ticket.sla)
    return clocks.run(tuple(events), policy, calendar, now)


def ticket_clocks(session: Session, office: Office, ticket: Ticket, now: datetime) -> tuple[Clock, ...]:
    """As ``clocks_of``, with the story read from the log."""
    if ticket.escalated_at is None:
        return ()
    query = select(Event).where(Event.ticket_id == ticket.id, col(Event.type).in_(SLA_EVENTS)).order_by(col(Event.id))
    story = [Line(row.at, row.type, row.actor, row.data) for row in session.exec(query)]
    return clocks_of(office, ticket, story, now)


def next_look(session: Session, office: Office, ticket: Ticket, now: datetime) -> datetime | None:
    """When the sweep must look at this ticket next: the nearest warning or due moment of a running clock."""
    return clocks.next_moment(ticket_clocks(session, office, ticket, now), now)


def running(found: tuple[Clock, ...]) -> list[Clock]:
    """Clocks that still wait for a person, most urgent first."""
    waiting = [c for c in found if c.met_at is None and c.state in ("running", "breached") and c.due_at is not None]
    return sorted(waiting, key=lambda c: c.due_at or c.started_at)


def answer_due(found: tuple[Clock, ...]) -> datetime | None:
    """By when the person was promised an answer (first or next response), if a promise is running."""
    for clock in running(found):
        if clock.metric in ("first_response", "next_response"):
            return clock.due_at
    return None


def due_in_words(session: Session, office: Office, ticket: Ticket, now: datetime, lang: str) -> str:
    """The promised answer time as a person would say it, or "" when none is running or it has already passed."""
    due = answer_due(ticket_clocks(session, office, ticket, now))
    return spoken_time(due, now, office.zone, lang) if due is not None and due > now else ""
