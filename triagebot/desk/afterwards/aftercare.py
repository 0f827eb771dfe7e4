"""A day after people solved it: does it still work? Asked once a ticket, by day, and only while nobody has said so already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.desk import tickets, user_side, user_warning
from triagebot.desk.afterwards import daytime, planned
from triagebot.desk.office import Office
from triagebot.desk.tickets import OPEN_STATES
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.tables import Event, Followup, Ticket

KIND = "still_solved"
AFTER = timedelta(hours=24)
"""Wall time after an agent's resolution."""


def plan(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    planned.once(session, ticket, KIND, daytime.next_moment(office, now + AFTER))


def ask(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """Ask those who neither rated nor came back. A ticket that was reopened meanwhile, or whose time has come at night, waits
    for another moment. Whoever is talking to us about something else, or cannot be reached, is left in peace."""
    unreachable = user_warning.blocked(session, [row.ticket_id for row in rows])
    for row in rows:
        ticket = tickets.held(session, row.ticket_id)
        if ticket is None or ticket.rating is not None:
            continue
        due = daytime.next_moment(office, max(now, _since(ticket, now) + AFTER))
        if due > now:
            row.state, row.due_at = "pending", due
            continue
        if ticket.status != "resolved" or ticket.id in unreachable or not _by_agent(session, ticket):
            continue
        if tickets.open_of(session, ticket.conversation_id):
            continue
        user_side.tell(session, office, ticket, say(ticket.lang, "aftercare.ask", number=ticket.id), now,
                       buttons=_buttons(ticket), data={"followup": KIND})  # fmt: skip


def _since(ticket: Ticket, now: datetime) -> datetime:
    """When it was solved the last time; while people are at it again, not yet."""
    return now if ticket.status in OPEN_STATES else ticket.resolved_at or ticket.updated_at


def _by_agent(session: Session, ticket: Ticket) -> bool:
    query = select(Event.actor).where(Event.ticket_id == ticket.id, Event.type == "resolved")
    actor = session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
    return actor is not None and actor.startswith("agent:")


def _buttons(ticket: Ticket) -> user_side.Buttons:
    return (
        tuple(Button(say(ticket.lang, f"button.{name}"), f"{name}:{ticket.id}") for name in ("solved", "not_solved")),
    )
