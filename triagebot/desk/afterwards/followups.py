"""The bot's own promises: it comes back to a person when it said it would, and lets go of what nobody came back to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from triagebot.desk import tickets, user_side
from triagebot.desk.afterwards import aftercare, low_ratings, planned, reminders, unfinished
from triagebot.desk.incident import following, going, people
from triagebot.desk.office import Office
from triagebot.desk.watching import offers
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.tables import Followup, Ticket
from triagebot.text import span

IDLE = timedelta(hours=72)
"""A self-service ticket that nobody came back to for this long (wall time) is closed; our own figure."""

Act = Callable[[Session, Office, Sequence[Followup], datetime], None]


def schedule(session: Session, office: Office, ticket: Ticket, now: datetime) -> bool:
    """Plan the follow-up of the ticket's category, once a ticket; False when its category has none."""
    category = office.book.categories.get(ticket.category)
    if category is None or category.followup is None:
        return False
    planned.once(session, ticket, ticket.category, now + span(category.followup.after))
    return True


def run_due(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Do what is due, each kind in its own way; returns how much was due."""
    waits = (Followup.state == "pending", col(Followup.due_at) <= now)
    numbers = session.exec(select(Followup.ticket_id).where(*waits).limit(limit)).all()
    held = tickets.held_all(session, numbers)  # first: whoever ends a plan holds its ticket
    due = list(
        session.exec(select(Followup).where(*waits, col(Followup.ticket_id).in_([t.id for t in held])).limit(limit))
    )
    kinds: dict[str, list[Followup]] = defaultdict(list)
    for row in due:
        row.state = "done"
        session.add(row)
        kinds[row.kind].append(row)
    for kind, rows in kinds.items():
        _act(kind)(session, office, rows, now)
    return len(due)


def _act(kind: str) -> Act:
    return reminders.send if kind.startswith(reminders.PREFIX) else ACTS.get(kind, _come_back)


def _come_back(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """Ask the people whose advice said that we would, as long as their ticket still waits for them, and not for the end of an
    incident."""
    waited_for = going.load(session, office).of
    for row in rows:
        ticket = tickets.held(session, row.ticket_id)
        category = office.book.categories.get(row.kind)
        if ticket is None or ticket.status != "bot" or category is None or category.followup is None:
            continue
        if ticket.incident_id in waited_for and office.ends_together(ticket.priority, ticket.category, ticket.platform):
            continue
        words = category.followup.en if ticket.lang == "en" else category.followup.zh
        user_side.tell(session, office, ticket, words, now, buttons=outcome_buttons(ticket.id or 0, ticket.lang),
                       data={"followup": row.kind})  # fmt: skip


ACTS: Mapping[str, Act] = {
    aftercare.KIND: aftercare.ask,
    following.KIND: following.tell_end,
    low_ratings.KIND: low_ratings.tell,
    unfinished.KIND: unfinished.hand_over,
    people.KIND: people.tell,
    offers.KIND: offers.ask,
}
"""What is planned under these names; any other is a reminder, or a category's, whose advice said that we would come back."""


def outcome_buttons(number: int, lang: str) -> tuple[tuple[Button, ...], ...]:
    """Did it help? The three buttons under every piece of advice."""
    return (
        tuple(Button(say(lang, f"button.{name}"), f"{name}:{number}") for name in ("solved", "not_solved", "human")),
    )


def close_idle(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Close self-service tickets that were left alone, so that statistics tell answered from abandoned. Whoever was told to
    wait for the end of an incident did not leave."""
    waiting = select(Followup.ticket_id).where(Followup.state == "pending")
    query = select(Ticket).where(
        Ticket.status == "bot", col(Ticket.updated_at) < now - IDLE, col(Ticket.id).not_in(waiting),
        or_(col(Ticket.incident_id).is_(None), col(Ticket.incident_id).not_in(going.NUMBERS)),
    )  # fmt: skip
    found = list(session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    for ticket in found:
        tickets.record(session, office, ticket, "closed", "system", now, {"reason": "idle"})
    return len(found)
