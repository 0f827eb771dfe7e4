"""The bot's own promises: it comes back to a person when it said it would, and lets go of what nobody came back to."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import bindparam, exists, literal_column
from sqlmodel import Session, col, select

from triagebot.desk import tickets, user_side
from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store import later
from triagebot.store.statements import table_of
from triagebot.store.tables import Followup, Ticket
from triagebot.text import span

IDLE = timedelta(hours=72)
"""A self-service ticket that nobody came back to for this long (wall time) is closed; our own figure."""


_FOLLOWUP = table_of(Followup)
_ONCE = ~exists().where(_FOLLOWUP.c.ticket_id == bindparam("ticket"), _FOLLOWUP.c.kind == bindparam("what"))
_PLAN = _FOLLOWUP.insert().from_select(
    ["conversation_id", "ticket_id", "kind", "due_at", "state"],
    sqlalchemy.select(
        bindparam("conversation", type_=_FOLLOWUP.c.conversation_id.type),
        bindparam("ticket", type_=_FOLLOWUP.c.ticket_id.type),
        bindparam("what", type_=_FOLLOWUP.c.kind.type),
        bindparam("due", type_=_FOLLOWUP.c.due_at.type),
        literal_column("'pending'"),
    ).where(_ONCE),
)


def schedule(session: Session, office: Office, ticket: Ticket, now: datetime) -> bool:
    """Plan the follow-up of the ticket's category, once a ticket; False when its category has none."""
    category = office.book.categories.get(ticket.category)
    if category is None or category.followup is None:
        return False
    later.add(session, _PLAN, {"conversation": ticket.conversation_id, "ticket": ticket.id, "what": ticket.category,
                               "due": now + span(category.followup.after)})  # fmt: skip
    return True


def run_due(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Ask the people whose follow-up is due, as long as their ticket still waits for them; returns how many were due."""
    query = select(Followup).where(Followup.state == "pending", col(Followup.due_at) <= now).limit(limit)
    due = list(session.exec(query))
    for row in due:
        row.state = "done"
        session.add(row)
        ticket = tickets.held(session, row.ticket_id)
        category = office.book.categories.get(row.kind)
        if ticket is None or ticket.status != "bot" or category is None or category.followup is None:
            continue
        words = category.followup.en if ticket.lang == "en" else category.followup.zh
        user_side.tell(session, office, ticket, words, now, buttons=outcome_buttons(ticket.id or 0, ticket.lang),
                       data={"followup": row.kind})  # fmt: skip
    return len(due)


def outcome_buttons(number: int, lang: str) -> tuple[tuple[Button, ...], ...]:
    """Did it help? The three buttons under every piece of advice."""
    return (
        tuple(Button(say(lang, f"button.{name}"), f"{name}:{number}") for name in ("solved", "not_solved", "human")),
    )


def close_idle(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Close self-service tickets that were left alone, so that statistics tell answered from abandoned."""
    waiting = select(Followup.ticket_id).where(Followup.state == "pending")
    query = select(Ticket).where(
        Ticket.status == "bot", col(Ticket.updated_at) < now - IDLE, col(Ticket.id).not_in(waiting)
    )
    found = list(session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    for ticket in found:
        tickets.record(session, office, ticket, "closed", "system", now, {"reason": "idle"})
    return len(found)
