"""What agents look at: queues, one ticket's story, what is due next. Nothing here changes anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import Session, col, select

from triagebot.desk import buttons, cards, tickets
from triagebot.desk.buttons import Answer
from triagebot.desk.office import Office
from triagebot.desk.team import pages
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Event, Ticket
from triagebot.text import clip, one_line, spoken_span, spoken_time

_MOST_LISTED = 20
_TIMELINE = 25

_URGENCY: tuple[Any, ...] = (
    case((col(Ticket.priority) == "P1", 0), else_=1),
    col(Ticket.due_at).asc().nulls_last(),
    col(Ticket.priority),
    col(Ticket.id),
)
"""Danger first, then what is due first; where nothing is due, by priority, then the oldest."""


def waiting(session: Session, queue: str = "", agent: Agent | None = None, most: int | None = None) -> list[Ticket]:
    """Tickets that people are responsible for, most urgent first; of ``agent``'s queues, and no more than ``most``."""
    return list(session.exec(select(Ticket).where(_among(queue, agent)).order_by(*_URGENCY).limit(most)))


def _among(queue: str, agent: Agent | None) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [col(Ticket.status).in_(sorted(HUMAN_STATES))]
    if queue:
        wanted.append(col(Ticket.queue) == queue)
    if agent is not None and agent.queues:
        wanted.append(col(Ticket.queue).in_(agent.queues.split(",")))
    return and_(*wanted)


def line(session: Session, office: Office, ticket: Ticket, lang: str, now: datetime) -> str:
    """One ticket on one line of a list."""
    head = say(lang, "list.line", mark=cards.MARKS.get(ticket.priority, ""), number=ticket.id,
               priority=ticket.priority, category=office.title(ticket.category, lang),
               status=cards.status_words(session, ticket, lang))  # fmt: skip
    return " ".join(part for part in (head, _due(office, ticket, lang, now)) if part)


def _due(office: Office, ticket: Ticket, lang: str, now: datetime) -> str:
    if ticket.due_at is None:
        return ""
    metric = say(lang, f"metric.{ticket.due_metric}")
    if ticket.due_at < now:
        return say(lang, "list.late", metric=metric, span=spoken_span((now - ticket.due_at).total_seconds(), lang))
    return say(lang, "list.due", metric=metric, at=spoken_time(ticket.due_at, now, office.zone, lang))


def queue(call: Call) -> Answer:
    """All queues, or the one named: /queue [name]."""
    wanted = call.text.strip()
    if wanted and wanted not in call.office.book.queues:
        raise DeskError(say(call.lang, "desk.no_such_queue", queue=wanted, known=", ".join(call.office.book.queues)))
    found = waiting(call.session, wanted, call.agent, _MOST_LISTED)
    if not found:
        return Answer(say(call.lang, "list.empty"))
    count = call.session.exec(select(func.count()).select_from(Ticket).where(_among(wanted, call.agent))).one()
    lines = [line(call.session, call.office, t, call.lang, call.now) for t in found]
    if count > len(found):
        lines.append(say(call.lang, "list.more", count=count - len(found)))
    return Answer("\n".join([say(call.lang, "list.head", count=count), *lines]), buttons.of_list(found))


def next_ticket(session: Session, agent: Agent, now: datetime) -> Ticket | None:
    """The most urgent ticket that nobody holds and that this agent may take; what was put off only comes when it is time."""
    awake = or_(col(Ticket.snoozed_until).is_(None), col(Ticket.snoozed_until) <= now)
    free = select(Ticket).where(_among("", agent), Ticket.status == "queued", col(Ticket.assignee_id).is_(None), awake)
    return session.exec(free.order_by(*_URGENCY).limit(1)).first()


def next_(call: Call) -> Answer:
    ticket = next_ticket(call.session, call.agent, call.now)
    if ticket is None:
        return Answer(say(call.lang, "list.empty"))
    card = cards.render(call.session, call.office, ticket, call.lang, call.now)
    return Answer(card.text, card.buttons)


def show(call: Call) -> Answer:
    """The card's words and the story so far."""
    ticket = call.the_ticket
    card = cards.render(call.session, call.office, ticket, call.lang, call.now)
    told = [_told(e, call) for e in tickets.timeline(call.session, ticket.id or 0)[-_TIMELINE:]]
    return Answer(clip("\n".join([card.text, "—", *(t for t in told if t)]), 3900), card.buttons)


def _told(event: Event, call: Call) -> str:
    at = spoken_time(event.at, call.now, call.office.zone, call.lang)
    who = event.data.get("agent_name") or say(call.lang, f"actor.{event.actor.partition(':')[0]}")
    return say(call.lang, "timeline.line", at=at, who=who, what=say(call.lang, f"event.{event.type}"),
               detail=one_line(_detail(event, call), 160)).rstrip("：: ")  # fmt: skip


def _detail(event: Event, call: Call) -> str:
    """Where it went or what it was called, then the words that were said about it."""
    data = event.data
    if "why" in data:
        return pages.how(call.lang, data["why"], data.get("to", ""))
    by_agent = event.type == "escalated" and event.actor.startswith("agent:")
    words = data.get("text") or ("" if by_agent else data.get("reason")) or ""
    about = ""
    if "queue" in data:
        about = call.office.queue_title(data["queue"], call.lang)
    elif data.get("macro") in call.office.book.macros:
        about = say(call.lang, "timeline.macro", title=call.office.book.macros[data["macro"]].title.in_(call.lang))
    elif not words and "category" in data:
        about = call.office.title(data["category"], call.lang)
    elif not words:
        about = str(
            data.get("title")
            or data.get("to")
            or data.get("priority")
            or data.get("stars")
            or data.get("tags")
            or data.get("step")
            or ""
        )
    return say(call.lang, "list.separator").join(part for part in (about, str(words)) if part)


def sla(call: Call) -> Answer:
    """What is due next, and what is late, over all tickets that this agent works on."""
    running = and_(_among("", call.agent), col(Ticket.due_at).is_not(None))
    late = case((col(Ticket.due_at) < call.now, 1), else_=0)
    count, overdue = call.session.exec(select(func.count(), func.sum(late)).select_from(Ticket).where(running)).one()
    if not count:
        return Answer(say(call.lang, "sla.nothing_due"))
    found = call.session.exec(
        select(Ticket).where(running).order_by(col(Ticket.due_at), col(Ticket.id)).limit(_MOST_LISTED)
    )
    rows = list(found)
    lines = [say(call.lang, "sla.head", count=count, late=overdue), *(_promise(call, ticket) for ticket in rows)]
    if count > len(rows):
        lines.append(say(call.lang, "list.more", count=count - len(rows)))
    return Answer("\n".join(lines), buttons.of_list(rows))


def _promise(call: Call, ticket: Ticket) -> str:
    due = ticket.due_at or call.now
    return say(call.lang, "sla.late" if due < call.now else "sla.due", number=ticket.id, priority=ticket.priority,
               queue=call.office.queue_title(ticket.queue, call.lang), metric=say(call.lang, f"metric.{ticket.due_metric}"),
               at=spoken_time(due, call.now, call.office.zone, call.lang),
               span=spoken_span((due - call.now).total_seconds(), call.lang))  # fmt: skip
