"""The pieces of a reply in words; what is only known once the turn is written (number, queue, the promise) is filled in."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from triagebot.desk.afterwards import reminder_times, reminders
from triagebot.desk.incident import going
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import due_in_words, would_be_due_in_words
from triagebot.dialogue import watch_words
from triagebot.dialogue.state import Say, TicketView
from triagebot.locale import say
from triagebot.store.tables import Conversation, Ticket
from triagebot.text import span, spoken_span, spoken_time

_OF_INCIDENTS = {"outage.same": going.same, "outage.still": going.still, "outage.line": going.line}


def render(
    session: Session,
    office: Office,
    conversation: Conversation,
    ticket: Ticket | None,
    part: Say,
    now: datetime,
    lang: str,
) -> str:
    """``part`` in ``lang``, about ``ticket``, the one in focus of ``conversation``; "" where there is nothing to say."""
    values = dict(part.values)
    if part.key == "text":
        return str(values["text"])
    if part.key == "status.line":
        return _status_line(office, values["ticket"], now, lang)
    if (about := _OF_INCIDENTS.get(part.key)) is not None:
        return about(office, values["incident"], now, lang)
    if part.key == "wait.nobody_yet":
        return _nobody_yet(office, ticket, now, lang, **values)
    if part.key == "remind.accepted":
        return _accepted(office, now, lang, **values)
    if part.key == "remind.pending":
        return _pending(session, office, conversation, now, lang)
    if part.key == "promise":
        due = due_in_words(session, office, ticket, now, lang) if ticket is not None else ""
        return say(lang, "promise.due" if due else "promise.soon", due=due)
    if part.key == "advice.will_ask_again" and ticket is not None:
        rules = office.book.categories[ticket.category].followup
        values["after"] = spoken_span(span(rules.after).total_seconds(), lang) if rules else ""
    if (saying := watch_words.SAID.get(part.key)) is not None:
        return saying(session, office, now, lang, **values)
    queue = office.queue_title(ticket.queue, lang) if ticket is not None else ""
    return say(lang, part.key, number=ticket.id if ticket is not None else "", queue=queue, **values)


def _accepted(office: Office, now: datetime, lang: str, clock: str, since: date | None) -> str:
    rules = office.book.clocks.of(clock)
    if rules is None:
        return say(lang, "remind.gone")
    due = spoken_time(reminder_times.due(office, rules, since, now), now, office.zone, lang)
    return say(lang, "remind.accepted", due=due, title=rules.title.in_(lang))


def _pending(session: Session, office: Office, conversation: Conversation, now: datetime, lang: str) -> str:
    found = [
        say(lang, "remind.line", due=spoken_time(each.due, now, office.zone, lang), title=each.clock.title.in_(lang))
        for each in reminders.pending(session, office, conversation)
    ]
    return say(lang, "remind.pending", lines="\n".join(found)) if found else ""


def _nobody_yet(
    office: Office, ticket: Ticket | None, now: datetime, lang: str, queue: str, priority: str, category: str
) -> str:
    """What would be promised if a person were asked now; ``category`` "" is the ticket's own."""
    about = category or (ticket.category if ticket is not None else "")
    due = would_be_due_in_words(office, queue, priority, about, now, lang)
    promise = say(lang, "promise.due" if due else "promise.soon", due=due)
    return say(lang, "wait.nobody_yet", queue=office.queue_title(queue, lang), promise=promise)


def _status_line(office: Office, ticket: TicketView, now: datetime, lang: str) -> str:
    key = "status.line_assigned" if ticket.assignee else "status.line_queued"
    if ticket.follows or ticket.status == "bot":
        key = "status.line_follows"
    due = ticket.due
    promise = say(lang, "promise.soon")
    if due is not None and due > now:
        promise = say(lang, "promise.due", due=spoken_time(due, now, office.zone, lang))
    return say(lang, key, number=ticket.number, category=office.title(ticket.category, lang),
               queue=office.queue_title(ticket.queue, lang), agent=ticket.assignee, promise=promise)  # fmt: skip
