"""Whether the person wants to be reminded: asked once, at a good moment, by day, and never of somebody who said no.

The moments: a ticket that was rated well, and the end of a case in which the report itself was the worry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.desk import tickets, user_side, user_warning
from triagebot.desk.afterwards import daytime, planned
from triagebot.desk.office import Office
from triagebot.desk.watching import reminders, subscriptions
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.tables import Followup, Ticket

KIND = "watch_offer"
AFTER = timedelta(minutes=2)
"""They have just said something else, and may go on."""
WELL = 4
"""Stars."""
_AT_MOST_EVERY = timedelta(days=90)


def plan_after_rating(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    if ticket.rating is not None and ticket.rating >= WELL:
        plan(session, office, ticket, now)


def plan_after_case(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    if ticket.category in office.book.watch.offer_after:
        plan(session, office, ticket, now)


def plan(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Once a ticket; whether the person is asked is decided when the time has come."""
    planned.once(session, ticket, KIND, daytime.next_moment(office, now + AFTER))


def ask(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """Those who can be reached, are at nothing else, have not subscribed to anything or stopped it, and were not asked within
    90 days. Night waits for the morning."""
    unreachable = user_warning.blocked(session, [row.ticket_id for row in rows])
    morning = daytime.next_moment(office, now)
    for row in rows:
        if morning > now:
            row.state, row.due_at = "pending", morning
            continue
        ticket = tickets.held(session, row.ticket_id)
        if ticket is None or ticket.id in unreachable or not _welcome(session, row, now):
            row.state = "dropped"
            continue
        buttons = (
            tuple(reminders.every(ticket.lang)),
            (Button(say(ticket.lang, "watch.button_no"), "watch:no"),),
        )
        user_side.tell(session, office, ticket, say(ticket.lang, "watch.offer"), now, buttons=buttons,
                       data={"followup": KIND}, focus=False)  # fmt: skip


def _welcome(session: Session, row: Followup, now: datetime) -> bool:
    asked = select(Followup.id).where(
        Followup.conversation_id == row.conversation_id, Followup.kind == KIND, Followup.state == "done",
        col(Followup.due_at) > now - _AT_MOST_EVERY, Followup.id != row.id,
    )  # fmt: skip
    return not (
        subscriptions.all_of(session, row.conversation_id)
        or tickets.open_of(session, row.conversation_id)
        or session.exec(asked).first()
    )
