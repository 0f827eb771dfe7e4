"""Answers that cross: what a colleague has told the person since this agent's page was made."""

from __future__ import annotations

from sqlmodel import Session, col, select

from triagebot.store.tables import Agent, Event, Ticket


def answered_since(session: Session, ticket: Ticket, agent: Agent, last_seen: int) -> Event | None:
    """The newest answer of anybody else that is not among the events up to ``last_seen``."""
    query = select(Event).where(
        Event.ticket_id == ticket.id, col(Event.id) > last_seen, Event.type == "agent_replied",
        Event.actor != f"agent:{agent.id}",
    )  # fmt: skip
    return session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
