"""All that an agent needs to know of one ticket, read at once: its story, its clocks, the person, tickets like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.desk import sight, tickets, user_side
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import ticket_clocks
from triagebot.desk.tickets import OPEN_STATES
from triagebot.sla.clocks import Clock
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Agent, Conversation, Event, Page, Ticket

_MOST_OTHERS = 8
_MOST_LIKE = 4
_LATELY = 500
"""Tickets that were solved last, among which those like this one are looked for."""


@dataclass(frozen=True)
class Solved:
    """A ticket like this one. ``how`` it ended: the reason that was given, else what the person was told last, or ""."""

    number: int
    platform: str
    summary: str
    how: str
    at: datetime


@dataclass(frozen=True)
class Dossier:
    """``events``: the whole story, oldest first. ``others``: of the same person, what is open first. ``incidents``: those that
    are not over, number and title. ``called``: somebody of the on-call chain is being called about it."""

    ticket: Ticket
    person: Conversation
    holder: str
    events: tuple[Event, ...]
    clocks: tuple[Clock, ...]
    others: tuple[Ticket, ...]
    like: tuple[Solved, ...]
    incidents: tuple[tuple[int, str], ...]
    called: bool

    @property
    def last_event(self) -> int:
        return self.events[-1].id or 0 if self.events else 0

    @property
    def verdict(self) -> dict[str, Any]:
        """What the brain said at the opening (triage.verdict as JSON), {} when it was erased."""
        opened = next((event.data for event in self.events if event.type == "opened"), {})
        found: dict[str, Any] = opened.get("verdict") or {}
        return found

    @property
    def app_version(self) -> str:
        """As the person named it, "" while they have not."""
        named = [event.data["app_version"] for event in self.events if "app_version" in event.data]
        return str(named[-1]) if named else ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the person answered to our questions, the last time for each: question and answer, unless they were erased."""
        given = (event.data for event in self.events if event.type == "fact_given")
        latest = {data["slot"]: data for data in given if "text" in data and "title" in data}
        return [(data["title"], data["text"]) for data in latest.values()]


def read(session: Session, office: Office, agent: Agent, number: int, now: datetime) -> Dossier:
    """DeskError when there is no such ticket, DeniedError when it is none of ``agent``'s."""
    ticket = tickets.get(session, number)
    sight.must_see(office, agent, ticket)
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    return Dossier(
        ticket=ticket,
        person=user_side.conversation_of(session, ticket),
        holder=holder.name if holder is not None else "",
        events=tuple(tickets.timeline(session, number)),
        clocks=ticket_clocks(session, office, ticket, now),
        others=tuple(_of_the_person(session, agent, ticket)),
        like=tuple(_like(session, agent, ticket)),
        incidents=tuple(_going_on(session)),
        called=session.exec(select(Page.id).where(Page.ticket_id == number, Page.state == "waiting")).first()
        is not None,
    )


def _of_the_person(session: Session, agent: Agent, ticket: Ticket) -> list[Ticket]:
    query = select(Ticket).where(Ticket.conversation_id == ticket.conversation_id, Ticket.id != ticket.id)
    found = session.exec(query.order_by(col(Ticket.id).desc()).limit(_MOST_OTHERS))
    return sorted((t for t in found if sight.sees(agent, t)), key=lambda t: t.status not in OPEN_STATES)


def _like(session: Session, agent: Agent, ticket: Ticket) -> list[Solved]:
    """Solved lately, of the same kind, of other people; those on the same platform first."""
    lately = (
        select(col(Ticket.id)).where(Ticket.status == "resolved").order_by(col(Ticket.updated_at).desc()).limit(_LATELY)
    )
    query = select(Ticket).where(
        col(Ticket.id).in_(lately.subquery().select()), Ticket.category == ticket.category,
        Ticket.conversation_id != ticket.conversation_id,
    )  # fmt: skip
    found = [t for t in session.exec(query.order_by(col(Ticket.updated_at).desc()).limit(50)) if sight.sees(agent, t)]
    chosen = sorted(found, key=lambda t: t.platform != ticket.platform)[:_MOST_LIKE]
    ways = _ways(session, [t.id or 0 for t in chosen])
    return [Solved(t.id or 0, t.platform, t.summary, ways.get(t.id or 0, ""), t.resolved_at or t.updated_at)
            for t in chosen]  # fmt: skip


def _ways(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """How these tickets ended, as far as somebody said."""
    query = select(Event).where(
        col(Event.ticket_id).in_(numbers), col(Event.type).in_(("agent_replied", "answered", "resolved"))
    )
    ways: dict[int, str] = {}
    for event in session.exec(query.order_by(col(Event.id))):
        if words := event.data.get("reason") or event.data.get("text"):
            ways[event.ticket_id] = str(words)
    return ways


def _going_on(session: Session) -> list[tuple[int, str]]:
    query = select(col(Incident.id), col(Incident.title)).where(Incident.state != "resolved")
    return [(number or 0, title) for number, title in session.exec(query.order_by(col(Incident.id).desc()).limit(50))]
