"""What agents look at: queues, one ticket's story, what is due next. Nothing here changes anything."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from triagebot.desk import agents, cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import answer_due, ticket_clocks
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Event, Ticket
from triagebot.text import clip, one_line, spoken_span, spoken_time

_MOST_LISTED = 20
_TIMELINE = 25
_FAR = datetime.max.replace(tzinfo=UTC)


def waiting(session: Session, queue: str = "", agent: Agent | None = None) -> list[Ticket]:
    """Tickets that people are responsible for, most urgent first: by priority, then by what is due next."""
    query = select(Ticket).where(col(Ticket.status).in_(HUMAN_STATES))
    if queue:
        query = query.where(Ticket.queue == queue)
    found = [t for t in session.exec(query) if agent is None or agents.works_on(agent, t.queue)]
    return sorted(found, key=_urgency)


def _urgency(ticket: Ticket) -> tuple[str, datetime, int]:
    return (ticket.priority, ticket.next_due_at or _FAR, ticket.id or 0)


def line(session: Session, office: Office, ticket: Ticket, lang: str, now: datetime) -> str:
    """One ticket on one line of a list."""
    head = say(lang, "list.line", mark=cards.MARKS.get(ticket.priority, ""), number=ticket.id,
               priority=ticket.priority, category=office.title(ticket.category, lang),
               status=cards.status_words(session, ticket, lang))  # fmt: skip
    return " ".join(part for part in (head, cards.due_line(session, office, ticket, lang, now)) if part)


def queue(call: Call) -> str:
    """All queues, or the one named: /queue [name]."""
    wanted = call.text.strip()
    if wanted and wanted not in call.office.book.queues:
        raise DeskError(say(call.lang, "desk.no_such_queue", queue=wanted, known=", ".join(call.office.book.queues)))
    found = waiting(call.session, wanted, call.agent)
    if not found:
        return say(call.lang, "list.empty")
    lines = [line(call.session, call.office, t, call.lang, call.now) for t in found[:_MOST_LISTED]]
    if len(found) > _MOST_LISTED:
        lines.append(say(call.lang, "list.more", count=len(found) - _MOST_LISTED))
    return "\n".join([say(call.lang, "list.head", count=len(found)), *lines])


def next_ticket(session: Session, agent: Agent) -> Ticket | None:
    """The most urgent ticket that nobody holds and that this agent may take."""
    return next((t for t in waiting(session, agent=agent) if t.assignee_id is None), None)


def show(call: Call) -> str:
    """The card's words and the story so far."""
    ticket = call.the_ticket
    head = cards.render(call.session, call.office, ticket, call.lang, call.now).text
    told = [_told(e, call) for e in tickets.timeline(call.session, ticket.id or 0)[-_TIMELINE:]]
    return clip("\n".join([head, "—", *(t for t in told if t)]), 3900)


def _told(event: Event, call: Call) -> str:
    at = spoken_time(event.at, call.now, call.office.zone, call.lang)
    who = event.data.get("agent_name") or say(call.lang, f"actor.{event.actor.partition(':')[0]}")
    detail = event.data.get("text") or event.data.get("reason") or _detail(event, call)
    return say(call.lang, "timeline.line", at=at, who=who, what=say(call.lang, f"event.{event.type}"),
               detail=one_line(str(detail), 160)).rstrip("：: ")  # fmt: skip


def _detail(event: Event, call: Call) -> str:
    data = event.data
    if "queue" in data:
        return call.office.queue_title(data["queue"], call.lang)
    if "category" in data:
        return call.office.title(data["category"], call.lang)
    return str(
        data.get("to") or data.get("priority") or data.get("stars") or data.get("tags") or data.get("step") or ""
    )


def sla(call: Call) -> str:
    """What is due next, and what is late, over all tickets that this agent works on."""
    rows = []
    for ticket in waiting(call.session, agent=call.agent):
        due = answer_due(ticket_clocks(call.session, call.office, ticket, call.now))
        if due is not None:
            rows.append((due, ticket))
    rows.sort(key=lambda row: row[0])
    if not rows:
        return say(call.lang, "sla.nothing_due")
    late = sum(1 for due, _ in rows if due < call.now)
    lines = [say(call.lang, "sla.head", count=len(rows), late=late)]
    for due, ticket in rows[:_MOST_LISTED]:
        key = "sla.late" if due < call.now else "sla.due"
        lines.append(say(call.lang, key, number=ticket.id, priority=ticket.priority,
                         queue=call.office.queue_title(ticket.queue, call.lang),
                         at=spoken_time(due, call.now, call.office.zone, call.lang),
                         span=spoken_span((due - call.now).total_seconds(), call.lang)))  # fmt: skip
    return "\n".join(lines)
