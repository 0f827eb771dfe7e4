"""Who was offered to have a strange inquiry judged and left it at that: what they told goes to people, as it was promised.

Before there was anything to judge, everybody with such an inquiry was handed over at once; nobody gets less than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from triagebot.desk import escalation, tickets, user_side
from triagebot.desk.afterwards import daytime, planned
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import due_in_words
from triagebot.locale import say
from triagebot.rulebook.inquiry_rules import InquiryRules
from triagebot.store.tables import Event, Followup, Ticket
from triagebot.text import span

KIND = "unfinished_inquiry"
REASON = "unfinished"


def plan(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Once a ticket; nothing where the rules know no judging."""
    if office.book.inquiry is not None:
        planned.once(session, ticket, KIND, _due(office, office.book.inquiry, now))


def hand_over(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """Those with whom the bot came to no result. Whoever said something since then has their time again."""
    rules = office.book.inquiry
    for row in rows if rules is not None else ():
        ticket = tickets.held(session, row.ticket_id)
        if rules is None or ticket is None or ticket.status != "bot" or ticket.category != rules.category:
            continue
        if _judged(session, ticket):
            continue
        due = _due(office, rules, ticket.updated_at)
        if due > now:
            row.state, row.due_at = "pending", due
            continue
        escalation.escalate(
            session, office, ticket, "bot", now, queue=rules.queue, priority=rules.priority, reason=REASON
        )
        promised = due_in_words(session, office, ticket, now, ticket.lang)
        promise = say(ticket.lang, "promise.due" if promised else "promise.soon", due=promised)
        queue = office.queue_title(ticket.queue, ticket.lang)
        user_side.tell(session, office, ticket, say(ticket.lang, "inquiry.unfinished", number=ticket.id, queue=queue,
                                                    promise=promise), now, data={"followup": KIND})  # fmt: skip


def _due(office: Office, rules: InquiryRules, since: datetime) -> datetime:
    return daytime.next_moment(office, since + span(rules.unfinished_after))


def _judged(session: Session, ticket: Ticket) -> bool:
    query = select(Event.id).where(Event.ticket_id == ticket.id, Event.type == "judged")
    return session.exec(query.limit(1)).first() is not None
