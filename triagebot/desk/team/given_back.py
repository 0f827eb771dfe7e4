"""Tickets of people who work here no more: back in their queues, so that somebody else sees and takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, Ticket

_MOST_NAMED = 20


def all_of(session: Session, office: Office, agent: Agent, actor: str, now: datetime) -> list[int]:
    """Give back what ``agent`` holds. Whoever works on these queues, and supervisors, hear it in one message; clocks go on.
    Returns the numbers, most urgent first."""
    theirs = select(Ticket).where(Ticket.assignee_id == agent.id, col(Ticket.status).in_(HUMAN_STATES))
    locked = theirs.order_by(col(Ticket.id)).with_for_update().execution_options(populate_existing=True)
    found = sorted(session.exec(locked), key=lambda t: (t.priority, t.id))
    for ticket in found:
        _give_back(session, office, ticket, agent, actor, now)
        cards.refresh(session, office, ticket, now)
    if found:
        _tell(session, found, agent, now)
    return [ticket.id or 0 for ticket in found]


def if_holder_is_gone(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """A ticket that goes on after its holder has left waits for anybody."""
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id is not None else None
    if holder is not None and not holder.active and ticket.status in HUMAN_STATES:
        _give_back(session, office, ticket, holder, "system", now)


def _give_back(session: Session, office: Office, ticket: Ticket, agent: Agent, actor: str, now: datetime) -> None:
    tickets.record(session, office, ticket, "returned", actor, now, {"was": agent.id, "from": agent.name})


def _tell(session: Session, found: Sequence[Ticket], gone: Agent, now: datetime) -> None:
    urgent = found[0].priority == "P1"
    for person in agents.listed(session):
        mine = [t for t in found if agents.works_on(person, t.queue) or agents.may(person, "supervisor")]
        to = agents.address(person)
        if to is None or not mine:
            continue
        named = "、".join(f"#{t.id}（{t.priority}）" if person.lang == "zh" else f"#{t.id} ({t.priority})"
                         for t in mine[:_MOST_NAMED])  # fmt: skip
        words = say(person.lang, "people.given_back", agent=gone.name, count=len(mine), tickets=named)
        buttons = ((Button(say(person.lang, "verb.show.button"), f"show:{mine[0].id}"),),)
        outbox.put(session, to, Outgoing(text=words, buttons=buttons), now=now,
                   priority=PRIORITY_URGENT if urgent else PRIORITY_NOTICE)  # fmt: skip
