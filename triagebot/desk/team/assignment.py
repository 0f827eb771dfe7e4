"""Giving tickets to people who said that they are available; what nobody can be given waits in its queue for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.team import agents, on_call
from triagebot.desk.team.workload import Load, whose_turn
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, Ticket

_AVAILABLE = (
    select(Agent)
    .where(col(Agent.active), col(Agent.available))
    .order_by(col(Agent.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def offer(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The ticket has come to its queue: it is given to who is available, or shown to everyone who works there; about a P1
    people are called. One that comes back to who had it is only shown."""
    waits = ticket.status == "queued"
    person = _take_up(session, office, ticket) if waits else None
    if person is not None:
        _give(session, office, ticket, person, now)
    else:
        cards.announce(session, office, ticket, now)
    if waits:
        on_call.begin(session, office, ticket, now)


def catch_up(session: Session, office: Office, now: datetime, limit: int = 200) -> int:
    """Give what waits, the most urgent first, to people who have room for it; returns how many tickets were given."""
    people = _available(session)
    if not people:
        return 0
    load = Load(session, people)
    room = _room(office, people, load)
    if not room:
        return 0
    query = (
        select(Ticket)
        .where(Ticket.status == "queued", col(Ticket.queue).in_(sorted(room)), col(Ticket.assignee_id).is_(None),
               col(Ticket.snoozed_until).is_(None))
        .order_by(col(Ticket.priority), col(Ticket.due_at).is_(None), col(Ticket.due_at), col(Ticket.id))
        .limit(min(limit, sum(room.values())))
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    given = 0
    for ticket in list(session.exec(query)):
        person = _chosen(office, ticket.queue, people, load)
        if person is not None:
            _give(session, office, ticket, person, now)
            load.moved(None, person.id)
            given += 1
    return given


def _available(session: Session) -> Sequence[Agent]:
    """On PostgreSQL nobody else gives them anything until the transaction ends: two would count the same tickets. Where nobody
    is available nothing is held."""
    if not any(a.available for a in agents.listed(session)):
        return ()
    return session.exec(_AVAILABLE).all()


def _take_up(session: Session, office: Office, ticket: Ticket) -> Agent | None:
    people = _available(session)
    return _chosen(office, ticket.queue, people, Load(session, people)) if people else None


def _chosen(office: Office, queue: str, people: Sequence[Agent], load: Load) -> Agent | None:
    fit = [a for a in people if agents.works_on(a, queue)]
    return whose_turn(fit, load.of(fit), _most(office, queue))


def _room(office: Office, people: Sequence[Agent], load: Load) -> dict[str, int]:
    """By queue, how many more tickets people may be given; only queues that have room."""
    has = load.of(people)
    found = {
        queue: sum(max(0, _most(office, queue) - has[a.id or 0]) for a in people if agents.works_on(a, queue))
        for queue in office.book.queues
    }
    return {queue: room for queue, room in found.items() if room}


def _most(office: Office, queue: str) -> int:
    known = office.book.queues.get(queue)
    return known.most_each if known is not None else 0


def _give(session: Session, office: Office, ticket: Ticket, person: Agent, now: datetime) -> None:
    tickets.record(session, office, ticket, "assigned", "system", now, {"agent": person.id, "to": person.name})
    person.assigned_at = now
    session.add(person)
    session.flush()
    cards.hand(session, office, ticket, person, now)
    to = agents.address(person)
    if to is None:
        return
    words = say(person.lang, "notice.assigned", number=ticket.id, priority=ticket.priority,
                category=office.title(ticket.category, person.lang),
                due=cards.due_line(session, office, ticket, person.lang, now)).rstrip()  # fmt: skip
    buttons = ((Button(say(person.lang, "verb.show.button"), f"show:{ticket.id}"),),)
    outbox.put(session, to, Outgoing(text=words, buttons=buttons, ticket=ticket.id), now=now,
               priority=PRIORITY_URGENT if ticket.priority == "P1" else PRIORITY_NOTICE, ticket_id=ticket.id)  # fmt: skip
