"""What a person wants to hear unasked, or no more, made true in their turn: reminders of clocks outside, and watch mode."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from triagebot.desk.afterwards import reminders
from triagebot.desk.office import Office
from triagebot.desk.watching import subscriptions
from triagebot.dialogue.state import Accept, StopReminders
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe
from triagebot.store.tables import Conversation, Ticket

Wish = Accept | StopReminders | Subscribe | Unsubscribe


def carry_out(
    session: Session, office: Office, conversation: Conversation, ticket: Ticket | None, wish: Wish, now: datetime
) -> None:
    """``ticket``: the one in focus, to which a reminder of a clock belongs."""
    match wish:
        case Accept(clock_id, since):
            clock = office.book.clocks.of(clock_id)
            if ticket is not None and clock is not None:
                reminders.accept(session, office, ticket, clock, since, now)
        case StopReminders(everything=True):
            reminders.stop_all(session, office, conversation, now)
        case StopReminders():
            if ticket is not None:
                reminders.stop(session, office, ticket, now)
        case Subscribe():
            if wish.platform:
                subscriptions.hear_of(session, conversation, wish.platform, wish.incident, now)
            else:
                subscriptions.remind(session, office, conversation, wish.months, now)
        case Unsubscribe("offer"):
            subscriptions.decline(session, conversation, now)
        case Unsubscribe(what, platform):
            subscriptions.stop(session, conversation, now, "" if what == "all" else what, platform)
